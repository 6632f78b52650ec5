import mongoose from 'mongoose';
import { listAudit } from '../../src/accounts/accounts';
import * as ledger from '../../src/ledger/ledger';
import { ask, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { testServices } from '../web/app';
import { bytesOf, importDraft, read, take, takeAll } from './desk';
import { appOf, browserOf } from './people';

useStore();
const services = testServices();
const app = appOf(services);
const ACME = { email: 'ada@acme.example', sponsor: 'acme-cloud' };
const NORTHGATE = { email: 'ned@northgate.example', sponsor: 'northgate' };
const plain = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

beforeEach(async () => {
  await emptyStore();
  await mongoose.connection.collection('sessions').deleteMany({});
  await importDraft();
  await sponsor('northgate');
});

/** A lead that both sponsors may have, taken by each of them and by staff. */
async function taken(): Promise<string> {
  const { lead } = await ask({ yes: ['acme-cloud', 'northgate'] });
  await ledger.settle(lead, services.now());
  await read(await take());
  await read(await take({ sponsor: 'northgate', actor: 'ned@northgate.example' }));
  await bytesOf((await takeAll('ndjson')).stream);
  return lead;
}

test('staff see every time it went out, with columns, hash and every consent', async () => {
  const lead = await taken();
  const staff = await browserOf(app(), 'analyst');
  const page = plain((await staff.get(`/staff/handover/leads/${lead}/disclosures`).expect(200)).text);
  expect(page).toMatch(/ada@acme.example ACME Cloud CSV went out whole \d+ columns lead_id, captured_at,/);
  expect(page).toMatch(/ned@northgate.example northgate CSV/);
  expect(page).toMatch(/staff@doors.example the publisher NDJSON/);
  expect(page.match(/SHA-256 [0-9a-f]{64}/g)).toHaveLength(3);
  expect(page).toContain('Yes, to ACME Cloud ACME Cloud may contact me. (acme-cloud, version 2,');
  expect(page).toContain('No Send me news.');
  const [entry] = await listAudit();
  expect(entry).toMatchObject({ actor: 'analyst@doors.example', kind: 'read', subject: lead });
});

test('a sponsor sees its own disclosures and its own consent, and nothing of the others', async () => {
  const lead = await taken();
  const theirs = await browserOf(app(), 'sponsor-member', ACME);
  const { text } = await theirs.get(`/portal/leads/${lead}/disclosures`).expect(200);
  expect(plain(text)).toMatch(/ada@acme.example CSV went out whole/);
  expect(text).toContain('ACME Cloud may contact me.');
  for (const other of ['northgate', 'ned@', 'staff@', 'Northgate may', 'Send me news'])
    expect(text).not.toContain(other);
  const link = `/portal/leads/${lead}/disclosures`;
  expect((await theirs.get(`/portal/campaigns/${SLUG}/ledger/leads/${lead}`).expect(200)).text).toContain(link);
});

test('a lead that was never theirs is one that there is not; one that left says so and keeps its record', async () => {
  const lead = await taken();
  const other = await ask({ email: 'other@b.example', yes: ['acme-cloud'] });
  await ledger.settle(other.lead, services.now());
  const ned = await browserOf(app(), 'sponsor-admin', NORTHGATE);
  await ned.get(`/portal/leads/${other.lead}/disclosures`).expect(404);
  await ned.get('/portal/leads/nobody/disclosures').expect(404);
  await ned.get(`/staff/handover/leads/${lead}/disclosures`).expect(403);
  await mongoose.connection.collection('leads').updateOne({ _id: lead as never }, { $set: { status: 'withdrawn' } });
  const page = plain((await ned.get(`/portal/leads/${lead}/disclosures`).expect(200)).text);
  expect(page).toContain('The lead itself is not yours any more');
  expect(page).toContain('ned@northgate.example CSV went out whole');
  expect(page).not.toContain('Northgate may contact me');
});
