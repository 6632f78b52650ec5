import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';
import { deliveriesSummary, listDeliveries } from '../../src/deliveries/deliveries';
import * as jobs from '../../src/jobs/jobs';
import * as leads from '../../src/leads/leads';
import { settle, settlementsOf } from '../../src/ledger/ledger';
import { readLimits } from '../../src/limits';
import { createMailer } from '../../src/mail/mail';
import * as sponsors from '../../src/sponsors/sponsors';
import { startWorker, type Worker } from '../../src/worker';
import { SLUG } from '../landing/app';
import { ask, useDesk } from './desk';

const { services, sink, deps, work } = useDesk();
const workers: Worker[] = [];

afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())));

function start(): Worker {
  const worker = startWorker({ ...services, mailer: deps().mailer });
  workers.push(worker);
  return worker;
}

async function until(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 25_000; Date.now() < end; await pause(10)) if (await ask()) return;
  throw new Error(`waited in vain: ${what}`);
}

const yes = {
  key: 'acme-cloud',
  sponsor: 'acme-cloud',
  version: 1,
  text: 'yes',
  given: true,
  how: 'checkbox',
  page: '/w/locks-and-keys',
  at: new Date('2026-11-24T10:00:00Z'),
} as const;

const settledAs = async (lead: string) => (await settlementsOf(lead))[0]?.decision;

test('what a captured request owes is paid: its mail is sent and its lead is settled', async () => {
  const request = await ask(services, { country: 'GB' }, { consents: [yes] });
  start();
  await until('the mail', () => sink().received.length > 0);
  await until('the settlement', async () => (await settledAs(request.lead)) === 'billable');
  await until('nothing owed', async () => (await leads.owed(10)).length === 0);
  await until('the end of the job', async () => (await jobs.find('deliver', request.ref))?.state === 'done');
  expect(await listDeliveries(request.lead)).toMatchObject([{ state: 'sent' }]);
});

test('a crash of the sweep between jobs and paid wants nothing twice', async () => {
  const request = await ask(services);
  // The state on disk: jobs are there and were done, and the request still owes.
  start();
  await until('the mail', () => sink().received.length > 0);
  await until('nothing owed', async () => (await leads.owed(10)).length === 0);
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await owe(request.ref, ['deliver', 'settle']);
  start();
  await until('paid again', async () => (await leads.owed(10)).length === 0);
  expect(sink().received).toHaveLength(1);
});

test('a hard bounce frees the place that the lead had, and the next one has it', async () => {
  await sponsors.putContract({ campaign: SLUG, sponsor: 'acme-cloud', cap: 1, filters: [], overflow: 'hold' });
  const gone = await ask(services, { email: 'gone@acme.example' }, { consents: [yes] });
  services.clock.now = new Date(services.clock.now.getTime() + 1000);
  const next = await ask(services, { email: 'next@other.example' }, { consents: [yes] });
  await settle(gone.lead, services.now());
  await settle(next.lead, services.now());
  expect([await settledAs(gone.lead), await settledAs(next.lead)]).toEqual(['billable', 'held']);
  sink().mood = { code: 550, text: '5.1.1 no such user', at: 'rcpt' };
  await work(gone.ref);
  sink().mood = 'accept';
  expect((await leads.findLead(gone.lead))?.status).toBe('undeliverable');
  start();
  await until('the place is free', async () => (await settledAs(gone.lead)) === 'rejected');
  await until('the next has it', async () => (await settledAs(next.lead)) === 'billable');
});

test('a proof asks for another settling', async () => {
  const request = await ask(services, { country: 'GB' });
  start();
  await until('settled', async () => (await settledAs(request.lead)) === 'rejected');
  const repeat = await ask(services, { country: 'GB' }, { consents: [yes] });
  await leads.prove(repeat.ref, services.now());
  await until('settled anew', async () => (await settledAs(request.lead)) === 'billable');
});

test('ten workers, thirty readers: each gets one mail, by connections that are kept', async () => {
  const requests = [];
  for (let n = 0; n < 30; n += 1) requests.push(await ask(services, { email: `r${n}@acme.example` }));
  for (let n = 0; n < 10; n += 1) start();
  await until('all mails', () => sink().received.length >= 30);
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  const got = sink().received.map(({ to }) => to[0]);
  expect(got.sort()).toEqual(requests.map(({ answers }) => answers.email).sort());
  expect(sink().sessions.all).toBeLessThanOrEqual(services.config.limits.deliveriesAtOnce);
});

test('a mail server that is down is asked by one mail at a time; the others are not touched, and then all go', async () => {
  const limits = { ...services.config.limits, ...readLimits({ MAIL_SERVER_RETRIES: '300ms' }) };
  const mailer = createMailer({ ...services.config, smtpUrl: sink().url, from: 'papers@doors.example', limits });
  sink().mood = { code: 421, text: 'not today', at: 'connect' };
  const requests = [];
  for (let n = 0; n < 20; n += 1) requests.push(await ask(services, { email: `r${n}@acme.example` }));
  workers.push(startWorker({ ...services, mailer }));
  await until('seven sessions', () => sink().sessions.all >= 7);
  const touched = (await deliveriesSummary()).deferred ?? 0;
  expect(touched).toBeGreaterThan(0);
  // The five that were under way together when it was found out, and one at each time of asking.
  expect(touched).toBeLessThanOrEqual(8);
  sink().mood = 'accept';
  await until('all mails', () => sink().received.length >= 20);
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await mailer.close();
  expect(await deliveriesSummary()).toEqual({ sent: 20 });
  const attempts = await Promise.all(requests.map(async ({ ref }) => (await jobs.find('deliver', ref))?.attempts));
  expect(new Set(attempts)).toEqual(new Set([0]));
});

async function owe(ref: string, wanted: leads.Wanted[]): Promise<void> {
  await mongoose.connection
    .collection<{ _id: string }>('leads')
    .updateOne({ _id: ref }, { $set: { wanted, wantedAt: services.now() } });
}
