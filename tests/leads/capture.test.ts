import type { CommandStartedEvent } from 'mongodb';
import mongoose from 'mongoose';
import * as leads from '../../src/leads/leads';
import { ask, captureOf, later, NOW, SLUG } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

async function commandsOf(work: () => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  const note = ({ commandName }: CommandStartedEvent) => names.push(commandName);
  mongoose.connection.getClient().on('commandStarted', note);
  await work();
  mongoose.connection.getClient().off('commandStarted', note);
  return names;
}

test('a new lead is one write, with its request, its evidence and what is owed in it', async () => {
  let request: leads.LeadRequest | undefined;
  const commands = await commandsOf(async () => {
    request = await ask();
  });
  expect(commands).toEqual(['insert']);
  expect(request?.ref).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(await leads.findLead(request?.ref ?? '')).toMatchObject({
    id: request?.ref,
    campaign: SLUG,
    status: 'active',
    current: { ref: request?.ref, answers: { email: 'jane@acme-homes.example', q: { units: 'gt1000' } } },
    capturedAt: NOW,
  });
  expect(await leads.findRequest(request?.ref ?? '')).toEqual({
    ref: request?.ref,
    lead: request?.ref,
    ...captureOf(),
  });
  expect(await leads.owed(10)).toMatchObject([
    { ref: request?.ref, lead: request?.ref, email: request?.answers.email, wanted: ['deliver', 'settle'] },
  ]);
});

test('the same address again is the same lead with one more request', async () => {
  const first = await ask();
  const again = await ask({ email: 'Jane@ACME-homes.example', firstName: 'Mallory', at: later(1) });
  expect(again.lead).toBe(first.lead);
  expect(again.ref).not.toBe(first.ref);
  expect(await leads.countLeads({})).toBe(1);
  expect((await leads.requestsOf(first.lead)).map(({ ref, answers }) => [ref, answers.firstName])).toEqual([
    [first.ref, 'Jane'],
    [again.ref, 'Mallory'],
  ]);
  expect((await leads.findLead(first.lead))?.current.answers.firstName).toBe('Jane');
});

test('the same address in another campaign is another lead', async () => {
  const [one, other] = [await ask(), await ask({ campaign: 'other' })];
  expect(one.lead).not.toBe(other.lead);
});

test('fifty posts of one address at once are one lead and fifty requests', async () => {
  const requests = await Promise.all(Array.from({ length: 50 }, () => ask()));
  expect(await leads.countLeads({})).toBe(1);
  const kept = await leads.requestsOf(requests[0]?.lead ?? '');
  expect(new Set(kept.map(({ ref }) => ref)).size).toBe(50);
  expect(await leads.owed(100)).toHaveLength(50);
});

test('what became jobs is owed no longer; what came in meanwhile still is', async () => {
  const { ref, lead } = await ask();
  const [owed] = await leads.owed(10);
  await leads.prove(ref, later(1));
  await leads.paid(ref, owed?.wanted ?? []);
  const [still] = await leads.owed(10);
  expect(still).toMatchObject({ ref, lead });
  expect(still?.wanted).toEqual(expect.arrayContaining(['deliver', 'settle']));
  await leads.paid(ref, still?.wanted ?? []);
  expect(await leads.owed(10)).toEqual([]);
});

test.each([
  ['Jane@Example.COM', 'jane@example.com'],
  ['jane@bücher.example', 'jane@xn--bcher-kva.example'],
  ['JÜRGEN@x.example', 'jürgen@x.example'],
  ['jane+news@example.com', 'jane+news@example.com'],
])('%s is known as %s', (email, key) => {
  expect(leads.emailKey(email)).toBe(key);
});

test('leads are listed newest first, page by page, without a gap or a double', async () => {
  for (let n = 0; n < 25; n += 1) await ask({ email: `r${n}@x.example`, at: later(Math.floor(n / 3)) });
  const seen: string[] = [];
  let after: leads.Cursor | undefined;
  for (;;) {
    const page = await leads.listLeads({ campaign: SLUG }, { limit: 10, ...(after && { after }) });
    seen.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (!last) break;
    after = { capturedAt: last.capturedAt, id: last.id };
  }
  expect(seen).toHaveLength(25);
  expect(new Set(seen).size).toBe(25);
});
