import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import request from 'supertest';
import { addUser, listAccounts } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import { cookieOf, PASSWORD, signIn } from '../accounts/browser';
import { ask, NOW, SLUG } from '../support/seeds';
import { useStore } from '../support/store';
import { testServices, tokenIn } from '../web/app';
import { importDraft, onlyDisclosure, take, takeAll } from './desk';
import { browserOf } from './people';

/** More than the buffers of a connection hold: a download that is not read comes to a stop in the middle. */
const COUNT = 16_000;
const CONTRACT = `${SLUG}/acme-cloud`;

useStore();
const trouble: string[] = [];
const services = testServices({}, pino({ level: 'error' }, { write: (line) => void trouble.push(line) }));
/** Past the rooms and the list of queries: only what the rooms themselves ask is held to it. */
const held: { past?: Connection } = {};
beforeAll(async () => {
  const uri = process.env['GATEFOLD_TEST_URI'] ?? '';
  held.past = await mongoose.createConnection(uri, { dbName: mongoose.connection.name }).asPromise();
  await importDraft();
  await ask();
  await keepIndexesOfExports();
  await copyLead();
}, 120_000);
beforeEach(async () => {
  for (const name of ['disclosures', 'disclosedleads']) await collection(name).deleteMany({});
});
afterAll(() => held.past?.close());

function collection<Row extends object = { _id: string }>(name: string) {
  if (!held.past) throw new Error('the connection is there from beforeAll on');
  return held.past.collection<Row>(name);
}

/** Ten thousand leads are put there in a fraction of the time without the indexes that no export asks. */
async function keepIndexesOfExports(): Promise<void> {
  for (const name of ['leads', 'settlements']) await collection(name).dropIndexes();
  await collection('leads').createIndex({ campaign: 1, _id: 1 });
  await collection('leads').createIndex({ campaign: 1, status: 1, settledAt: 1 });
  await collection('settlements').createIndex({ contract: 1, decision: 1, lead: 1 });
}

/** Puts copies of the only lead beside it, each with an address of its own, and settles all as the sponsor's. */
async function copyLead(): Promise<void> {
  const leads = collection<{ _id: string }>('leads');
  const lead = await leads.findOneAndUpdate({}, { $set: { settledAt: NOW } }, { returnDocument: 'after' });
  const copies = Array.from({ length: COUNT - 1 }, (_, n) => {
    const _id = String(n)
      .padStart(12, '0')
      .replace(/(.{4})(.{4})/, '$1-$2-');
    return { ...lead, _id, email: `r${n}@x.example`, emailKey: `r${n}@x.example` };
  });
  const settlements = [...copies, { _id: lead?._id ?? '' }].map(({ _id }) => {
    const settlement = { contract: CONTRACT, lead: _id, decision: 'billable', rule: 'place', evidence: '', at: NOW };
    return { _id: `${CONTRACT}/${_id}`, ...settlement };
  });
  for (let n = 0; n < COUNT; n += 1000) {
    const settled = collection('settlements').insertMany(settlements.slice(n, n + 1000));
    await Promise.all([leads.insertMany(copies.slice(n, n + 1000)), settled]);
  }
}

const taken = (who: string, format: 'csv' | 'ndjson' | 'xlsx') =>
  who === 'staff' ? takeAll(format) : take({ format });

/** How many leads are on record as disclosed. */
async function disclosed(): Promise<number> {
  const rows = await collection<{ leads: string[] }>('disclosedleads').find({}).toArray();
  return new Set(rows.flatMap(({ leads }) => leads)).size;
}

test.each([
  ['staff', 'csv'],
  ['staff', 'ndjson'],
  ['staff', 'xlsx'],
  ['sponsors', 'csv'],
] as const)('%s take sixteen thousand leads as %s: all arrive, and all are on record', async (who, format) => {
  const { stream } = await taken(who, format);
  let [bytes, lines] = [0, 0];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    lines += chunk.toString('latin1').split('\n').length - 1;
  }
  expect(bytes).toBeGreaterThan(100_000);
  if (format !== 'xlsx') expect(lines).toBe(COUNT + Number(format === 'csv'));
  expect(await onlyDisclosure()).toMatchObject({ state: 'complete', rows: COUNT });
  expect(await disclosed()).toBe(COUNT);
});

