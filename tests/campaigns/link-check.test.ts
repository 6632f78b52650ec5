import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Campaign } from '../../src/campaigns/campaign.types';
import { checkedLinks, checkLinks, outsideLinks } from '../../src/campaigns/link-check';
import { readLimits } from '../../src/limits';
import { type DnsServer, startDns } from '../support/dns';
import { useStore } from '../support/store';

/** Against a real name server and a real web server, whose address the publisher's list lets through. */
useStore();
jest.setTimeout(30_000);

const ANSWERS: Record<string, RequestListener> = {
  '/there': (_request, response) => response.end('here'),
  '/gone': (_request, response) => response.writeHead(410).end(),
  '/nowhere': (_request, response) => response.writeHead(404).end(),
  '/robots': (_request, response) => response.writeHead(403).end(),
  '/broken': (_request, response) => response.writeHead(503).end(),
  '/moved': (_request, response) => response.writeHead(301, { location: '/nowhere' }).end(),
  '/round': (_request, response) => response.writeHead(302, { location: '/round' }).end(),
  '/inside': (_request, response) => response.writeHead(302, { location: 'http://inside.example/' }).end(),
  '/silent': () => undefined,
};

let dns: DnsServer;
let server: Server;
let base: string;
const asked: string[] = [];

beforeAll(async () => {
  dns = await startDns({ 'shop.example A': ['127.0.0.1'], 'inside.example A': ['10.0.0.1'] });
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    ANSWERS[request.url ?? '']?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://shop.example:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await dns.close();
});

const limits = () => readLimits({ DNS_SERVERS: dns.address, WEBHOOK_PRIVATE_TARGETS: '127.0.0.1' });
const NOW = new Date('2026-11-27T12:00:00Z');

test('what its own server says is gone is gone, and what nobody can know is not', async () => {
  const urls = [
    ...Object.keys(ANSWERS).map((path) => base + path),
    'https://nobody.example/',
    'http://inside.example/',
  ];
  const began = Date.now();
  await checkLinks(urls, limits(), NOW);
  expect(Date.now() - began).toBeLessThan(15_000);
  const found = new Map(
    (await checkedLinks(urls)).map(({ _id, state, found: words }) => [_id.replace(base, ''), `${state}: ${words}`]),
  );
  expect(Object.fromEntries(found)).toEqual({
    '/there': 'alive: it answers 200',
    '/gone': 'gone: it answers 410',
    '/nowhere': 'gone: it answers 404',
    '/robots': 'alive: it answers 403',
    '/broken': 'unknown: it answers 503',
    '/moved': 'gone: it answers 404',
    '/round': 'unknown: it is sent on without end',
    '/inside': 'unknown: inside.example is not a public address',
    '/silent': 'unknown: no answer in time',
    'https://nobody.example/': 'unknown: nobody.example has no address',
    'http://inside.example/': 'unknown: inside.example is not a public address',
  });
});

test('nothing of the publisher’s own network is asked, unless it is on the list', async () => {
  asked.length = 0;
  await checkLinks([`${base}/there`], readLimits({ DNS_SERVERS: dns.address }), NOW);
  expect(asked).toEqual([]);
  expect(await checkedLinks([`${base}/there`])).toMatchObject([{ state: 'unknown' }]);
});

test('the links are those of pages, messages and privacy notices, each once', () => {
  const campaign = {
    body: 'See [the survey](https://a.example/survey) and [us](/privacy).',
    thanks: '[Again](https://a.example/survey) or [write](mailto:x@a.example)',
    article: { markdown: '## More\n\n- <https://b.example/report>' },
    mail: {
      subject: 'x',
      body: '[Yours]({{copyUrl}}) and [more](https://c.example/?for={{ref}})',
      followUps: [{ afterDays: 1, subject: 'x', body: '[Talk](http://d.example/)', consent: 'acme' }],
    },
  } as unknown as Campaign;
  const site = { privacyUrl: 'https://doors.example/privacy' } as Parameters<typeof outsideLinks>[2];
  expect(outsideLinks(campaign, [{ privacyUrl: 'https://acme.example/privacy' }, {}], site)).toEqual([
    'http://d.example/',
    'https://a.example/survey',
    'https://acme.example/privacy',
    'https://b.example/report',
    'https://doors.example/privacy',
  ]);
});
