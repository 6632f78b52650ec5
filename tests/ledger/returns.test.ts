import mongoose from 'mongoose';
import type { Agent } from 'supertest';
import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { findContract } from '../../src/sponsors/sponsors';
import { importDraft } from '../exports/desk';
import { appOf, browserOf } from '../exports/people';
import { type Asked, ask, later, NOW, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { testServices } from '../web/app';

useStore();
const services = { ...testServices(), now: () => later(10) };
const app = appOf(services);
const PORTAL = `/portal/campaigns/${SLUG}/ledger`;
const STAFF = `/staff/ledger/${SLUG}/acme-cloud`;
const ACME = { email: 'ada@acme.example', sponsor: 'acme-cloud' };
const DAYS = (n: number) => later(n * 24 * 60);
const RETURNS = { returns: { days: 30, percent: 50 } };

beforeEach(async () => {
  await emptyStore();
  await mongoose.connection.collection('sessions').deleteMany({});
});

async function settled(asked: Asked = {}, at = NOW): Promise<string> {
  const { lead } = await ask({ at, ...asked });
  await ledger.settle(lead, at);
  return lead;
}

/** So many billable leads. */
const seed = (n: number) => Promise.all(Array.from({ length: n }, (_, i) => settled({ email: `r${i}@d${i}.example` })));

async function contract() {
  const found = await findContract(SLUG, 'acme-cloud');
  if (!found) throw new Error('no contract');
  return found;
}

const giveBack = async (lead: string, reason = 'bad-data', at = later(1), note = '') =>
  ledger.askReturn(await contract(), { lead, reason, note, by: ACME.email }, at);
const decisionOn = async (lead: string) => (await ledger.settlementsOf(lead))[0]?.decision;
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'taken',
    (error: { code?: string }) => error.code,
  );

test.each([
  ['after the window', RETURNS, DAYS(31), 'bad-data', 'return-too-late'],
  ['where nothing of it was agreed', {}, later(1), 'bad-data', 'returns-not-agreed'],
  ['for a reason that is none', RETURNS, later(1), 'dull', 'code-unknown'],
  ['for another reason without a word', RETURNS, later(1), 'other', 'note-missing'],
  ['beyond the ceiling', { returns: { days: 30, percent: 10 } }, later(1), 'bad-data', 'return-ceiling'],
])('a return %s is refused', async (_, terms, at, reason, expected) => {
  await sponsor('acme-cloud', terms);
  const [lead = ''] = await seed(2);
  expect(await code(giveBack(lead, reason, at))).toBe(expected);
  expect(await decisionOn(lead)).toBe('billable');
});

test('another’s lead, one that was rejected and one that never was are equally unknown', async () => {
  await sponsor('acme-cloud', { ...RETURNS, filters: [{ field: 'country', in: ['GB'] }] });
  await sponsor('northgate', RETURNS);
  const theirs = await settled({ email: 'n@n.example', yes: ['northgate'] });
  const german = await settled({ email: 'g@g.example', country: 'DE' });
  for (const lead of [theirs, german, 'ZZZZ-ZZZZ-ZZZZ', '', '$ne']) {
    expect(await code(giveBack(lead))).toBe('unknown-lead');
  }
});

test('many at once never pass the ceiling; one that is rejected makes room', async () => {
  await sponsor('acme-cloud', { returns: { days: 30, percent: 25 } });
  const all = await seed(12);
  const said = await Promise.all(all.map((lead) => code(giveBack(lead))));
  expect(said.filter((one) => one === 'taken')).toHaveLength(3);
  expect(said.filter((one) => one === 'return-ceiling')).toHaveLength(9);
  const [open] = await ledger.openReturns(9);
  await ledger.decideReturn(await contract(), open?.lead ?? '', { accept: false, by: 'staff', evidence: '' }, later(2));
  const other = all[said.indexOf('return-ceiling')] ?? '';
  expect(await code(giveBack(other))).toBe('taken');
});

test('what bounced is taken back at once, its place goes to the one that waits, and the numbers say replaced', async () => {
  await sponsor('acme-cloud', { ...RETURNS, cap: 2 });
  const [first = ''] = await seed(2);
  const waits = await settled({ email: 'w@w.example' }, later(1));
  expect(await decisionOn(waits)).toBe('held');
  // It was proved, so the bounce did not take it away by itself.
  await leads.prove(first, later(2));
  await leads.undeliverable(first, '550 no such user', later(3));
  await ledger.settle(first, later(3));
  expect(await giveBack(first, 'bounced', later(4))).toMatchObject({ state: 'accepted', decidedBy: 'evidence' });
  await ledger.refill(`${SLUG}/acme-cloud`, later(5));
  expect(await Promise.all([first, waits].map(decisionOn))).toEqual(['returned', 'billable']);
  expect(await ledger.replacedCount(`${SLUG}/acme-cloud`)).toBe(1);
  // For good: neither another look nor another return changes it.
  await ledger.settle(first, later(6));
  expect(await giveBack(first, 'bad-data', later(6))).toMatchObject({ reason: 'bounced', state: 'accepted' });
  expect(await decisionOn(first)).toBe('returned');
});

