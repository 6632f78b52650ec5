import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import mongoose from 'mongoose';
import request from 'supertest';
import { addUser, makeApiKey } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import {
  addDestination,
  type Destination,
  listDestinations,
  type Message,
  messagesOf,
  passOn,
  replay,
  resume,
  rotateSecret,
  send,
} from '../../src/destinations/destinations';
import { disclosuresOf } from '../../src/exports/exports';
import * as jobs from '../../src/jobs/jobs';
import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { startWorker, type Worker } from '../../src/worker';
import { importDraft } from '../exports/desk';
import { browserOf } from '../exports/people';
import { type DnsServer, startDns } from '../support/dns';
import { ask, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { until } from '../support/until';
import { testServices, tokenIn } from '../web/app';

useStore();

interface Got {
  headers: IncomingHttpHeaders;
  body: string;
}

let dns: DnsServer;
let services: ReturnType<typeof testServices>;
let receiver: Server;
let [got, answer]: [Got[], { status: number; location?: string }] = [[], { status: 204 }];
const OWNER = { sponsor: 'acme-cloud' };
const base = testServices({
  WEBHOOK_PRIVATE_TARGETS: '127.0.0.1',
  WEBHOOK_RETRIES: '1s 2s',
  JOB_LOOK: '100ms',
  WEBHOOK_TIMEOUT: '1s',
});

beforeAll(async () => {
  dns = await startDns();
  const limits = { ...base.config.limits, dnsServers: [dns.address] };
  services = { ...base, config: { ...base.config, limits } };
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      got.push({ headers: request.headers, body });
      const { status, location } = answer;
      response.writeHead(status, location ? { location } : {}).end('an answer that nobody keeps');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, resolve));
});
afterAll(async () => {
  await dns.close();
  await new Promise((resolve) => receiver.close(resolve));
});

let destination: Destination & { secret: string };
const port = () => (receiver.address() as AddressInfo).port;
const messages = (): Promise<Message[]> => messagesOf(destination.id, OWNER, { page: 1, size: 100 });
const onlyMessage = async (): Promise<Message> => {
  const [one, ...more] = await messages();
  if (!one || more.length > 0) throw new Error(`${more.length + Number(Boolean(one))} messages`);
  return one;
};
/** One try, as the worker makes it. */
const tryNow = async (attempts = 0, firstAt = new Date(0)) => {
  const { id } = await onlyMessage();
  const job = { kind: 'disclose', key: id, payload: { message: id }, attempts, firstAt };
  return send(job, services, new AbortController().signal);
};
/** A lead of ACME Cloud's, settled and passed on. */
const shared = async (email = 'jane@acme-homes.example') => {
  const { lead } = await ask({ email });
  await ledger.settle(lead, new Date());
  await passOn(10);
  return lead;
};

beforeEach(async () => {
  await emptyStore();
  await importDraft();
  await sponsor('acme-cloud');
  [got, answer] = [[], { status: 204 }];
  dns.zone = { 'hook.test A': ['127.0.0.1'] };
  const url = `http://hook.test:${port()}/leads?key=1`;
  destination = await addDestination(OWNER, { name: 'CRM', url, by: 'ada@acme.example' }, services);
});

