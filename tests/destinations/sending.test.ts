import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { addDestination, messagesOf, passOn, send } from '../../src/destinations/destinations';
import { disclosuresOf, putProfile, removeProfile } from '../../src/exports/exports';
import { standard } from '../../src/exports/profile.types';
import * as ledger from '../../src/ledger/ledger';
import { importDraft } from '../exports/desk';
import { type DnsServer, startDns } from '../support/dns';
import { ask, sponsor } from '../support/seeds';
import { emptyWholeStore, useStore } from '../support/store';
import { until } from '../support/until';
import { testServices } from '../web/app';

/**
 * Messages to a sponsor's system over TLS, sent by worker processes of their own. The certificate is for hook.test:
 *   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=hook.test \
 *     -addext subjectAltName=DNS:hook.test -keyout hook.key -out hook.crt
 */
useStore();
jest.setTimeout(60_000);
const TLS = join(__dirname, '../fixtures/tls');
const CERTIFICATE = join(TLS, 'hook.crt');
const OWNER = { sponsor: 'acme-cloud' };

interface Got {
  path: string;
  id: string;
  data: Record<string, unknown>;
}

let dns: DnsServer;
let receiver: Server;
let got: Got[];
/** Requests that have arrived and wait for their answer. */
let open: { path: string; response: ServerResponse }[];
let holds: boolean;
let workers: ChildProcess[];
const base = testServices({ WEBHOOK_PRIVATE_TARGETS: '127.0.0.1', WEBHOOK_TIMEOUT: '20s' });
const services = () => ({
  ...base,
  config: { ...base.config, limits: { ...base.config.limits, dnsServers: [dns.address] } },
});

beforeAll(async () => {
  dns = await startDns();
  const pair = { key: readFileSync(join(TLS, 'hook.key')), cert: readFileSync(CERTIFICATE) };
  receiver = createServer(pair, (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      got.push({ path, id: String(request.headers['webhook-id']), data: JSON.parse(body).data });
      if (!holds) return response.writeHead(204).end();
      open.push({ path, response });
      response.on('close', () => {
        open = open.filter((one) => one.response !== response);
      });
      return undefined;
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, resolve));
});
afterAll(async () => {
  await dns.close();
  await new Promise((resolve) => receiver.close(resolve));
});

beforeEach(async () => {
  await emptyWholeStore();
  await importDraft();
  await sponsor('acme-cloud');
  [got, open, holds, workers] = [[], [], false, []];
  dns.zone = { 'hook.test A': ['127.0.0.1'], 'other.test A': ['127.0.0.1'] };
});
afterEach(async () => {
  const gone = workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  for (const one of gone) one.kill('SIGKILL');
  await Promise.all(gone.map((one) => once(one, 'exit')));
});

const at = (path: string, host = 'hook.test') => `https://${host}:${(receiver.address() as AddressInfo).port}${path}`;
const add = (path: string, more: { host?: string; profile?: string } = {}) =>
  addDestination(
    OWNER,
    {
      name: path.slice(1),
      url: at(path, more.host),
      by: 'ada@acme.example',
      ...(more.profile && { profile: more.profile }),
    },
    services(),
  );
const messages = (id: string) => messagesOf(id, OWNER, { page: 1, size: 100 });

async function shared(n = 0): Promise<string> {
  const { lead } = await ask({ email: `reader${n}@d${n}.example` });
  await ledger.settle(lead, new Date());
  await passOn(10);
  return lead;
}

/** A worker on this test's database, which trusts the receiver's certificate. */
function startWorkerProcess(): ChildProcess {
  const env = {
    ...process.env,
    DATA_DIR: base.config.dataDir,
    SECRET_KEY: 'a secret for tests only',
    ...{ DNS_SERVERS: dns.address, WEBHOOK_PRIVATE_TARGETS: '127.0.0.1', WEBHOOK_TIMEOUT: '20s' },
    ...{ JOB_LOOK: '100ms', JOB_LEASE: '1s', NODE_EXTRA_CA_CERTS: CERTIFICATE },
  };
  const script = join(__dirname, '../support/work-as.mjs');
  const uri = String(process.env['GATEFOLD_TEST_URI']);
  const args = [script, uri, String(mongoose.connection.db?.databaseName)];
  const worker = spawn(process.execPath, args, { env, stdio: 'inherit' });
  workers.push(worker);
  return worker;
}

