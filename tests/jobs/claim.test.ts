import { claim, LEASE_MS, postpone, renew, settle } from '../../src/jobs/claim';
import { find, hasten, summary, want, wantAgain } from '../../src/jobs/jobs';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

/** After anything that these tests want, so that all of it is due. */
const NOON = new Date(Date.now() + 60_000);
const later = (ms: number) => new Date(NOON.getTime() + ms);

async function claimed(kind = 'deliver', now = NOON) {
  const job = await claim([kind], now);
  if (!job) throw new Error('nothing was due');
  return job;
}

test('what is wanted twice is wanted once, whatever became of it', async () => {
  await want({ kind: 'deliver', key: 'a', payload: { request: 'a' } });
  await want({ kind: 'deliver', key: 'a', payload: { request: 'other' } });
  expect(await find('deliver', 'a')).toMatchObject({ state: 'due', attempts: 0, payload: { request: 'a' } });
  await settle(await claimed(), 'done', undefined, NOON);
  await want({ kind: 'deliver', key: 'a' });
  expect(await find('deliver', 'a')).toMatchObject({ state: 'done' });
  expect(await find('deliver', 'unknown')).toBeNull();
});

test('the longest due comes first, only of the kinds asked for, and nothing before its time', async () => {
  await want({ kind: 'deliver', key: 'second', dueAt: later(-1000) });
  await want({ kind: 'deliver', key: 'first', dueAt: later(-2000) });
  await want({ kind: 'deliver', key: 'early', dueAt: later(1) });
  await want({ kind: 'settle', key: 'other', dueAt: later(-9000) });
  expect((await claimed()).key).toBe('first');
  expect((await claimed()).key).toBe('second');
  expect(await claim(['deliver'], NOON)).toBeNull();
  expect((await claimed('deliver', later(1))).key).toBe('early');
});

test('a claim holds for its lease, a heartbeat makes it longer, and a killed worker lets go of it', async () => {
  await want({ kind: 'deliver', key: 'a' });
  const first = await claimed();
  expect(await claim(['deliver'], later(LEASE_MS - 1))).toBeNull();
  expect(await renew(first, later(5000))).toBe(true);
  expect(await claim(['deliver'], later(LEASE_MS + 4999))).toBeNull();
  const second = await claimed('deliver', later(LEASE_MS + 5000));
  expect(second.key).toBe('a');
  // Contract: within 30 s.
  expect(LEASE_MS).toBeLessThan(30_000);
  expect(await renew(first, later(LEASE_MS + 5001))).toBe(false);
});

test('who lost the claim changes nothing any more', async () => {
  await want({ kind: 'deliver', key: 'a' });
  const slow = await claimed();
  const quick = await claimed('deliver', later(LEASE_MS));
  await settle(slow, 'failed', 'too slow', later(LEASE_MS));
  await postpone(slow, later(1), 'too slow', true);
  expect(await find('deliver', 'a')).toMatchObject({ state: 'due', attempts: 0, lease: quick.lease });
  await settle(quick, 'done', undefined, later(LEASE_MS));
  expect(await find('deliver', 'a')).toMatchObject({ state: 'done' });
});

test('a settled job is kept for 30 days and then forgotten by the store', async () => {
  await want({ kind: 'deliver', key: 'a' });
  await settle(await claimed(), 'failed', 'no', NOON);
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
  expect(await claim(['deliver'], later(14_999))).toBeNull();
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
    await settle(await claimed('settle'), 'failed', 'no', NOON);
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

  test.each(['done', 'failed'] as const)('one that is being done is done once more when it ends %s', async (end) => {
    await want(lead);
    const running = await claimed('settle');
    await wantAgain(lead);
    await settle(running, end, undefined, NOON);
    expect(await find('settle', 'lead')).toMatchObject({ state: 'due' });
    await settle(await claimed('settle'), 'done', undefined, NOON);
    expect(await find('settle', 'lead')).toMatchObject({ state: 'done' });
  });

  test('a worker killed in the middle: the next claim reads fresh, so one run is enough', async () => {
    await want(lead);
    await claimed('settle');
    await wantAgain(lead);
    const next = await claimed('settle', later(LEASE_MS));
    await settle(next, 'done', undefined, later(LEASE_MS));
    expect(await find('settle', 'lead')).toMatchObject({ state: 'done' });
  });
});

test('a job that waits can be hastened; one that is being done or has ended can not', async () => {
  await want({ kind: 'deliver', key: 'a', dueAt: later(3_600_000) });
  expect(await hasten('deliver', 'a')).toBe(true);
  const job = await claimed();
  expect(await hasten('deliver', 'a')).toBe(false);
  await settle(job, 'done', undefined, NOON);
  expect(await hasten('deliver', 'a')).toBe(false);
  expect(await hasten('deliver', 'unknown')).toBe(false);
});

test('the summary counts by kind and state', async () => {
  for (const key of ['a', 'b', 'c']) await want({ kind: 'deliver', key });
  await want({ kind: 'settle', key: 'a' });
  await settle(await claimed(), 'done', undefined, NOON);
  expect(await summary()).toEqual([
    { kind: 'deliver', state: 'done', count: 1 },
    { kind: 'deliver', state: 'due', count: 2 },
    { kind: 'settle', state: 'due', count: 1 },
  ]);
});
