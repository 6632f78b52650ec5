import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { decide } from '../../src/sponsors/sponsors';
import { type Asked, ask, later, NOW, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

async function settled(asked: Asked = {}) {
  const { lead } = await ask(asked);
  await ledger.settle(lead, later(1));
  return lead;
}

async function decisionOn(lead: string, slug = 'acme-cloud') {
  const found = (await ledger.settlementsOf(lead)).find(({ contract }) => contract === `${SLUG}/${slug}`);
  return found && `${found.decision}: ${found.rule}`;
}

async function theirs(slug = 'acme-cloud'): Promise<string[]> {
  const ids: string[] = [];
  for await (const id of ledger.settledFor(SLUG, slug)) ids.push(id);
  return ids;
}

test.each<[string, Asked, string]>([
  ['no consent to this sponsor', { yes: ['publisher', 'northgate'] }, 'rejected: no-consent'],
  ['another country', { country: 'DE' }, 'rejected: filter:country'],
  ['an own answer that is not taken', { q: { units: 'lt1000' } }, 'rejected: filter:q.units'],
  ['no answer where one is asked', { q: {} }, 'rejected: filter:q.units'],
  ['one of several answers', { q: { units: ['lt1000', 'gt1000'] } }, 'billable: place'],
  ['before the contract', { at: new Date('2025-12-31T23:59:59Z') }, 'rejected: not-started'],
  ['after the contract', { at: new Date('2027-01-01T00:00:00Z') }, 'rejected: ended'],
  ['all right', {}, 'billable: place'],
])('%s is %p → %s', async (_name, asked, expected) => {
  const filters = [
    { field: 'country', in: ['GB', 'IE'] },
    { field: 'q.units', in: ['gt1000'] },
  ];
  await sponsor('acme-cloud', { from: new Date('2026-01-01'), to: new Date('2027-01-01'), filters });
  expect(await decisionOn(await settled(asked))).toBe(expected);
});

test('a decision says on what evidence', async () => {
  await sponsor('acme-cloud', { filters: [{ field: 'country', in: ['GB'] }] });
  const [settlement] = await ledger.settlementsOf(await settled({ country: 'DE' }));
  expect(settlement).toMatchObject({ evidence: 'DE; taken: GB', at: later(1) });
});

test('settling again changes nothing, and twice at once takes one place', async () => {
  await sponsor('acme-cloud', { cap: 5 });
  const { lead } = await ask();
  await Promise.all(Array.from({ length: 8 }, () => ledger.settle(lead, NOW)));
  await ledger.settle(lead, later(9));
  expect(await theirs()).toEqual([lead]);
  expect(await ledger.summary(SLUG, 'acme-cloud')).toEqual({
    billable: 1,
    unbilled: 0,
    held: 0,
    pending: 0,
    rejected: 0,
    returned: 0,
  });
  expect((await leads.findLead(lead))?.settledAt).toBeDefined();
});

test.each([
  ['hold', 'held: cap'],
  ['unbilled', 'unbilled: cap'],
] as const)('64 leads at once on the last places: never one too many, the others %s', async (overflow, expected) => {
  await sponsor('acme-cloud', { cap: 20, overflow });
  const requests = await Promise.all(Array.from({ length: 64 }, (_, n) => ask({ email: `r${n}@d${n}.example` })));
  await Promise.all(requests.map(({ lead }) => ledger.settle(lead, NOW)));
  const counts = await ledger.summary(SLUG, 'acme-cloud');
  expect(counts.billable).toBe(20);
  expect(counts.held + counts.unbilled).toBe(44);
  const over = await Promise.all(requests.map(({ lead }) => decisionOn(lead)));
  expect(new Set(over)).toEqual(new Set(['billable: place', expected]));
});

test('with overflow next, another sponsor of the campaign has the lead that the first has no place for', async () => {
  await sponsor('acme-cloud', { cap: 1, overflow: 'next' });
  await sponsor('northgate');
  const both = { yes: ['acme-cloud', 'northgate'] };
  await settled({ ...both, email: 'one@a.example' });
  const second = await settled({ ...both, email: 'two@b.example' });
  expect(await decisionOn(second)).toBe('rejected: next');
  expect(await decisionOn(second, 'northgate')).toBe('billable: place');
  const alone = await settled({ yes: ['acme-cloud'], email: 'three@c.example' });
  expect(await decisionOn(alone)).toBe('held: cap');
});

test('a company has so many places and no more; personal mailboxes are nobody’s company', async () => {
  await sponsor('acme-cloud', { perCompanyDomain: 2 });
  const same = await Promise.all([1, 2, 3, 4].map((n) => ask({ email: `p${n}@Acme-Homes.example` })));
  await Promise.all(same.map(({ lead }) => ledger.settle(lead, NOW)));
  const decisions = await Promise.all(same.map(({ lead }) => decisionOn(lead)));
  expect(decisions.sort()).toEqual([
    'billable: place',
    'billable: place',
    'rejected: per-company-domain',
    'rejected: per-company-domain',
  ]);
  for (const n of [1, 2, 3]) {
    const lead = await settled({ email: `p${n}@mailbox.example`, addressClass: 'personal' });
    expect(await decisionOn(lead)).toBe('billable: place');
  }
});

test('quarantined, rejected and superseded leads are not settled', async () => {
  await sponsor('acme-cloud');
  const bot = await settled({ email: 'bot@x.example', suspicions: ['honeypot'] });
  expect(await ledger.settlementsOf(bot)).toEqual([]);
  await leads.accept(bot, later(2));
  await ledger.settle(bot, later(3));
  expect(await decisionOn(bot)).toBe('billable: place');
});

test('a proved repeat brings the consent that was missing', async () => {
  await sponsor('acme-cloud');
  const lead = await settled({ yes: [] });
  expect(await decisionOn(lead)).toBe('rejected: no-consent');
  const repeat = await ask({ yes: ['acme-cloud'], at: later(5) });
  await ledger.settle(lead, later(6));
  expect(await decisionOn(lead)).toBe('rejected: no-consent');
  await leads.prove(repeat.ref, later(7));
  await ledger.settle(lead, later(8));
  expect(await decisionOn(lead)).toBe('billable: place');
});

test('the rules are pure: the same lead and terms give the same answer', () => {
  const contract = { id: 'c/s', campaign: 'c', sponsor: 's', cap: null, filters: [], overflow: 'hold' as const };
  const at = { domain: 'a.example', business: true, proved: false };
  const candidate = { at: NOW, answers: {}, consentedTo: ['s'], ...at };
  expect(decide(contract, candidate)).toEqual({ eligible: true });
  expect(decide({ ...contract, from: NOW, to: NOW }, candidate)).toMatchObject({ rule: 'ended' });
});

test('what is billable and what is given unbilled come as one list, each once, by lead', async () => {
  await sponsor('acme-cloud', { cap: 4, overflow: 'unbilled' });
  const all: string[] = [];
  for (let n = 0; n < 9; n += 1) all.push(await settled({ email: `reader@company${n}.example` }));
  const decisions = await Promise.all(all.map((lead) => decisionOn(lead)));
  expect(decisions.filter((one) => one?.startsWith('unbilled'))).toHaveLength(5);
  expect(await theirs()).toEqual([...all].sort());
});
