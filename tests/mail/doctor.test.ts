import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authenticate } from 'mailauth';
import { openDns } from '../../src/mail/dns';
import { type Check, examine, type MailSetUp } from '../../src/mail/mail';
import { type DnsServer, startDns } from '../support/dns';
import { type SmtpSink, startSmtp } from '../support/smtp';
import { newKey } from './dkim';
import { letter, mailer, temporaryFolder } from './letter';

let dns: DnsServer;
let sink: SmtpSink;

beforeAll(async () => {
  [dns, sink] = await Promise.all([startDns(), startSmtp()]);
});
afterAll(() => Promise.all([dns.close(), sink.close()]));

let dkim: ReturnType<typeof newKey>;
beforeEach(() => {
  dkim = newKey();
});
/** The relay is on this machine, so the mail leaves from where the pages are. */
const setUp = (change: Partial<MailSetUp> = {}): MailSetUp => ({
  from: 'papers@doors.example',
  contact: 'editor@doors.example',
  smtpUrl: sink.url,
  dkim,
  publicHost: 'papers.doors.example',
  dnsServers: [dns.address],
  ...change,
});
const HOSTS = {
  'papers.doors.example A': ['192.0.2.7'],
  'mx.doors.example A': ['192.0.2.9'],
  'doors.example MX': ['10 mx.doors.example'],
};

const byWhat = (checks: Check[]) => Object.fromEntries(checks.map((check) => [check.what, check]));
const look = async (change: Partial<MailSetUp> = {}) => byWhat(await examine(setUp(change)));

test('nothing is set up: each check says which record to add, and with those in place all is good, for a receiver too', async () => {
  dns.zone = { 'papers.doors.example A': ['192.0.2.7'] };
  const before = await examine(setUp());
  expect(before.map(({ what, state, record }) => [what, state, record?.name, record?.type])).toEqual([
    ['Mail server', 'good', undefined, undefined],
    ['SPF', 'bad', 'doors.example', 'TXT'],
    ['DKIM', 'bad', 's1._domainkey.doors.example', 'TXT'],
    ['DMARC', 'bad', '_dmarc.doors.example', 'TXT'],
    ['MX', 'bad', 'doors.example', 'MX'],
  ]);
  expect(before.map(({ record }) => record?.value)).toEqual([
    undefined,
    'v=spf1 a:papers.doors.example ~all',
    expect.stringMatching(/^v=DKIM1; k=rsa; p=[\w+/]{300,}={0,2}$/),
    'v=DMARC1; p=none; rua=mailto:editor@doors.example',
    '10 mail.doors.example.',
  ]);
  // What it says, word for word.
  const added = before.flatMap(({ record }) =>
    record ? [[`${record.name} ${record.type}`, [record.value.replace(/\.$/, '')]] as const] : [],
  );
  dns.zone = { ...dns.zone, 'mail.doors.example A': ['192.0.2.9'], ...Object.fromEntries(added) };
  expect((await examine(setUp())).map(({ state }) => state)).toEqual(['good', 'good', 'good', 'good', 'good']);

  const out = mailer({ smtpUrl: sink.url, dkim, from: 'Doors <papers@doors.example>', returnDomain: 'sender' });
  // RFC 5322, 2.1.1: headers that are folded, and one that is not (nodemailer, issue 1654).
  const unsubscribe = `https://papers.doors.example/u/${'a-long-token-'.repeat(40)}`;
  const long = letter({ unsubscribe, returnTo: 'bounce-1', subject: 'Żółć, '.repeat(60) });
  expect(await out.send(long)).toMatchObject({ outcome: 'accepted' });
  const [got] = sink.received;
  if (!got) throw new Error('no mail');
  const judged = await authenticate(got.raw, {
    ip: '192.0.2.7',
    helo: 'papers.doors.example',
    sender: got.from,
    resolver: openDns([dns.address]).resolve,
    disableArc: true,
    disableBimi: true,
  });
  expect(judged.spf ? judged.spf.status.result : '').toBe('pass');
  expect(judged.dkim.results.map(({ status }) => status.result)).toEqual(['pass']);
  expect(judged.dmarc ? judged.dmarc.status.result : '').toBe('pass');
  expect(judged.dmarc ? judged.dmarc.alignment : {}).toMatchObject({
    spf: { result: 'doors.example' },
    dkim: { result: 'doors.example' },
  });
});