test('a filter that is missed decides itself, unless the terms changed since; a duplicate by the contract’s rule, too', async () => {
  const filters = [{ field: 'country', in: ['GB'] }];
  const all = { returns: { days: 30, percent: 100 } };
  await sponsor('acme-cloud', { ...all, filters });
  const moved = await settled({ email: 'm@m.example' });
  await leads.prove((await ask({ email: 'm@m.example', country: 'DE', at: later(1) })).ref, later(2));
  await ledger.settle(moved, later(2));
  const fits = await settled({ email: 'f@f.example' });
  expect(await giveBack(fits, 'filter-miss')).toMatchObject({ state: 'open' });
  expect(await giveBack(moved, 'filter-miss', later(3))).toMatchObject({
    state: 'accepted',
    evidence: 'the lead does not fit filter:country',
  });
  const again = await settled({ email: 'p+2@p.example' }, later(4));
  await settled({ email: 'p@p.example' }, NOW);
  await sponsor('acme-cloud', { ...all, filters, duplicates: { scope: 'campaign', match: 'mailbox' } });
  expect(await giveBack(again, 'duplicate', later(5))).toMatchObject({ state: 'accepted' });
  const before = await settled({ email: 'q@q.example' });
  await sponsor('acme-cloud', { ...all, filters: [{ field: 'country', in: ['FR'] }] });
  expect(await giveBack(before, 'filter-miss', later(5))).toMatchObject({ state: 'open' });
});

test('a decision that a crash cut off is carried out by its job', async () => {
  await sponsor('acme-cloud', RETURNS);
  const [lead = ''] = await seed(2);
  await giveBack(lead);
  // As far as it got: decided, and not a word of it in the ledger.
  await mongoose.connection.collection('returns').updateOne({}, { $set: { state: 'accepted', decidedAt: later(2) } });
  await ledger.carryOutReturn(`${SLUG}/acme-cloud/${lead}`);
  await ledger.carryOutReturn(`${SLUG}/acme-cloud/${lead}`);
  expect(await ledger.settlementsOf(lead)).toMatchObject([
    { decision: 'returned', before: [{ decision: 'billable' }] },
  ]);
  expect(await mongoose.connection.collection('places').countDocuments({ lead })).toBe(0);
});

test('what a sponsor wrote about a person goes with the person', async () => {
  await sponsor('acme-cloud', RETURNS);
  const [lead = ''] = await seed(2);
  await giveBack(lead, 'bad-data', later(1), 'Jane left');
  await ledger.erase(lead, await leads.findLead(lead));
  expect(await ledger.findReturn(await contract(), lead)).toMatchObject({ note: '', reason: 'bad-data' });
});

const text = async (agent: Agent, path: string) => (await agent.get(path).expect(200)).text;
const plain = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const tokenOf = async (agent: Agent, path: string) =>
  /name="_csrf" value="([^"]+)"/.exec(await text(agent, path))?.[1] ?? '';

test('by the portal: given back, decided by staff, on one time line for both; and by a file', async () => {
  await importDraft();
  await sponsor('acme-cloud', RETURNS);
  const [first = '', second = '', third = ''] = await seed(4);
  const theirs = await browserOf(app(), 'sponsor-member', ACME);
  const staff = await browserOf(app(), 'marketer');
  const _csrf = await tokenOf(theirs, `${PORTAL}/returns`);
  const post = (agent: Agent, path: string, body: object) => agent.post(path).type('form').send(body);
  await post(theirs, `${PORTAL}/returns`, { lead: first, reason: 'bad-data', note: 'Nobody of that name' }).expect(403);
  const wrong = await post(theirs, `${PORTAL}/returns`, { _csrf, lead: 'NONE', reason: 'other', note: 'Kept' }).expect(
    422,
  );
  expect(plain(wrong.text)).toContain('NONE is not the reference of a lead of yours here.');
  expect(wrong.text).toContain('>Kept</textarea>');
  await post(theirs, `${PORTAL}/returns`, {
    _csrf,
    lead: first,
    reason: 'bad-data',
    note: 'Nobody of that name',
  }).expect(303);
  const queue = await text(staff, '/staff/returns');
  expect(plain(queue)).toContain('Name, company or phone are not real Nobody of that name');
  const decide = { _csrf: await tokenOf(staff, '/staff/returns'), decision: 'accept', words: 'We called, too' };
  const analyst = await browserOf(app(), 'analyst');
  const look = { ...decide, _csrf: await tokenOf(analyst, '/staff/ledger') };
  await post(analyst, `${STAFF}/returns/${first}`, look).expect(403);
  await post(staff, `${STAFF}/returns/${first}`, decide).expect(303);
  await post(staff, `${STAFF}/returns/${first}`, decide).expect(409);
  const line = plain(await text(theirs, `${PORTAL}/leads/${first}`));
  expect(line).toContain(
    'given back Name, company or phone are not real · Nobody of that name · asked ada@acme.example',
  );
  expect(line).toContain('return accepted We called, too · by marketer@doors.example');
  const lines = (page: string) => /Time line, oldest first(.*?)<\/table>/s.exec(page)?.[1];
  expect(lines(await text(staff, `${STAFF}/leads/${first}`))).toBe(
    lines(await text(theirs, `${PORTAL}/leads/${first}`)),
  );
  const file = `lead_id,email,disposition,note\r\n${second},x,won,"A, big one"\r\n${first},x,won,\r\n${third},x,sold,\r\n`;
  const sent = await theirs
    .post(`${PORTAL}/dispositions/import`)
    .field('_csrf', _csrf)
    .attach('file', Buffer.from(file), 'what-became.csv')
    .expect(200);
  expect(plain(sent.text)).toContain('1 taken, 2 refused:');
  expect(plain(sent.text)).toContain('Line 3: This lead was given back; it is yours no longer.');
  expect(plain(sent.text)).toContain('Line 4: “sold” is none of contacted, qualified, won, bad-data.');
  expect(plain(await text(staff, `${STAFF}/dispositions`))).toContain('Won A, big one ada@acme.example');
  const bad = await theirs
    .post(`${PORTAL}/returns/import`)
    .field('_csrf', _csrf)
    .attach('file', Buffer.from('a,b\n'), 'x.csv');
  expect([bad.status, plain(bad.text).includes('has to name the columns lead_id and reason')]).toEqual([422, true]);
});
