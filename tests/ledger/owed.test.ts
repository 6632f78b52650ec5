import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { ask, later, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

const CONTRACT = `${SLUG}/acme-cloud`;
const owed = async () => (await ledger.newlyTheirs(10)).map(({ lead }) => lead);

test('what becomes a sponsor’s is owed to its destinations until it was passed on, and once', async () => {
  await sponsor('acme-cloud');
  const [theirs, refused] = [await ask({ email: 'one@a.example' }), await ask({ email: 'no@b.example', yes: [] })];
  for (const { lead } of [theirs, refused]) await ledger.settle(lead, later(1));
  const [one] = await ledger.newlyTheirs(10);
  expect(one).toMatchObject({ contract: CONTRACT, lead: theirs.lead });
  if (one) await ledger.told(one);
  await ledger.settle(theirs.lead, later(2));
  expect(await owed()).toEqual([]);
});

test('a lead that waited for a place is owed when it gets one, though nobody settled it by name', async () => {
  await sponsor('acme-cloud', { cap: 1 });
  const [first, waits] = [await ask({ email: 'one@a.example' }), await ask({ email: 'two@b.example', at: later(1) })];
  for (const { lead } of [first, waits]) await ledger.settle(lead, later(2));
  expect(await owed()).toEqual([first.lead]);
  for (const one of await ledger.newlyTheirs(10)) await ledger.told(one);
  await leads.correct(first.ref, 'right@a.example', 'business', later(3));
  await ledger.settle(first.lead, later(4));
  expect(await owed()).toEqual([waits.lead]);
});

test('what was decided anew in between stays owed', async () => {
  await sponsor('acme-cloud');
  const { lead } = await ask();
  await ledger.settle(lead, later(1));
  const [seen] = await ledger.newlyTheirs(10);
  if (!seen) throw new Error('nothing is owed');
  await ledger.told({ ...seen, owedAt: later(0) });
  expect(await owed()).toEqual([lead]);
});
