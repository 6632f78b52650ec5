import mongoose from 'mongoose';
import { type Claimed, claim, postpone, renew, settle } from '../../src/jobs/claim';
import { JobModel } from '../../src/jobs/job.model';
import { find, giveQueues, hasten, summary, want, wantAgain } from '../../src/jobs/jobs';
import { type LaneLimit, Lanes } from '../../src/jobs/lanes';
import { Turns } from '../../src/jobs/turns';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

/** After anything that these tests want, so that all of it is due. */
const NOON = new Date(Date.now() + 60_000);
const later = (ms: number) => new Date(NOON.getTime() + ms);

const LEASE_MS = 10_000;
const KEPT_MS = 30 * 86_400_000;

const claimOf = (kind: string, now: Date) => claim({ kind, queue: '/' }, now, LEASE_MS) as Promise<Claimed | null>;

async function claimed(kind = 'deliver', now = NOON) {
  const job = await claimOf(kind, now);
  if (!job) throw new Error('nothing was due');
  return job;
}

const end = (job: Claimed, state: 'done' | 'failed', reason?: string, now = NOON) =>
  settle(job, state, reason, now, KEPT_MS);

test('what is wanted twice is wanted once, whatever became of it', async () => {
  await want({ kind: 'deliver', key: 'a', payload: { request: 'a' } });
  await want({ kind: 'deliver', key: 'a', payload: { request: 'other' } });
  expect(await find('deliver', 'a')).toMatchObject({ state: 'due', attempts: 0, payload: { request: 'a' } });
  await end(await claimed(), 'done');
  await want({ kind: 'deliver', key: 'a' });
  expect(await find('deliver', 'a')).toMatchObject({ state: 'done' });
  expect(await find('deliver', 'unknown')).toBeNull();
});

test('the longest due comes first, only of the kind asked for, and nothing before its time', async () => {
  await want({ kind: 'deliver', key: 'second', dueAt: later(-1000) });
  await want({ kind: 'deliver', key: 'first', dueAt: later(-2000) });
  await want({ kind: 'deliver', key: 'early', dueAt: later(1) });
  await want({ kind: 'settle', key: 'other', dueAt: later(-9000) });
  expect((await claimed()).key).toBe('first');
  expect((await claimed()).key).toBe('second');
  expect(await claimOf('deliver', NOON)).toBeNull();
  expect((await claimed('deliver', later(1))).key).toBe('early');
});

test('a claim holds for its lease, a heartbeat makes it longer, and a killed worker lets go of it', async () => {
  await want({ kind: 'deliver', key: 'a' });
  const first = await claimed();
  expect(await claimOf('deliver', later(LEASE_MS - 1))).toBeNull();
  expect(await renew(first, later(5000), LEASE_MS)).toBe(true);
  expect(await claimOf('deliver', later(LEASE_MS + 4999))).toBeNull();
  const second = await claimed('deliver', later(LEASE_MS + 5000));
  expect(second.key).toBe('a');
  expect(await renew(first, later(LEASE_MS + 5001), LEASE_MS)).toBe(false);
});

test('who lost the claim changes nothing any more', async () => {
  await want({ kind: 'deliver', key: 'a' });
  const slow = await claimed();
  const quick = await claimed('deliver', later(LEASE_MS));
  await end(slow, 'failed', 'too slow', later(LEASE_MS));
  await postpone(slow, later(1), 'too slow', true);
  expect(await find('deliver', 'a')).toMatchObject({ state: 'due', attempts: 0, lease: quick.lease });
  await end(quick, 'done', undefined, later(LEASE_MS));
  expect(await find('deliver', 'a')).toMatchObject({ state: 'done' });
});

test('a settled job is kept for 30 days and then forgotten by the store', async () => {
  await want({ kind: 'deliver', key: 'a' });
  await end(await claimed(), 'failed', 'no');
  expect(await find('deliver', 'a')).toMatchObject({
    state: 'failed',
    reason: 'no',
    expiresAt: later(30 * 86_400_000),
  });
});

test('a job given back is due at its time; only a try that counts is counted', async () => {
  await want({ kind: 'deliver', key: 'a' });
  await postpone(await claimed(), later(15_000), 'the server is down', false);
  expect(await find('deliver', 'a')).toMatchObject({ attempts: 0, dueAt: later(15_000), reason: 'the server is down' });
  expect(await claimOf('deliver', later(14_999))).toBeNull();
  await postpone(await claimed('deliver', later(15_000)), later(30_000), '450', true);
  const job = await find('deliver', 'a');
  expect(job).toMatchObject({ attempts: 1, reason: '450' });
  expect(job).not.toHaveProperty('lease');
});

