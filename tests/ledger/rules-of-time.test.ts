import mongoose from 'mongoose';
import * as jobs from '../../src/jobs/jobs';
import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { periodOf } from '../../src/ledger/pace';
import { duplicateOf, mailboxOf } from '../../src/sponsors/sponsors';
import { type Asked, ask, later, NOW, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

const DAY = 24 * 60;
const summary = () => ledger.summary(SLUG, 'acme-cloud');

async function settled(asked: Asked = {}, at = NOW) {
  const request = await ask(asked);
  await ledger.settle(request.lead, at);
  return request;
}

async function decisionOn(lead: string, slug = 'acme-cloud', campaign = SLUG) {
  const found = (await ledger.settlementsOf(lead)).find(({ contract }) => contract === `${campaign}/${slug}`);
  return found && `${found.decision}: ${found.rule}`;
}

describe('periods on the publisher’s clock', () => {
  test.each([
    ['day', '2026-11-24T23:30:00Z', 'Europe/London', '2026-11-24', '2026-11-25T00:00:00Z'],
    ['day', '2026-11-24T23:30:00Z', 'Europe/Berlin', '2026-11-25', '2026-11-25T23:00:00Z'],
    ['day', '2026-10-25T12:00:00Z', 'Europe/London', '2026-10-25', '2026-10-26T00:00:00Z'],
    ['day', '2026-03-29T00:30:00Z', 'Europe/London', '2026-03-29', '2026-03-29T23:00:00Z'],
    ['week', '2026-11-29T12:00:00Z', 'UTC', 'week of 2026-11-23', '2026-11-30T00:00:00Z'],
    ['week', '2027-01-01T12:00:00Z', 'UTC', 'week of 2026-12-28', '2027-01-04T00:00:00Z'],
    ['month', '2026-12-31T23:30:00Z', 'Europe/Paris', '2027-01', '2027-01-31T23:00:00Z'],
    ['month', '2026-12-31T22:30:00Z', 'Europe/Paris', '2026-12', '2026-12-31T23:00:00Z'],
  ] as const)('%s of %s in %s', (pace, at, zone, key, ends) => {
    expect(periodOf(pace, new Date(at), zone)).toEqual({ key, ends: new Date(ends) });
  });
});

test('a pace holds what comes too fast, 16 at once, and a job lets it in when the next day begins', async () => {
  await sponsor('acme-cloud', { pacing: { day: 5, week: 8 }, cap: 100 });
  const requests = await Promise.all(Array.from({ length: 16 }, (_, n) => ask({ email: `r${n}@d${n}.example` })));
  await Promise.all(requests.map(({ lead }) => ledger.settle(lead, NOW)));
  expect(await summary()).toMatchObject({ billable: 5, held: 11 });
  const midnight = new Date('2026-11-25T00:00:00Z');
  const job = await jobs.find('refill', `${SLUG}/acme-cloud ${midnight.toISOString()}`);
  expect(job).toMatchObject({ state: 'due', dueAt: midnight, payload: { contract: `${SLUG}/acme-cloud` } });
  await ledger.refill(`${SLUG}/acme-cloud`, midnight);
  // Eight a week: three more on Wednesday, none on Thursday, and five when Monday comes.
  expect(await summary()).toMatchObject({ billable: 8, held: 8 });
  await ledger.refill(`${SLUG}/acme-cloud`, later(2 * DAY));
  expect(await summary()).toMatchObject({ billable: 8, held: 8 });
  await ledger.refill(`${SLUG}/acme-cloud`, new Date('2026-11-30T00:00:00Z'));
  expect(await summary()).toMatchObject({ billable: 13, held: 3 });
});

test('those who waited longest are let in first, however often they were looked at', async () => {
  await sponsor('acme-cloud', { pacing: { day: 1 } });
  await settled({ email: 'r0@a.example' });
  const [first, second] = [
    await settled({ email: 'r1@b.example' }, later(1)),
    await settled({ email: 'r2@c.example' }, later(2)),
  ];
  await ledger.settle(first.lead, later(30));
  await ledger.refill(`${SLUG}/acme-cloud`, later(DAY));
  expect([await decisionOn(first.lead), await decisionOn(second.lead)]).toEqual(['billable: place', 'held: pace:day']);
});

test('the mailbox has to be proved where the contract says so: pending until it is', async () => {
  await sponsor('acme-cloud', { provedOnly: true });
  const { lead, ref } = await settled();
  expect(await decisionOn(lead)).toBe('pending: not-proved');
  await leads.prove(ref, later(1));
  await ledger.settle(lead, later(2));
  expect(await decisionOn(lead)).toBe('billable: place');
  expect((await ledger.settlementsOf(lead))[0]?.before).toMatchObject([{ decision: 'pending', rule: 'not-proved' }]);
});

test('an address that nobody reads gives its place to the one that waits longest, who replaces it', async () => {
  await sponsor('acme-cloud', { cap: 1 });
  const gone = await settled({ email: 'gone@a.example' });
  const waits = await settled({ email: 'waits@b.example' }, later(1));
  await leads.undeliverable(gone.lead, '550 no such user', later(2));
  await ledger.settle(gone.lead, later(3));
  await ledger.settle(gone.lead, later(4));
  const [settlement] = await ledger.settlementsOf(gone.lead);
  expect(settlement).toMatchObject({ decision: 'rejected', rule: 'status', replacedBy: waits.lead });
  expect(settlement?.before).toMatchObject([{ decision: 'billable', rule: 'place', at: NOW }]);
  expect(await decisionOn(waits.lead)).toBe('billable: place');
});

test('changed terms let those in who wait', async () => {
  await sponsor('acme-cloud', { cap: 0 });
  await settled();
  await sponsor('acme-cloud', { cap: 1 });
  expect(await jobs.find('refill', `${SLUG}/acme-cloud`)).toMatchObject({ state: 'due' });
  await ledger.refill(`${SLUG}/acme-cloud`, later(1));
  expect(await summary()).toMatchObject({ billable: 1, held: 0 });
});

describe('duplicates', () => {
  test.each([
    ['jane+news@a.example', 'jane@a.example'],
    ['j.a.ne@googlemail.com', 'jane@gmail.com'],
    ['j.ane@a.example', 'j.ane@a.example'],
    ['+x@a.example', '+x@a.example'],
  ])('%s is the mailbox %s', (address, mailbox) => {
    expect(mailboxOf(address)).toBe(mailbox);
  });

  const here = { contract: 'c/s', sponsor: 's', campaign: 'c', lead: 'A', address: 'a', at: NOW };
  test.each([
    ['another contract of the sponsor', { campaign: 'd' }, ['sponsor', 'all']],
    ['somebody else’s', { sponsor: 't', campaign: 'd' }, ['all']],
    ['the same contract', {}, ['campaign', 'sponsor', 'all']],
    ['too long ago', { at: new Date('2026-08-01') }, []],
    ['another spelling', { address: 'b' }, []],
  ])('%s', (_, other, found) => {
    const counts = [{ ...here, lead: 'B', ...other }];
    const scopes = (['campaign', 'sponsor', 'all'] as const).filter(
      (scope) => duplicateOf({ duplicates: { scope, days: 90, match: 'address' } }, here, counts) !== null,
    );
    expect(scopes).toEqual(found);
  });

  test('of twelve spellings of one mailbox at once, one counts', async () => {
    await sponsor('acme-cloud', { duplicates: { scope: 'campaign', match: 'mailbox' } });
    const requests = await Promise.all(Array.from({ length: 12 }, (_, n) => ask({ email: `jane+${n}@a.example` })));
    await Promise.all(requests.map(({ lead }) => ledger.settle(lead, NOW)));
    expect(await summary()).toMatchObject({ billable: 1, rejected: 11 });
  });

  test('across the sponsor’s campaigns, until the first no longer counts', async () => {
    const duplicates = { scope: 'sponsor', match: 'mailbox', days: 30 } as const;
    await Promise.all([sponsor('acme-cloud', { duplicates }), sponsor('acme-cloud', { duplicates }, 'doors')]);
    const first = await settled();
    const second = await settled({ campaign: 'doors', at: later(5) });
    const decision = () => decisionOn(second.lead, 'acme-cloud', 'doors');
    expect(await decision()).toBe('rejected: duplicate');
    expect((await ledger.settlementsOf(second.lead))[0]?.evidence).toContain(first.lead);
    await leads.undeliverable(first.lead, 'gone', later(6));
    await ledger.settle(first.lead, later(7));
    await ledger.settle(second.lead, later(8));
    expect(await decision()).toBe('billable: place');
  });

  test('what only waits for a place makes nobody a duplicate, and no address is kept in the clear', async () => {
    const duplicates = { scope: 'sponsor', match: 'mailbox' } as const;
    await Promise.all([sponsor('acme-cloud', { cap: 0, duplicates }), sponsor('acme-cloud', { duplicates }, 'doors')]);
    await settled();
    const second = await settled({ campaign: 'doors' });
    expect(await decisionOn(second.lead, 'acme-cloud', 'doors')).toBe('billable: place');
    const rows = await mongoose.connection.collection('people').find().toArray();
    expect(JSON.stringify(rows)).not.toMatch(/jane|acme-homes/);
  });
});