test.each<[string, string[], string, string | undefined]>([
  ['lets us in by an include', ['v=spf1 include:_spf.doors.example -all'], 'good', undefined],
  [
    'names others only',
    ['v=spf1 ip4:203.0.113.0/24 -all'],
    'bad',
    'v=spf1 a:papers.doors.example ip4:203.0.113.0/24 -all',
  ],
  [
    'is there twice',
    ['v=spf1 mx ~all', 'v=spf1 include:_spf.doors.example -all'],
    'bad',
    'v=spf1 a:papers.doors.example mx include:_spf.doors.example ~all',
  ],
  [
    'includes itself for ever',
    ['v=spf1 include:doors.example -all'],
    'bad',
    'v=spf1 a:papers.doors.example include:doors.example -all',
  ],
])('SPF that %s', async (_, spf, state, record) => {
  dns.zone = {
    ...HOSTS,
    'doors.example TXT': ['some=other', ...spf],
    '_spf.doors.example TXT': ['v=spf1 ip4:192.0.2.7 -all'],
  };
  const { SPF } = await look();
  expect([SPF?.state, SPF?.record?.value]).toEqual([state, record]);
});

test('a provider sends from its own addresses, so its record must be included, directly or through others', async () => {
  dns.zone = { ...HOSTS, 'doors.example TXT': ['v=spf1 mx -all'] };
  // Port 1: nobody is asked for anything but DNS.
  const provider = { smtpUrl: 'smtp://smtp.sendgrid.net:1' };
  expect((await look(provider))['SPF']?.record?.value).toBe('v=spf1 include:sendgrid.net mx -all');
  dns.zone = {
    ...HOSTS,
    'doors.example TXT': ['v=spf1 include:all.doors.example -all'],
    'all.doors.example TXT': ['v=spf1 include:sendgrid.net ~all'],
  };
  expect((await look(provider))['SPF']?.state).toBe('good');
});

test('a foreign envelope or signature does not count for DMARC, and is told', async () => {
  dns.zone = {
    ...HOSTS,
    'bounces.other.example TXT': ['v=spf1 ip4:192.0.2.7 -all'],
    's1._domainkey.other.example TXT': ['v=DKIM1; p=AAAA'],
    '_dmarc.doors.example TXT': ['v=DMARC1; p=perhaps'],
    'doors.example MX': ['0 .'],
  };
  const found = await look({ returnDomain: 'bounces.other.example', dkim: { ...dkim, domain: 'other.example' } });
  expect(found['SPF']).toMatchObject({ state: 'warning', about: 'bounces.other.example' });
  expect(found['DKIM']).toMatchObject({ state: 'bad', advice: expect.stringContaining('not of the key') });
  expect(found['DMARC']).toMatchObject({ state: 'bad', record: { name: '_dmarc.doors.example' } });
  expect(found['MX']).toMatchObject({ about: 'bounces.other.example', record: { value: '10 papers.doors.example.' } });
});

test('the organisation’s DMARC record counts below it; weak keys and missing ones are told; an umlaut is asked as DNS has it', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const keyFile = join(temporaryFolder(), 'weak.pem');
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const p = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  dns.zone = {
    '_dmarc.xn--tren-0ra.example TXT': ['v=DMARC1; p=reject'],
    's1._domainkey.news.xn--tren-0ra.example TXT': [`k=rsa; p=${p}`],
  };
  const found = await look({
    from: 'x@news.türen.example',
    dkim: { domain: 'news.türen.example', selector: 's1', keyFile },
  });
  expect(found['DMARC']).toMatchObject({ state: 'good', about: '_dmarc.xn--tren-0ra.example' });
  expect(found['DKIM']).toMatchObject({ state: 'warning', found: expect.stringContaining('1024 bits') });
  const nothing = await look({ smtpUrl: undefined, dkim: undefined });
  expect([nothing['Mail server']?.state, nothing['DKIM']?.state]).toEqual(['warning', 'warning']);
});

test('a name server that gives no answer, and a mail server that lets nobody in, are told and break nothing', async () => {
  const closed = await startDns();
  await closed.close();
  sink.mood = { code: 554, text: 'go away', at: 'connect' };
  const found = await look({ dnsServers: [closed.address] });
  sink.mood = 'accept';
  expect(found['Mail server']).toMatchObject({ state: 'bad', found: expect.stringContaining('go away') });
  expect([found['SPF'], found['DKIM'], found['DMARC'], found['MX']].map((check) => check?.state)).toEqual(
    Array(4).fill('unknown'),
  );
});