describe('wanted again', () => {
  const lead = { kind: 'settle', key: 'lead' };

  test('a settled job opens anew, with what is wanted now', async () => {
    await want({ ...lead, payload: { n: 1 } });
    await postpone(await claimed('settle'), NOON, 'x', true);
    await end(await claimed('settle'), 'failed', 'no');
    await wantAgain({ ...lead, payload: { n: 2 } });
    const job = await find('settle', 'lead');
    expect(job).toMatchObject({ state: 'due', attempts: 0, payload: { n: 2 } });
    expect(job).not.toHaveProperty('reason');
    expect(job).not.toHaveProperty('expiresAt');
  });

  test('one never wanted before is simply wanted, one that waits stays as it is', async () => {
    await wantAgain({ ...lead, payload: { n: 1 }, dueAt: later(5000) });
    await wantAgain({ ...lead, payload: { n: 2 } });
    expect(await find('settle', 'lead')).toMatchObject({ dueAt: later(5000), payload: { n: 1 } });
  });

  test.each(['done', 'failed'] as const)('one that is being done is done once more when it ends %s', async (ending) => {
    await want(lead);
    const running = await claimed('settle');
    await wantAgain(lead);
    await end(running, ending);
    expect(await find('settle', 'lead')).toMatchObject({ state: 'due' });
    await end(await claimed('settle'), 'done');
    expect(await find('settle', 'lead')).toMatchObject({ state: 'done' });
  });

  test('a worker killed in the middle: the next claim reads fresh, so one run is enough', async () => {
    await want(lead);
    await claimed('settle');
    await wantAgain(lead);
    const next = await claimed('settle', later(LEASE_MS));
    await end(next, 'done', undefined, later(LEASE_MS));
    expect(await find('settle', 'lead')).toMatchObject({ state: 'done' });
  });
});

test('a job that waits can be hastened; one that is being done or has ended can not', async () => {
  await want({ kind: 'deliver', key: 'a', dueAt: later(3_600_000) });
  expect(await hasten('deliver', 'a')).toBe(true);
  const job = await claimed();
  expect(await hasten('deliver', 'a')).toBe(false);
  await end(job, 'done');
  expect(await hasten('deliver', 'a')).toBe(false);
  expect(await hasten('deliver', 'unknown')).toBe(false);
});

test('the summary counts what waits and what was given up, by kind', async () => {
  for (const key of ['a', 'b', 'c', 'd']) await want({ kind: 'deliver', key });
  await want({ kind: 'settle', key: 'a' });
  await end(await claimed(), 'done');
  await end(await claimed(), 'failed');
  expect(await summary()).toEqual([
    { kind: 'deliver', state: 'due', count: 2 },
    { kind: 'deliver', state: 'failed', count: 1 },
    { kind: 'settle', state: 'due', count: 1 },
  ]);
});

test('a job asked for before there were queues is found all the same, once it has one', async () => {
  await want({ kind: 'deliver', key: 'old' });
  await JobModel.collection.updateOne({ _id: 'deliver:old' as never }, { $unset: { queue: '' } });
  expect(await claimOf('deliver', NOON)).toBeNull();
  expect([await giveQueues(), await giveQueues()]).toEqual([1, 0]);
  expect((await claimed()).key).toBe('old');
});