test.each([
  ['staff', 'csv'],
  ['staff', 'ndjson'],
  ['sponsors', 'csv'],
] as const)('%s stop reading %s and are waited for; then they leave, which is on record', async (who, format) => {
  const { stream } = await taken(who, format);
  await begin(stream);
  while ((await disclosed()) === 0);
  const rows = await settledDown(disclosed);
  expect(rows).toBeLessThan(5000);
  stream.destroy();
  while ((await onlyDisclosure()).state === 'running');
  const disclosure = await onlyDisclosure();
  expect(disclosure).toMatchObject({ state: 'aborted' });
  expect(disclosure.sha256).toBeUndefined();
  expect(disclosure.rows).toBeLessThanOrEqual(rows);
  expect(await settledDown(disclosed)).toBe(rows);
});

test('a browser that goes away in the middle of a download is on record, and no error', async () => {
  const server = createApp(services).listen(0);
  const agent = await browserOf(server, 'marketer');
  await agent
    .get(`/staff/exports/${SLUG}/leads.ndjson`)
    .buffer(true)
    .parse((response, done) => {
      (response as unknown as Readable).once('data', function (this: Readable) {
        this.destroy();
        done(null, null);
      });
    });
  while ((await onlyDisclosure()).state === 'running');
  expect(await onlyDisclosure()).toMatchObject({ state: 'aborted', actor: 'marketer@doors.example' });
  expect(trouble).toEqual([]);
  await new Promise((resolve) => server.close(resolve));
});

test('whose session is ended, whose account is disabled, gets no more of a download under way', async () => {
  const server = createApp(services).listen(0);
  const { port } = server.address() as AddressInfo;
  const admin = await browserOf(server, 'sponsor-admin', { email: 'ada@acme.example', sponsor: 'acme-cloud' });
  for (const deed of ['end-sessions', 'disable']) {
    for (const name of ['disclosures', 'disclosedleads']) await collection(name).deleteMany({});
    const email = `${deed}@acme.example`;
    await addUser({ email, role: 'sponsor-member', sponsor: 'acme-cloud', password: PASSWORD });
    const cookie = cookieOf(await signIn(request.agent(server), email));
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const path = `/portal/campaigns/${SLUG}/leads.ndjson`;
      get({ host: '127.0.0.1', port, path, headers: { cookie } }, resolve).once('error', reject);
    });
    await begin(answer);
    while ((await disclosed()) === 0);
    const before = await settledDown(disclosed);
    const person = (await listAccounts({ sponsor: 'acme-cloud' })).find((one) => one.email === email);
    const page = `/portal/people/${person?.id}`;
    await admin
      .post(`${page}/${deed}`)
      .type('form')
      .send({ _csrf: tokenIn((await admin.get(page)).text) })
      .expect(303);
    await pause(600);
    const ended = new Promise<boolean>((resolve) => answer.once('close', () => resolve(answer.complete)));
    answer.resume();
    expect(await ended).toBe(false);
    while ((await onlyDisclosure()).state === 'running');
    expect(await onlyDisclosure()).toMatchObject({ state: 'aborted', actor: email });
    // What was read ahead when it ended may be on record; it is less than all.
    expect(await disclosed()).toBeLessThanOrEqual(before + 1000);
    expect(before + 1000).toBeLessThan(COUNT);
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Reads a little and stops. */
const begin = (stream: Readable): Promise<void> =>
  new Promise((resolve) =>
    stream.once('readable', () => {
      stream.read(100);
      resolve();
    }),
  );

/** The figure once it has not moved for twenty looks. */
async function settledDown(look: () => Promise<number>): Promise<number> {
  let [last, same] = [-1, 0];
  while (same < 20) {
    const now = await look();
    [same, last] = [now === last ? same + 1 : 0, now];
  }
  return last;
}
