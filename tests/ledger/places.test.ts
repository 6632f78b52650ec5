import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { type Asked, ask, later, NOW, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

const summary = () => ledger.summary(SLUG, 'acme-cloud');

async function settled(asked: Asked = {}, at = NOW) {
  const request = await ask(asked);
  await ledger.settle(request.lead, at);
  return request;
}

/** The decisions on a lead, without the sponsors. */
async function decisions(lead: string): Promise<string[]> {
  return (await ledger.settlementsOf(lead)).map(({ decision, rule }) => `${decision}: ${rule}`);
}

const isBillable = async (lead: string) => (await decisions(lead)).includes('billable: place');

test('the last places, each lead settled by four workers at once: never one too many', async () => {
  await sponsor('acme-cloud', { cap: 5, perCompanyDomain: 2 });
  const requests = await Promise.all(
    Array.from({ length: 16 }, (_, n) => ask({ email: `r${n}@d${n % 4}.example`, at: later(n) })),
  );
  const crowd = [...requests, ...requests, ...requests, ...requests];
  await Promise.all(crowd.map(({ lead }) => ledger.settle(lead, NOW)));
  const taken: string[] = [];
  for (const { lead, answers } of requests) {
    if (await isBillable(lead)) taken.push(answers.email.split('@').pop() ?? '');
  }
  expect(taken).toHaveLength(5);
  for (const domain of new Set(taken)) expect(taken.filter((one) => one === domain).length).toBeLessThanOrEqual(2);
  expect(await summary()).toMatchObject({ billable: 5 });
});

test('a superseded lead gives its place back, to the one that waits longest', async () => {
  await sponsor('acme-cloud', { cap: 1 });
  const slip = await settled({ email: 'jnae@a.example' });
  const waits = await settled({ email: 'first@b.example' }, later(1));
  const waitsToo = await settled({ email: 'second@c.example' }, later(2));
  const right = await leads.correct(slip.ref, 'jane@a.example', 'business', later(3));
  await ledger.settle(slip.lead, later(4));
  expect(await decisions(slip.lead)).toEqual(['rejected: status']);
  expect(await decisions(waits.lead)).toEqual(['billable: place']);
  await ledger.settle(right.lead, later(5));
  expect(await decisions(waitsToo.lead)).toEqual(['held: cap']);
  expect(await decisions(right.lead)).toEqual(['held: cap']);
  expect(await summary()).toEqual({ billable: 1, unbilled: 0, held: 2, pending: 0, rejected: 1, returned: 0 });
});

test('a freed place passes over those who no longer count', async () => {
  await sponsor('acme-cloud', { cap: 1 });
  const slip = await settled({ email: 'jnae@a.example' });
  const gone = await settled({ email: 'gone@b.example' }, later(1));
  const waits = await settled({ email: 'waits@c.example' }, later(2));
  await leads.correct(gone.ref, 'other@b.example', 'business', later(3));
  await leads.correct(slip.ref, 'jane@a.example', 'business', later(3));
  await ledger.settle(slip.lead, later(4));
  expect(await decisions(gone.lead)).toEqual(['rejected: status']);
  expect(await decisions(waits.lead)).toEqual(['billable: place']);
});

test.each([
  ['the contract', { cap: 3 }, 'held: cap'],
  ['a company', { perCompanyDomain: 3 }, 'rejected: per-company-domain'],
])('a place freed among the taken ones of %s is given again, once', async (_, limit, full) => {
  await sponsor('acme-cloud', limit);
  const slip = await settled({ email: 'r0@a.example' });
  for (const n of [1, 2]) await settled({ email: `r${n}@a.example` });
  expect(await decisions((await settled({ email: 'r3@a.example' })).lead)).toEqual([full]);
  await leads.correct(slip.ref, 'right@b.example', 'business', later(1));
  await ledger.settle(slip.lead, later(2));
  const more = [await settled({ email: 'r4@a.example' }), await settled({ email: 'r5@a.example' })];
  expect(await summary()).toMatchObject({ billable: 3 });
  expect((await Promise.all(more.map(({ lead }) => decisions(lead)))).flat().at(-1)).toBe(full);
});

test('places given back while others settle are never given twice', async () => {
  await sponsor('acme-cloud', { cap: 4 });
  const slips = [];
  for (let n = 0; n < 4; n += 1) slips.push(await settled({ email: `slip${n}@a${n}.example` }));
  const others = await Promise.all(Array.from({ length: 12 }, (_, n) => ask({ email: `r${n}@b${n}.example` })));
  for (const [n, { ref }] of slips.entries()) await leads.correct(ref, `right${n}@c.example`, 'business', later(1));
  await Promise.all([...slips, ...others, ...slips].map(({ lead }) => ledger.settle(lead, later(2))));
  expect(await summary()).toMatchObject({ billable: 4 });
  for (const { lead } of slips) expect(await isBillable(lead)).toBe(false);
});

test('a proof in the middle of settling: what is kept was decided on the proved answers', async () => {
  await sponsor('acme-cloud', { filters: [{ field: 'country', in: ['GB'] }] });
  for (let n = 0; n < 5; n += 1) {
    const email = `r${n}@x.example`;
    const first = await ask({ email, country: 'DE' });
    const repeat = await ask({ email, country: 'GB', at: later(1) });
    await Promise.all([ledger.settle(first.lead, later(2)), leads.prove(repeat.ref, later(2))]);
    const [lead] = await leads.leadsById([first.lead]);
    const [decision] = await decisions(first.lead);
    // The proof may also come after: then the lead waits to be settled again.
    expect(lead?.settledAt ? decision : 'billable: place').toBe('billable: place');
    await ledger.settle(first.lead, later(3));
    expect(await decisions(first.lead)).toEqual(['billable: place']);
  }
});

test('a lead that counts goes on counting when its answers change, and keeps the time of the decision', async () => {
  await sponsor('acme-cloud', { cap: 1, filters: [{ field: 'country', in: ['GB'] }] });
  const { lead } = await settled({}, later(1));
  const repeat = await ask({ country: 'DE', at: later(2) });
  await leads.prove(repeat.ref, later(3));
  await ledger.settle(lead, later(4));
  expect(await ledger.settlementsOf(lead)).toMatchObject([{ decision: 'billable', at: later(1) }]);
});

test('a consent to a contract that began after the first request counts from the repeat', async () => {
  const { lead } = await settled({ yes: [] });
  await sponsor('acme-cloud', { from: later(10) });
  const repeat = await ask({ yes: ['acme-cloud'], at: later(20) });
  await leads.prove(repeat.ref, later(21));
  await ledger.settle(lead, later(22));
  expect(await decisions(lead)).toEqual(['billable: place']);
});

test('a cap lowered below what is taken takes nobody in; a raised one does', async () => {
  await sponsor('acme-cloud', { cap: 3 });
  for (let n = 0; n < 3; n += 1) await settled({ email: `r${n}@a${n}.example` });
  await sponsor('acme-cloud', { cap: 2 });
  const next = await settled({ email: 'next@b.example' });
  expect(await decisions(next.lead)).toEqual(['held: cap']);
  await sponsor('acme-cloud', { cap: 4 });
  await ledger.settle(next.lead, later(1));
  expect(await summary()).toEqual({ billable: 4, unbilled: 0, held: 0, pending: 0, rejected: 0, returned: 0 });
});

test('a company counts by its domain, however its people spell it, also from before the limit was set', async () => {
  await sponsor('acme-cloud');
  await settled({ email: 'one@BÜCHER.example' });
  await sponsor('acme-cloud', { perCompanyDomain: 1 });
  const { lead } = await settled({ email: 'two@xn--bcher-kva.example' });
  expect(await ledger.settlementsOf(lead)).toMatchObject([
    { decision: 'rejected', rule: 'per-company-domain', evidence: '1 leads of xn--bcher-kva.example already count' },
  ]);
});

test('a lead of no campaign, and of a campaign without sponsors, is settled under nothing', async () => {
  await ledger.settle('ZZZZ-ZZZZ-ZZZZ', NOW);
  const { lead } = await settled();
  expect(await ledger.settlementsOf(lead)).toEqual([]);
  expect((await leads.findLead(lead))?.settledAt).toEqual(NOW);
});
