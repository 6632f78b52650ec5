import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import request, { type Agent } from 'supertest';
import { listAudit } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import {
  exportSuppressions,
  importSuppressions,
  listDeliveries,
  readEntry,
  suppress,
  unsuppress,
} from '../../src/deliveries/deliveries';
import { person, signIn } from '../accounts/browser';
import { tokenIn } from '../web/app';
import { ask, useDesk } from './desk';

const { services, sink, work } = useDesk();
const at = new Date('2026-11-24T10:00:00Z');
const PATH = '/staff/suppressions';

test('everything kept back: even what is asked for is not sent, and the delivery says so', async () => {
  await suppress({ who: '@acme.example', purpose: '*', why: 'staff', at });
  const asked = await ask(services, { email: 'ada@ACME.example' });
  expect(await work(asked.ref)).toEqual({ state: 'done' });
  expect((await listDeliveries(asked.lead))[0]).toMatchObject({ state: 'suppressed' });
  const other = await ask(services, { email: 'ada@sub.acme.example' });
  await work(other.ref);
  expect(sink().received.map(({ to }) => to)).toEqual([['ada@sub.acme.example']]);
});

test('an entry is known by any spelling of its address, and goes again', async () => {
  expect(await suppress({ who: 'Jörg@BÜCHER.example', purpose: 'follow-ups', why: 'staff', at })).toBe(true);
  expect(await suppress({ who: 'jörg@xn--bcher-kva.example', purpose: 'follow-ups', why: 'staff', at })).toBe(false);
  expect(await unsuppress('jörg@bücher.EXAMPLE', 'follow-ups')).toBe(true);
  expect(await unsuppress('jörg@bücher.EXAMPLE', 'follow-ups')).toBe(false);
});

test.each(['', 'ada', '@', 'a b@c.example', 'ada@acme.example\r\nBcc: x@y.example'])('%j is no entry', (who) => {
  expect(() => readEntry(who, '')).toThrow(expect.objectContaining({ code: 'suppression-entry' }));
});

describe('as a file', () => {
  const read = (csv: string) => importSuppressions(Readable.from([csv]), 'cli:test', at);
  const written = () => text(exportSuppressions());

  test('out and in again is the same list; what a spreadsheet would run is text there', async () => {
    await suppress({ who: '=cmd@acme.example', purpose: 'news', why: 'unsubscribed', at });
    await suppress({ who: '@acme.example', purpose: '*', why: 'staff', at, by: 'max@doors.example' });
    const csv = await written();
    expect(csv.split('\r\n')).toEqual([
      'who,purpose,why,at,by',
      "'@acme.example,*,staff,2026-11-24T10:00:00.000Z,max@doors.example",
      "'=cmd@acme.example,news,unsubscribed,2026-11-24T10:00:00.000Z,",
      '',
    ]);
    expect(await read(csv)).toEqual({ added: 0, known: 2, wrong: [] });
    await unsuppress('@acme.example', '*');
    expect(await read(csv)).toEqual({ added: 1, known: 1, wrong: [] });
  });

  test('one address a line is enough; other columns and their order don’t matter; wrong lines are told', async () => {
    expect(await read('\uFEFFada@acme.example\r\n@spam.example\r\n\r\nnobody\r\n')).toMatchObject({
      added: 2,
      wrong: [{ line: expect.any(Number), message: expect.stringContaining('nobody') }],
    });
    expect(await read('name,purpose,email\n"Harrow, Ada",*,ada@acme.example\n')).toMatchObject({ added: 1, wrong: [] });
    expect(await written()).toContain('ada@acme.example,*,imported');
  });
});

describe('the page', () => {
  let app: ReturnType<typeof createApp>;
  beforeAll(() => {
    app = createApp(services);
  });
  async function signedIn(role: Parameters<typeof person>[0]): Promise<Agent> {
    const agent = request.agent(app);
    expect((await signIn(agent, await person(role))).status).toBe(303);
    return agent;
  }
  const post = async (agent: Agent, path: string, fields: object) =>
    agent
      .post(path)
      .type('form')
      .send({ _csrf: tokenIn((await agent.get(PATH)).text), ...fields });

  test('staff add, find, take off, import and export; each is written down', async () => {
    const staff = await signedIn('marketer');
    expect((await post(staff, PATH, { who: '@bad.example', purpose: '*' })).status).toBe(303);
    const wrong = await post(staff, PATH, { who: 'nobody <b>', purpose: '*' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('value="nobody &lt;b&gt;"');
    const found = await staff.get(`${PATH}?who=@BAD.example`).expect(200);
    expect(found.text).toContain('by marketer@doors.example');
    const imported = await staff
      .post(`${PATH}/import`)
      .field('_csrf', tokenIn(found.text))
      .attach('list', Buffer.from('x@bad.example\nnope\n'), 'list.csv');
    expect(imported.text).toMatch(/1 added, 0 known before, 1 left out/);
    const csv = await staff
      .get(`${PATH}.csv`)
      .expect(200)
      .expect('Content-Type', /text\/csv/);
    expect(csv.text).toContain('x@bad.example,follow-ups,imported');
    expect((await post(staff, `${PATH}/remove`, { who: '@bad.example', purpose: '*' })).status).toBe(303);
    expect((await staff.get(`${PATH}?who=@bad.example`)).text).toContain('@bad.example is not on the list');
    const actions = (await listAudit()).map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining([
        'suppressed',
        'imported suppressions',
        'exported suppressions',
        'took off the suppressions',
      ]),
    );
  });

  test('a page holds fifty, and leads to the older ones', async () => {
    for (let n = 0; n < 60; n += 1)
      await suppress({ who: `r${n}@acme.example`, purpose: 'follow-ups', why: 'staff', at });
    const staff = await signedIn('analyst');
    const first = (await staff.get(PATH).expect(200)).text;
    const next = /rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = (await staff.get(`${PATH}${next}`).expect(200)).text;
    const seen = [...`${first}${second}`.matchAll(/>(r\d+@acme\.example)</g)].map(([, who]) => who);
    expect(new Set(seen).size).toBe(60);
    await staff.get(`${PATH}?after=x`).expect(200);
  });

  test('analysts look only; sponsors and strangers don’t; nor does a form from elsewhere', async () => {
    const analyst = await signedIn('analyst');
    expect((await analyst.get(PATH).expect(200)).text).not.toContain('action="/staff/suppressions');
    await analyst.get(`${PATH}.csv`).expect(403);
    expect((await post(analyst, PATH, { who: '@x.example' })).status).toBe(403);
    await (await signedIn('sponsor-admin')).get(PATH).expect(403);
    await request(app).get(PATH).expect(303);
    await (await signedIn('admin')).post(PATH).type('form').send({ who: '@x.example' }).expect(403);
  });
});