/** Standard Webhooks, checked by its text and without its library: HMAC-SHA256 over id.timestamp.body. */
function signature({ headers, body }: Got, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

describe('with a worker', () => {
  let worker: Worker;
  afterEach(() => worker.stop());

  test('a lead that becomes a sponsor’s is sent once, signed, and logged; one that doesn’t is not', async () => {
    worker = startWorker(services);
    const { lead } = await ask();
    await ask({ email: 'no@elsewhere.example', yes: [] });
    await until('the message was taken', async () => (await messages())[0]?.state === 'taken');
    expect(await ledger.newlyTheirs(10)).toEqual([]);
    expect(got).toHaveLength(1);
    const [one] = got as [Got];
    expect(one.headers['webhook-signature']).toBe(signature(one, destination.secret));
    expect(one.headers['webhook-id']).toBe((await onlyMessage()).id);
    expect(one.headers['content-type']).toBe('application/json');
    expect(JSON.parse(one.body)).toMatchObject({
      type: 'lead.shared',
      data: { lead_id: lead, email: 'jane@acme-homes.example', q_units: 'gt1000' },
    });
    expect(one.body).not.toContain('consent_publisher');
    const [disclosure] = await disclosuresOf(lead);
    expect(disclosure).toMatchObject({ format: 'webhook', destination: 'CRM', sponsor: 'acme-cloud', rows: 1 });
    expect(disclosure).toMatchObject({ state: 'complete', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

test('passed on twice, a lead is one message; a crash before it is told changes nothing', async () => {
  const lead = await shared();
  const { id } = await onlyMessage();
  await ledger.settle(lead, new Date());
  await passOn(10);
  expect((await onlyMessage()).id).toBe(id);
});

test('what fails is tried again later, with jitter, under the same id, and the log has each try', async () => {
  await shared();
  answer = { status: 500 };
  const before = Date.now();
  const first = await tryNow();
  if (first.state !== 'again') throw new Error(first.state);
  const wait = first.at.getTime() - services.now().getTime();
  expect(first).toMatchObject({ counts: true, reason: 'status 500' });
  expect(wait).toBeGreaterThanOrEqual(800);
  expect(wait).toBeLessThan(1200 + Date.now() - before);
  answer = { status: 202 };
  expect(await tryNow(1)).toEqual({ state: 'done' });
  const { state, tries, id } = await onlyMessage();
  expect([state, tries.map(({ status }) => status)]).toEqual(['taken', [500, 202]]);
  expect(got.map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
});

test('a redirect is not followed', async () => {
  await shared();
  answer = { status: 302, location: `http://127.0.0.1:${port()}/elsewhere` };
  expect(await tryNow()).toMatchObject({ state: 'again', reason: 'status 302' });
  expect(got).toHaveLength(1);
});

test('dead to the last try it is paused; resumed, it gets what waited and what failed', async () => {
  await shared();
  answer = { status: 503 };
  expect(await tryNow(2, services.now())).toMatchObject({ state: 'failed' });
  const [paused] = await listDestinations(OWNER);
  expect(paused).toMatchObject({ state: 'paused', reason: 'It took nothing for days.' });
  await shared('later@acme.example');
  expect((await messages()).map(({ state }) => state).sort()).toEqual(['failed', 'waiting']);
  await resume(destination.id, OWNER);
  for (const { id } of await messages()) expect(await jobs.find('disclose', id)).toMatchObject({ state: 'due' });
  expect((await messages()).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
});

test('whoever looks after it is told by mail that it is paused, and nobody else', async () => {
  const password = 'three words in a row';
  await addUser({ email: 'ada@acme.example', role: 'sponsor-admin', sponsor: 'acme-cloud', password });
  await addUser({ email: 'mo@acme.example', role: 'sponsor-member', sponsor: 'acme-cloud', password });
  await addUser({ email: 'nora@northgate.example', role: 'sponsor-admin', sponsor: 'northgate', password });
  await addUser({ email: 'staff@doors.example', role: 'admin', password });
  await shared();
  answer = { status: 410 };
  await tryNow();
  const worker = startWorker(services);
  const outbox = join(services.config.dataDir, 'outbox');
  const told = () =>
    (existsSync(outbox) ? readdirSync(outbox) : []).map((file) => readFileSync(join(outbox, file), 'utf8'));
  try {
    await until('two letters went', () => told().length >= 2);
  } finally {
    await worker.stop();
  }
  expect(
    told()
      .map((mail) => /^To: .*?([\w.]+@[\w.]+)/m.exec(mail)?.[1])
      .sort(),
  ).toEqual(['ada@acme.example', 'staff@doors.example']);
  for (const mail of told()) expect(mail).not.toContain('jane@');
});

test('on the portal an administrator adds one, sees its secret once, its log, and pauses and resumes it', async () => {
  const app = createApp(services);
  const ada = await browserOf(app, 'sponsor-admin', { email: 'ada@acme.example', sponsor: 'acme-cloud' });
  const member = await browserOf(app, 'sponsor-member', { email: 'mo@acme.example', sponsor: 'acme-cloud' });
  await member.get('/portal/destinations').expect(403);
  const page = '/portal/destinations';
  const post = async (path: string, body: object) =>
    ada
      .post(path)
      .type('form')
      .send({ ...body, _csrf: tokenIn((await ada.get(page)).text) });
  const refused = await post(page, { name: 'Inside', url: 'https://10.0.0.1/' });
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('not a public address')]);
  expect(refused.text).toContain('value="Inside"');
  const made = await post(page, { name: 'Warehouse', url: destination.url, profile: '' });
  expect(made.text).toMatch(/<code>whsec_/);
  await shared();
  const warehouse = (await listDestinations(OWNER)).find(({ name }) => name === 'Warehouse');
  const its = `${page}/${warehouse?.id}`;
  const log = await ada.get(its).expect(200);
  expect(log.text).toContain('waiting');
  expect(log.text).not.toContain('whsec_');
  await post(`${its}/pause`, {});
  expect((await ada.get(page)).text).toContain('Paused by ada@acme.example.');
  await post(`${its}/resume`, {});
  expect((await post(`${its}/replay`, { from: '2000-01-01', to: '2100-01-01' })).text).toContain(
    '1 will be sent again',
  );
  expect((await post(`${its}/replay`, { from: 'x', to: '' })).status).toBe(422);
  expect((await post(`${its}/rotate`, {})).text).toMatch(/<code>whsec_/);
  await post(`${its}/remove`, {});
  expect((await listDestinations(OWNER)).map(({ name }) => name)).toEqual(['CRM']);
});

test('one that has taken others since stays as it is when a single message fails', async () => {
  await shared();
  expect(await tryNow()).toEqual({ state: 'done' });
  await replay(destination.id, OWNER, { message: (await onlyMessage()).id });
  answer = { status: 400 };
  expect(await tryNow(2, new Date(0))).toMatchObject({ state: 'failed' });
  expect((await listDestinations(OWNER))[0]?.state).toBe('active');
});

test('gone (410) pauses at once, and the message waits', async () => {
  await shared();
  answer = { status: 410 };
  expect(await tryNow()).toEqual({ state: 'done' });
  expect((await listDestinations(OWNER))[0]).toMatchObject({ state: 'paused' });
  expect((await onlyMessage()).state).toBe('waiting');
});

test('what the sponsor may no longer have is withheld', async () => {
  const lead = await shared();

  await leads.withdraw(lead, 'acme-cloud', '/me', services.now());
  expect(await tryNow()).toEqual({ state: 'done' });
  expect((await onlyMessage()).state).toBe('withheld');
  expect(got).toEqual([]);
  expect(await disclosuresOf(lead)).toEqual([]);
});

test('a rotated secret signs beside the old one for a day', async () => {
  await shared();
  const { secret } = await rotateSecret(destination.id, OWNER, services);
  await tryNow();
  const [one] = got as [Got];
  expect(one.headers['webhook-signature']).toBe(`${signature(one, secret)} ${signature(one, destination.secret)}`);
  await replay(destination.id, OWNER, { from: new Date(0), to: new Date(8.64e15) });
  services.clock.now = new Date(services.clock.now.getTime() + 86_400_001);
  await tryNow();
  const last = got[1] as Got;
  expect(last.headers['webhook-signature']).toBe(signature(last, secret));
});

test('a name that points elsewhere later reaches nothing, and is asked for once a try', async () => {
  await shared();
  let asked = 0;
  const addresses = ['127.0.0.1', '127.0.0.2'];
  dns.zone = {
    get 'hook.test A'() {
      asked += 1;
      return [addresses[asked - 1] ?? '127.0.0.3'];
    },
  };
  // Were it asked again to connect, it would be led to 127.0.0.2, where the same receiver listens.
  expect(await tryNow()).toEqual({ state: 'done' });
  expect([asked, got.length]).toEqual([1, 1]);
  await replay(destination.id, OWNER, { message: (await onlyMessage()).id });
  expect(await tryNow()).toMatchObject({ state: 'again', reason: 'hook.test is not a public address' });
  expect(got).toHaveLength(1);
});

test('an address inside is refused when it is typed, in words', async () => {
  const inside = { name: 'x', url: 'https://169.254.169.254/latest', by: 'ada@acme.example' };
  await expect(addDestination(OWNER, inside, services)).rejects.toMatchObject({ code: 'target-refused' });
});

test('by API a secret is in the first answer alone: a repeat doesn’t have it, and neither has the store', async () => {
  const by = { sponsor: 'acme-cloud', createdBy: 'ada@acme.example' };
  const { text } = await makeApiKey({ name: 'CRM', verbs: ['destinations:write'], ...by }, services.now());
  const app = createApp(services);
  const add = () =>
    request(app)
      .post('/api/v1/destinations')
      .set({ Authorization: `Bearer ${text}`, 'Idempotency-Key': 'one' })
      .send({ name: 'Other', url: destination.url })
      .expect(201);
  const [first, repeat] = [await add(), await add()];
  expect(first.body.secret).toMatch(/^whsec_[\w+/]{43}=$/);
  const { secret: _, ...rest } = first.body;
  expect(repeat.body).toEqual(rest);
  // Past the rooms, whose questions are on a list.
  const past = await mongoose
    .createConnection(process.env['GATEFOLD_TEST_URI'] ?? '', { dbName: mongoose.connection.name })
    .asPromise();
  const collections = (await past.db?.collections()) ?? [];
  const rows = await Promise.all(collections.map((one) => one.find({}).toArray()));
  await past.close();
  expect(JSON.stringify(rows)).toContain('Other');
  expect(JSON.stringify(rows)).not.toContain(first.body.secret);
});