describe('queues take turns', () => {
  const turns = (limitOf: (lane: string) => LaneLimit | undefined = () => undefined, atALook?: number) =>
    new Turns('deliver', new Lanes(limitOf, LEASE_MS), 1000, atALook);
  const wantMany = async (n: number, owner: string, lane = '') => {
    const wanted = Array.from({ length: n }, (_, i) =>
      want({ kind: 'deliver', key: `${owner}${lane}${i}`, owner, lane, dueAt: later(-9000 + i) }),
    );
    await Promise.all(wanted);
  };
  const owners = async (of: Turns, n: number, now = NOON) => {
    const got = [];
    for (let i = 0; i < n; i += 1) got.push((await of.claim(now))?.queue.split('/')[0]);
    return got;
  };

  test('one job of each owner, whoever asked first and for however much', async () => {
    await wantMany(4, 'big');
    await wantMany(1, 'small');
    await wantMany(2, 'other');
    expect(await owners(turns(), 6)).toEqual(['big', 'other', 'small', 'big', 'other', 'big']);
  });

  test('a queue that comes later has its turn after one look', async () => {
    await wantMany(4, 'big');
    const ours = turns();
    expect(await owners(ours, 2)).toEqual(['big', 'big']);
    await wantMany(1, 'small');
    expect(await owners(ours, 2, later(1000))).toEqual(['big', 'small']);
  });

  test('more queues than are looked up at a time: each has its turn, and the end is the end', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        want({ kind: 'deliver', key: String(n), owner: `o${String(n).padStart(3, '0')}`, dueAt: later(-1) }),
      ),
    );
    const ours = turns(undefined, 5);
    const got = await owners(ours, 12);
    expect(new Set(got).size).toBe(12);
    expect(await ours.claim(NOON)).toBeNull();
  });

  test('a lane takes so many at once, over all workers; a place is free when its job ends or its holder is dead', async () => {
    const [one, two] = [turns(() => ({ atOnce: 2, perMinute: 0 })), turns(() => ({ atOnce: 2, perMinute: 0 }))];
    await wantMany(3, 'a', 'gmail.com');
    await wantMany(1, 'b', 'gmail.com');
    const first = await one.claim(NOON);
    const second = await two.claim(NOON);
    expect([first?.place, second?.place]).toEqual(['gmail.com#1', 'gmail.com#2']);
    expect(await one.claim(NOON)).toBeNull();
    expect(await two.claim(NOON)).toBeNull();
    if (!first || !second) throw new Error('two were due');
    await end(first, 'done');
    expect(await find('deliver', first.key)).not.toHaveProperty('place');
    const third = await one.claim(later(1000));
    expect(third?.place).toBe('gmail.com#1');
    // The second was killed: its lease runs out, and others may have its place although its job is not next.
    if (third) await renew(third, later(9000), LEASE_MS);
    expect((await one.claim(later(LEASE_MS)))?.place).toBe('gmail.com#2');
    expect(await renew(second, later(LEASE_MS), LEASE_MS)).toBe(false);
  });

  test('a claim asks the store little, however full its lane is', async () => {
    const ours = turns(() => ({ atOnce: 5, perMinute: 6000 }));
    await wantMany(7, 'a', 'gmail.com');
    for (let n = 0; n < 4; n += 1) await ours.claim(later(n * 10));
    const asked: string[] = [];
    const note = ({ commandName }: { commandName: string }) => void asked.push(commandName);
    const client = mongoose.connection.getClient().on('commandStarted', note);
    expect((await ours.claim(later(50)))?.place).toBe('gmail.com#5');
    // Its places and its pace, the claim, and the next beginning.
    expect(asked.sort()).toEqual(['find', 'find', 'findAndModify', 'update']);
    asked.length = 0;
    expect(await ours.claim(later(60))).toBeNull();
    client.off('commandStarted', note);
    expect(asked).toEqual(['find', 'find']);
  });

  test('a full lane keeps nobody else waiting', async () => {
    const ours = turns((lane) => (lane === 'gmail.com' ? { atOnce: 1, perMinute: 0 } : undefined));
    await wantMany(3, 'a', 'gmail.com');
    await wantMany(3, 'a');
    const got = [];
    for (let n = 0; n < 5; n += 1) got.push((await ours.claim(NOON))?.queue);
    expect(got.sort()).toEqual(['a/', 'a/', 'a/', 'a/gmail.com', undefined]);
  });

  test('a lane keeps its pace, over all workers, and what came too early has used up no attempt', async () => {
    const limit = () => ({ atOnce: 50, perMinute: 60 });
    const workers = [turns(limit), turns(limit)];
    await wantMany(6, 'a', 'gmail.com');
    const begun = [];
    for (const ms of [0, 500, 999, 1000, 1999, 2000, 2500]) {
      for (const worker of workers) if (await worker.claim(later(ms))) begun.push(ms);
    }
    expect(begun).toEqual([0, 1000, 2000]);
    expect((await summary())[0]).toMatchObject({ state: 'due', count: 6 });
    expect(await find('deliver', 'agmail.com5')).toMatchObject({ attempts: 0 });
  });
});
