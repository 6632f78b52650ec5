import * as campaigns from '../campaigns/campaigns';
import * as jobs from '../jobs/jobs';
import * as leads from '../leads/leads';
import * as sponsors from '../sponsors/sponsors';
import { addressOf, candidateOf, companyDomain } from './candidate';
import { SettlementModel } from './ledger.model';
import type { Judgement } from './ledger.types';
import { claimPerson, freePerson } from './people';
import { type Full, freePlace, hasPlace, takePlace } from './places';
import { record, takeBack } from './record';

/**
 * Decides on a lead under every contract of its campaign: billable, unbilled, held, pending or rejected, by which rule.
 * Idempotent, and safe to run many times at once. A lead that has a place keeps it, one that was returned stays so;
 * anything else is decided anew, because a proved repeat may bring the consent or the answer that was missing. A lead
 * that is no longer active gives back what it had.
 */
export async function settle(leadId: string, now: Date): Promise<void> {
  for (;;) {
    const lead = await leads.findLead(leadId);
    // A test lead is settled for nobody.
    if (!lead || lead.test) return;
    if (lead.status !== 'active') return release(lead, now);
    await decideOn(lead, now);
    // A proof or a decision of staff came in between: what we wrote was decided on what is no longer so.
    if (await leads.markSettled(lead, now)) return;
  }
}

async function decideOn(lead: leads.Lead, now: Date): Promise<void> {
  const contracts = await sponsors.contractsOfCampaign(lead.campaign);
  const judged: [sponsors.Contract, Judgement][] = [];
  for (const contract of contracts) {
    if (!(await isReturned(contract.id, lead.id))) judged.push([contract, await judge(contract, lead, now)]);
  }
  const taken = judged.some(([, { decision }]) => decision === 'billable');
  for (const [contract, judgement] of judged) {
    const goesNext = taken && judgement.rule === 'cap' && contract.overflow === 'next';
    await record(contract, lead.id, goesNext ? NEXT : judgement, now);
  }
}

/** What a sponsor gave back is not given again. */
async function isReturned(contract: string, lead: string): Promise<boolean> {
  return (await SettlementModel.exists({ _id: `${contract}/${lead}`, decision: 'returned' })) !== null;
}

async function judge(contract: sponsors.Contract, lead: leads.Lead, now: Date): Promise<Judgement> {
  // The row is the truth: a place that was taken counts, whatever changed since.
  if (await hasPlace(contract.id, lead.id)) return PLACE;
  const verdict = sponsors.decide(contract, candidateOf(lead));
  if (!verdict.eligible) {
    const waits = verdict.rule === 'not-proved';
    return { decision: waits ? 'pending' : 'rejected', rule: verdict.rule, evidence: verdict.evidence };
  }
  const { id, campaign, current } = lead;
  const duplicate = await claimPerson(contract, { lead: id, campaign, address: addressOf(lead), at: current.at });
  if (duplicate !== null) return { decision: 'rejected', rule: 'duplicate', evidence: duplicate };
  const timeZone = contract.pacing ? (await campaigns.site()).timezone : 'UTC';
  const taking = await takePlace(contract, { lead: id, domain: companyDomain(lead), at: now, timeZone });
  if (taking === 'place') return PLACE;
  const full = await withoutPlace(contract, taking);
  // Only what is theirs makes another one a duplicate.
  if (full.decision !== 'unbilled') await freePerson(contract.id, id, addressOf(lead));
  return full;
}

/** What becomes of a lead that fits and finds no place. A pace only makes it wait; a job looks again when it allows more. */
async function withoutPlace(contract: sponsors.Contract, full: Full): Promise<Judgement> {
  const { rule, evidence } = full;
  if (rule === 'per-company-domain') return { decision: 'rejected', rule, evidence };
  if (!('opens' in full)) return { decision: contract.overflow === 'unbilled' ? 'unbilled' : 'held', rule, evidence };
  const key = `${contract.id} ${full.opens.toISOString()}`;
  await jobs.want({ kind: 'refill', key, payload: { contract: contract.id }, dueAt: full.opens });
  return { decision: 'held', rule, evidence };
}

/** Takes back what was decided while the lead was active, and lets those in who wait for its places. */
async function release(lead: leads.Lead, at: Date): Promise<void> {
  const judgement = { decision: 'rejected', rule: 'status', evidence: `the lead is ${lead.status}` } as const;
  for (const { _id, contract, decision } of await SettlementModel.find({ lead: lead.id }).lean()) {
    if (decision !== 'returned') await takeBack(_id, judgement, at);
    await giveBack(contract, lead, at);
  }
}

/** Frees what a lead holds under a contract, for the one that waits longest. */
export async function giveBack(contract: string, lead: leads.Lead, at: Date): Promise<void> {
  await freePlace(contract, lead.id);
  await freePerson(contract, lead.id, addressOf(lead));
  await refill(contract, at);
}

/** Settles held leads of a contract, the one that waits longest first, until one has to wait on. */
export async function refill(contract: string, now: Date): Promise<void> {
  for (;;) {
    const waits = await SettlementModel.findOne({ contract, decision: 'held' }).sort({ at: 1 }).lean();
    if (!waits) return;
    await settle(waits.lead, now);
    const settled = await SettlementModel.findOne({ _id: waits._id }).lean();
    if (settled?.decision === 'held') return;
  }
}

const PLACE: Judgement = { decision: 'billable', rule: 'place', evidence: '' };
const NEXT: Judgement = {
  decision: 'rejected',
  rule: 'next',
  evidence: 'all places are taken; another sponsor of the campaign has it',
};
