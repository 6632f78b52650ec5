import mongoose from 'mongoose';
import type { Agent } from 'supertest';
import * as ledger from '../../src/ledger/ledger';
import { findContract } from '../../src/sponsors/sponsors';
import { importDraft } from '../exports/desk';
import { appOf, browserOf } from '../exports/people';
import { type Asked, ask, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { testServices } from '../web/app';

useStore();
const services = testServices();
const app = appOf(services);

const ACME = { email: 'ada@acme.example', sponsor: 'acme-cloud' };
const STAFF = `/staff/ledger/${SLUG}/acme-cloud`;
const PORTAL = `/portal/campaigns/${SLUG}/ledger`;
const on = (day: string) => new Date(`${day}T12:00:00Z`);
const TERMS = {
  cap: 3,
  price: { amount: 4550, currency: 'GBP' },
  from: on('2026-10-01'),
  to: on('2026-12-31'),
  filters: [{ field: 'country', in: ['GB'] }],
};

async function settled(day: string, asked: Asked = {}): Promise<string> {
  const { lead } = await ask({ at: on(day), ...asked });
  await ledger.settle(lead, on(day));
  return lead;
}

beforeEach(async () => {
  await emptyStore();
  await mongoose.connection.collection('sessions').deleteMany({});
  await importDraft();
  await sponsor('acme-cloud', TERMS);
});

/** Two in October, one in November, one held, one from a country that isn't taken, one without consent. */
async function seed() {
  const first = await settled('2026-10-05', { email: 'one@a.example' });
  const second = await settled('2026-10-31', { email: 'two@b.example' });
  const third = await settled('2026-11-02', { email: 'three@c.example' });
  const held = await settled('2026-11-03', { email: 'four@d.example' });
  const german = await settled('2026-11-04', { email: 'secret@e.example', country: 'DE', firstName: 'Secret' });
  const silent = await settled('2026-11-05', { email: 'silent@f.example', yes: [] });
  return { first, second, third, held, german, silent };
}

const text = async (agent: Agent, path: string) => (await agent.get(path).expect(200)).text;
/** What a reader of the page sees, without tags. */
const plain = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

test('staff and the sponsor read the same figures; the sponsor learns nothing of whose a lead never was', async () => {
  const { first, held, german, silent } = await seed();
  const staff = await browserOf(app(), 'analyst');
  const theirs = await browserOf(app(), 'sponsor-member', ACME);
  for (const page of [plain(await text(staff, STAFF)), plain(await text(theirs, PORTAL))]) {
    expect(page).toContain('Billable 3 Contracted 3 Pending 0 Held 1 Rejected 2 Returned 0 Replaced 0');
    expect(page).toContain('All places are taken.');
    expect(page).toContain('the filter on country takes GB 1');
    expect(page).toContain('the reader did not agree to be passed on 1');
  }
  const mine = plain(await text(staff, `${STAFF}/entries`));
  expect(mine).toContain('DE; taken: GB');
  expect(mine).toContain(german);
  const shown = await text(theirs, `${PORTAL}/entries`);
  expect(shown).toContain(first);
  for (const secret of [held, german, silent, 'Secret', '@e.example', 'DE;']) expect(shown).not.toContain(secret);
  expect(plain(shown)).toContain('4 Nov 2026 not yours rejected the filter on country takes GB');
  expect(plain(await text(theirs, `${PORTAL}/entries?decision=billable`))).not.toContain('not yours');
  expect(plain(await text(staff, '/staff/ledger'))).toContain('Locks and keys 3 3 1 0 2 0 All places are taken.');
});

test('the chart has each figure in its table', async () => {
  await seed();
  const page = await text(await browserOf(app(), 'sponsor-admin', ACME), PORTAL);
  expect(page).toMatch(/<svg [^>]*role="img" aria-label="Leads that count over time: 3 so far\./);
  const table = plain(page.slice(page.indexOf('The figures of the chart')));
  expect(table).toMatch(/2 Nov 2026 1 3 \d.*5 Oct 2026 1 1 \d/s);
});

test('statements: what began and ceased to count in a month, at the price of then, and what was before', async () => {
  const { first, second } = await seed();
  // Another price from now on, and the first turns out to be undeliverable in November: the one that waits takes its place.
  await sponsor('acme-cloud', { ...TERMS, price: { amount: 6000, currency: 'GBP' } });
  await mongoose.connection
    .collection('leads')
    .updateOne({ _id: first as never }, { $set: { status: 'undeliverable' } });
  await ledger.settle(first, on('2026-11-20'));
  const contract = await findContract(SLUG, 'acme-cloud');
  if (!contract) throw new Error('no contract');
  const [october, november] = ['2026-10', '2026-11', '2026-12'].map((month) => new Date(`${month}-01T00:00:00Z`));
  if (!october || !november) throw new Error('no months');
  const before = await ledger.statementOf(contract, october, november);
  expect(before).toMatchObject({ opening: 0, closing: 2, amounts: [{ amount: 9100, currency: 'GBP' }] });
  expect(before.charged.map(({ lead }) => lead)).toEqual([first, second]);
  const after = await ledger.statementOf(contract, november, new Date('2026-12-01T00:00:00Z'));
  expect([after.opening, after.charged.length, after.credited.length, after.closing]).toEqual([2, 2, 1, 3]);
  // One at the price of then, one at that of now, less one at that of then.
  expect(after.amounts).toEqual([{ amount: 4550 + 6000 - 4550, currency: 'GBP' }]);
  const agent = await browserOf(app(), 'sponsor-member', ACME);
  const page = plain(await text(agent, `${PORTAL}/statements/2026-10`));
  expect(page).toContain('Counted on 1 Oct 2026 0 Began to count 2');
  expect(page).toContain('Amount for the month £91.00');
  expect(plain(await text(agent, `${PORTAL}/statements/2026-11`))).toContain('The month has not ended');
  for (const wrong of ['2026-13', 'x', '../2026-10']) await agent.get(`${PORTAL}/statements/${wrong}`).expect(404);
  const closing = plain(await text(agent, `${PORTAL}/closing`));
  expect(closing).toContain('October 2026 2 0 November 2026 2 1 In all 4 1');
  expect(closing).toContain('Amount in all: £151.00');
  expect(closing).toContain('Replaced 1');
});

test('without leads there is a page, too', async () => {
  const agent = await browserOf(app(), 'sponsor-admin', ACME);
  for (const path of ['', '/entries', '/statements/2026-11', '/closing']) await agent.get(PORTAL + path).expect(200);
  await (await browserOf(app(), 'admin')).get('/staff/ledger').expect(200);
});