test('a worker that is killed in the middle of a message loses nothing: another sends it under the same id', async () => {
  const { id } = await add('/crm');
  const lead = await shared();
  holds = true;
  const doomed = startWorkerProcess();
  await until('the message is under way', async () => open.length === 1);
  doomed.kill('SIGKILL');
  await once(doomed, 'exit');
  expect((await messages(id)).map(({ state }) => state)).toEqual(['waiting']);
  holds = false;
  startWorkerProcess();
  await until('the message was taken', async () => (await messages(id))[0]?.state === 'taken');
  const [message, ...more] = await messages(id);
  expect(more).toEqual([]);
  expect(got.map((one) => [one.id, one.data['lead_id']])).toEqual([
    [message?.id, lead],
    [message?.id, lead],
  ]);
  // Both left the house, so both are on record: the first as one of which nobody knows whether it arrived.
  expect((await disclosuresOf(lead)).map(({ state }) => state).sort()).toEqual(['complete', 'running']);
});

test('two messages at once go to one destination, and one that is slow holds up no other', async () => {
  const slow = await add('/slow');
  for (let n = 0; n < 5; n += 1) await shared(n);
  holds = true;
  startWorkerProcess();
  await until('two are under way', async () => open.length === 2);
  const quick = await add('/quick');
  await shared(5);
  await until('the other destination is told', async () => got.some(({ path }) => path === '/quick'));
  expect(open.filter(({ path }) => path === '/slow')).toHaveLength(2);
  expect(got.filter(({ path }) => path === '/slow')).toHaveLength(2);
  holds = false;
  for (const { response } of open) response.writeHead(204).end();
  await until('all are taken', async () => {
    const all = [...(await messages(slow.id)), ...(await messages(quick.id))];
    return all.length === 7 && all.every(({ state }) => state === 'taken');
  });
  expect(new Set(got.map(({ id }) => id)).size).toBe(7);
});

test('a certificate that nobody vouches for, or of another name, gets no lead', async () => {
  const [unknown, misnamed] = [await add('/unknown'), await add('/misnamed', { host: 'other.test' })];
  const lead = await shared();
  // This process does not trust the receiver.
  for (const { id } of [unknown, misnamed]) {
    const [message] = await messages(id);
    const job = { kind: 'disclose', key: '', payload: { message: message?.id }, attempts: 0, firstAt: new Date(0) };
    const outcome = await send(job, services(), new AbortController().signal);
    expect(outcome).toMatchObject({ state: 'again', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  }
  startWorkerProcess();
  await until('the one that is vouched for is told', async () => (await messages(unknown.id))[0]?.state === 'taken');
  await until('the other is refused', async () => ((await messages(misnamed.id))[0]?.tries.length ?? 0) > 1);
  const tries = (await messages(misnamed.id))[0]?.tries.map(({ error }) => error);
  expect(tries).toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID']);
  expect(got.map(({ path }) => path)).toEqual(['/unknown']);
  expect((await disclosuresOf(lead)).map(({ destination }) => destination)).toEqual(['unknown']);
});

test('a profile decides the columns; once it is removed, the contract’s own go', async () => {
  const look = { ...standard('ndjson'), columns: [{ source: 'email', header: 'Work e-mail', ifEmpty: '' }] };
  const profile = await putProfile({ ...look, ...OWNER, name: 'CRM', by: 'ada@acme.example' });
  const { id } = await add('/crm', { profile: profile.id });
  startWorkerProcess();
  await shared(1);
  await until('it was taken', async () => (await messages(id))[0]?.state === 'taken');
  expect(got.map(({ data }) => data)).toEqual([{ 'Work e-mail': 'reader1@d1.example' }]);
  await removeProfile(profile.id, 'acme-cloud');
  const next = await shared(2);
  await until('so was the next', async () => got.length === 2);
  expect(got[1]?.data).toMatchObject({ lead_id: next, email: 'reader2@d2.example', q_units: 'gt1000' });
});
