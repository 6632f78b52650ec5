import mongoose from 'mongoose';
import * as leads from '../../src/leads/leads';
import { queryOf } from '../../src/leads/search';
import { ask, later, NOW, SLUG } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

const JANE = { email: 'Jane.Smith@acme-homes.example', firstName: 'Janè', company: 'Acme Homes' };
const OMAR = { email: 'omar@gmail.com', firstName: 'Omar', company: 'Żółć & Sons', addressClass: 'personal' as const };

const found = async (filter: leads.LeadFilter) =>
  (await leads.listLeads(filter, { limit: 10 })).map(({ current }) => current.answers.firstName);

test.each([
  ['jan', ['Janè']],
  ['JANE', ['Janè']],
  ['smi', ['Janè']],
  ['hom jane', ['Janè']],
  ['ane', []],
  ['zoł', ['Omar']],
  ['jane.smith@acme-homes.example', ['Janè']],
  ['JANE.smith@ac', ['Janè']],
  ['omar@gmail.com', ['Omar']],
  // Everybody's provider finds nobody.
  ['gmail', []],
  ['jane zołc', []],
  ['—', ['Omar', 'Janè']],
  ['', ['Omar', 'Janè']],
])('“%s” finds %j', async (search, names) => {
  await ask(JANE);
  await ask({ ...OMAR, at: later(1) });
  expect(await found({ search })).toEqual(names);
});

test('a reference finds its lead: from its first group on, and of a repeat as well', async () => {
  const first = await ask(JANE);
  const repeat = await ask({ ...JANE, at: later(1) });
  await ask({ ...OMAR, at: later(2) });
  for (const search of [first.ref, first.ref.toLowerCase(), first.ref.slice(0, 4), repeat.ref, repeat.ref.slice(0, 7)])
    expect([search, await found({ search })]).toEqual([search, ['Janè']]);
});

test('what a proved repeat brings is found, and what it replaced no longer; days and filters narrow it down', async () => {
  await ask(JANE);
  const repeat = await ask({ ...JANE, company: 'New Estates', at: later(5) });
  await leads.prove(repeat.ref, later(6));
  expect(await found({ search: 'estates' })).toEqual(['Janè']);
  expect((await leads.listLeads({ search: 'homes' }, { limit: 9 })).map(({ email }) => email)).toEqual([JANE.email]);
  expect(await found({ search: 'jane', status: 'quarantined' })).toEqual([]);
  expect(await found({ campaign: SLUG, from: NOW, to: later(1) })).toEqual(['Janè']);
  expect(await found({ to: NOW })).toEqual([]);
});

test('leads of a former version are found once they were looked through, and that can be done twice', async () => {
  const { lead } = await ask(JANE);
  await mongoose.connection.collection<{ _id: string }>('leads').updateOne({ _id: lead }, { $unset: { words: '' } });
  expect(await found({ search: 'jane' })).toEqual([]);
  await leads.makeSearchable();
  await leads.makeSearchable();
  expect(await found({ search: 'jane' })).toEqual(['Janè']);
});

test('more than are counted are not counted', async () => {
  for (let n = 0; n < 5; n += 1) await ask({ email: `r${n}@x.example` });
  expect([await leads.countFound({}, 3), await leads.countFound({ search: 'jane' }, 9)]).toEqual([3, 5]);
});

const LAST = { capturedAt: later(150), id: 'M' };

// The reference engine explains the SQL that it makes of a query, without the words of MongoDB's plans.
(process.env['GATEFOLD_REFERENCE_URI'] ? test.skip : test).each<[string, leads.LeadFilter]>([
  ['all', {}],
  ['a campaign', { campaign: SLUG }],
  ['a status', { status: 'active' }],
  ['both', { campaign: SLUG, status: 'active' }],
  ['words', { search: 'jane 17' }],
  ['an address', { search: 'r17@x.ex' }],
  ['a reference', { search: '0000-0000' }],
  ['days', { from: later(100), to: later(200) }],
])('the list of %s is read from an index, wherever the page begins', async (_name, filter) => {
  await Promise.all(Array.from({ length: 300 }, (_, n) => ask({ email: `r${n}@x.example`, at: later(n) })));
  for (const after of [undefined, LAST]) {
    const query = await queryOf(filter, after);
    const cursor = mongoose.connection.collection('leads').find(query as object);
    const plan = await cursor.sort({ capturedAt: -1, _id: -1 }).limit(51).explain('executionStats');
    const stages = JSON.stringify(plan['queryPlanner'].winningPlan);
    expect([stages.includes('IXSCAN') || stages.includes('IDHACK'), stages.includes('COLLSCAN')]).toEqual([
      true,
      false,
    ]);
    // A page is read, and not what lies before it.
    if (!filter.search) expect(plan['executionStats'].totalDocsExamined).toBeLessThanOrEqual(60);
  }
});
