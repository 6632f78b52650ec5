import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import * as deliveries from '../../src/deliveries/deliveries';
import * as jobs from '../../src/jobs/jobs';
import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { carryOut, eraseAddress, eraseLead, personalData, verifyErasures } from '../../src/privacy/privacy';
import * as sponsors from '../../src/sponsors/sponsors';
import { importCampaign, SLUG, startAfresh, testServices } from '../landing/app';
import { captureOf } from '../support/seeds';
import { useStore } from '../support/store';

useStore();
const services = testServices();
const { dataDir } = services.config;
const at = services.now();
beforeAll(() => importCampaign(dataDir));
beforeEach(() => startAfresh(services));

const JANE = 'jane.doe@acme-homes.example';
const TRACES = /jane|acme.homes|doe@/i;

const contract = (cap: number) =>
  sponsors.putContract({ campaign: SLUG, sponsor: 'acme-cloud', cap, filters: [], overflow: 'hold' });

/** Somebody who asked twice, got their paper, fetched it, was settled, and has a note; and a colleague who stays. */
async function jane(): Promise<string> {
  await contract(5);
  const { master, fileName } = await paper();
  const asked = { ...captureOf({ email: JANE }), whitepaper: { master, fileName } };
  const { lead } = await leads.capture(asked);
  const repeat = await leads.capture({ ...asked, at: new Date(at.getTime() + 1000) });
  for (const request of [lead, repeat.ref]) await deliveries.deliver({ payload: { request }, attempts: 0 }, services);
  await deliveries.recordFetch({ link: { request: lead, channel: 'mail', generation: 0 }, scanner: false, at }, 50);
  await leads.prove(repeat.ref, at);
  await ledger.settle(lead, at);
  await leads.addNote(lead, { by: 'ada@doors.example', text: 'Jane rang.', at });
  return lead;
}

async function paper() {
  const row = await mongoose.connection.collection('campaigns').findOne({});
  return row?.['whitepaper'] as { master: string; fileName: string };
}

/** Collections and outbox files that still say who it was; read past the rooms, whose questions are on a list. */
async function traces(): Promise<string[]> {
  const client = await MongoClient.connect(process.env['GATEFOLD_TEST_URI'] ?? '');
  const db = client.db(mongoose.connection.name);
  const collections = (await db.listCollections().toArray()).map(({ name }) => name);
  const named = collections.filter((name) => !/^(campaign|master|fs\.|site|sponsor|contract)/.test(name));
  const texts = await Promise.all(
    named.map(async (name) => [name, JSON.stringify(await db.collection(name).find().toArray())] as const),
  );
  await client.close();
  const outbox = join(dataDir, 'outbox');
  const files = existsSync(outbox) ? readdirSync(outbox) : [];
  const letters = files.map((name) => [name, readFileSync(join(outbox, name), 'utf8')] as const);
  return [...texts, ...letters].filter(([, text]) => TRACES.test(text)).map(([name]) => name);
}

test('an erased person is nowhere, figures stay, and the same address may come again as somebody new', async () => {
  const lead = await jane();
  const before = await traces();
  expect(before).toEqual(expect.arrayContaining(['leads', 'requests', 'deliveries', 'leadnotes', 'mailbudgets']));
  expect(before.filter((name) => name.endsWith('.eml'))).toHaveLength(2);
  const figures = () =>
    Promise.all([
      leads.countLeads({ campaign: SLUG }),
      deliveries.deliveriesSummary(),
      ledger.summary(SLUG, 'acme-cloud'),
    ]);
  const were = await figures();
  expect(were).toEqual([1, { sent: 2 }, expect.objectContaining({ billable: 1 })]);

  expect(await eraseAddress(JANE.toUpperCase(), { dataDir, now: at })).toEqual([lead]);

  expect(await traces()).toEqual([]);
  expect(await figures()).toEqual(were);
  expect([await leads.findLead(lead), await leads.listLeads({}, { limit: 9 })]).toEqual([null, []]);
  expect(await verifyErasures()).toEqual({ erasures: 1, left: [] });
  expect(await eraseAddress(JANE, { dataDir, now: at })).toEqual([]);
  // Later looks find nothing to settle or send.
  await ledger.settle(lead, at);
  expect((await deliveries.deliver({ payload: { request: lead }, attempts: 0 }, services)).state).toBe('failed');
  const again = await leads.capture(captureOf({ email: JANE }));
  expect(again.lead).not.toBe(lead);
  expect((await figures())[0]).toBe(2);
});

const STEPS: ((lead: string) => Promise<unknown>)[] = [
  async (lead) => deliveries.erase(lead, await leads.findLead(lead), dataDir),
  async (lead) => ledger.erase(lead, await leads.findLead(lead)),
  (lead) => leads.erase(lead, at),
];

test.each([0, 1, 2, 3])('killed after step %i, verify says so, and the worker’s job carries on', async (done) => {
  const lead = await jane();
  const stop = jest.spyOn(mongoose.models['Delivery'] as typeof mongoose.Model, 'find').mockImplementationOnce(() => {
    throw new Error('killed');
  });
  await expect(eraseLead(lead, { dataDir, now: at })).rejects.toThrow('killed');
  stop.mockRestore();
  for (const step of STEPS.slice(0, done)) await step(lead);
  expect(await verifyErasures()).toEqual({ erasures: 1, left: [lead] });
  expect(await jobs.find('erase', lead)).toMatchObject({ state: 'due', payload: { lead } });
  await carryOut(lead, { dataDir, now: at });
  expect(await traces()).toEqual([]);
  expect(await verifyErasures()).toEqual({ erasures: 1, left: [] });
});

test('one who waits for a place waits no longer, and keeps nobody else waiting', async () => {
  await contract(0);
  const { lead } = await leads.capture(captureOf({ email: JANE }));
  await ledger.settle(lead, at);
  expect((await ledger.summary(SLUG, 'acme-cloud')).held).toBe(1);
  await eraseLead(lead, { dataDir, now: at });
  await contract(5);
  const other = await leads.capture(captureOf({ email: 'omar@other.example' }));
  await ledger.settle(other.lead, at);
  expect(await ledger.summary(SLUG, 'acme-cloud')).toMatchObject({ held: 0, billable: 1, rejected: 1 });
});

test('a person gets all that is held about them', async () => {
  const lead = await jane();
  const held = JSON.parse(JSON.stringify(await personalData(` ${JANE} `.trim())));
  expect(held).toMatchObject({
    email: JANE,
    leads: [
      {
        id: lead,
        campaign: SLUG,
        requests: [{ ref: lead }, {}],
        notes: [{ text: 'Jane rang.' }],
        deliveries: [{ to: JANE }, { to: JANE }],
        settlements: [{ decision: 'billable' }],
        disclosures: [],
      },
    ],
  });
  expect(await personalData('nobody@x.example')).toEqual({ email: 'nobody@x.example', leads: [] });
});
