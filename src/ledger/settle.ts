import * as leads from '../leads/leads';
import * as sponsors from '../sponsors/sponsors';
import { SettlementModel } from './ledger.model';
import { type Settlement, THEIRS } from './ledger.types';
import { freePlace, hasPlace, takePlace } from './places';

const DUPLICATE_KEY = 11_000;

type Judgement = Pick<Settlement, 'decision' | 'rule' | 'evidence'>;

/**
 * Decides on a lead under every contract of its campaign: billable, unbilled, held or rejected, by which rule.
 * Idempotent, and safe to run many times at once. A lead that has a place keeps it; anything else is decided anew,
 * because a proved repeat may bring the consent or the answer that was missing. A lead that is no longer active gives
 * back what it had.
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
  const candidate = candidateOf(lead);
  const judged: [sponsors.Contract, Judgement][] = [];
  for (const contract of contracts) judged.push([contract, await judge(contract, lead, candidate)]);
  const taken = judged.some(([, { decision }]) => decision === 'billable');
  for (const [contract, judgement] of judged) {
    const goesNext = taken && judgement.rule === 'cap' && contract.overflow === 'next';
    await record(contract.id, lead.id, goesNext ? NEXT : judgement, now);
  }
}

async function judge(contract: sponsors.Contract, lead: leads.Lead, candidate: sponsors.Candidate): Promise<Judgement> {
  const verdict = sponsors.decide(contract, candidate);
  // The row is the truth: a place that was taken counts, whatever changed since.
  if (!verdict.eligible && !(await hasPlace(contract.id, lead.id))) return no(verdict.rule, verdict.evidence);
  const domain = companyDomain(lead);
  const taking = await takePlace(contract, domain, lead.id);
  if (taking === 'place') return { decision: 'billable', rule: 'place', evidence: '' };
  if (taking === 'per-company-domain')
    return no(taking, `${contract.perCompanyDomain} leads of ${domain} already count`);
  const decision = contract.overflow === 'unbilled' ? 'unbilled' : 'held';
  return { decision, rule: taking, evidence: `all ${contract.cap} places are taken` };
}

/** Keeps a decision, and the time when it was first made. */
async function record(contract: string, lead: string, judgement: Judgement, at: Date): Promise<void> {
  const _id = `${contract}/${lead}`;
  const { decision, rule, evidence } = judgement;
  const known = await SettlementModel.findOne({ _id }).lean();
  if (known?.decision === decision && known.rule === rule && known.evidence === evidence) return;
  try {
    // Of two at once, one may have found a place that was freed between them: the place counts.
    const open = { _id, decision: { $ne: 'billable' } } as const;
    const owed = THEIRS.includes(decision) ? { owedAt: at } : {};
    const change = { $set: { contract, lead, decision, rule, evidence, at, ...owed } };
    await SettlementModel.updateOne(open, change, { upsert: true });
  } catch (error) {
    if ((error as { code?: number }).code !== DUPLICATE_KEY) throw error;
  }
}

/** Takes back what was decided while the lead was active, and lets those in who wait for its places. */
async function release({ id: lead, status }: leads.Lead, at: Date): Promise<void> {
  const settled = await SettlementModel.find({ lead }).lean();
  for (const { _id, contract, decision } of settled) {
    const taken = no('status', `the lead is ${status}`);
    if (decision !== 'rejected') await SettlementModel.updateOne({ _id }, { $set: { ...taken, at } });
    await freePlace(contract, lead);
    await refill(contract, at);
  }
}

/** Settles held leads, the one that waits longest first, until one has to wait on. */
async function refill(contract: string, now: Date): Promise<void> {
  for (;;) {
    const waits = await SettlementModel.findOne({ contract, decision: 'held' }).sort({ at: 1 }).lean();
    if (!waits) return;
    await settle(waits.lead, now);
    const settled = await SettlementModel.findOne({ _id: waits._id }).lean();
    if (settled?.decision === 'held') return;
  }
}

const no = (rule: string, evidence: string): Judgement => ({ decision: 'rejected', rule, evidence });
const NEXT = no('next', 'all places are taken; another sponsor of the campaign has it');

function candidateOf(lead: leads.Lead): sponsors.Candidate {
  const { q, ...standard } = lead.current.answers;
  const own = Object.entries(q).map(([key, value]) => [`q.${key}`, value]);
  return {
    // When they asked for what sponsors see: a repeat may bring the consent to a contract that came after the first.
    at: lead.current.at,
    answers: { ...standard, ...Object.fromEntries(own) },
    consentedTo: lead.current.consents.flatMap(({ sponsor, given }) => (given && sponsor ? [sponsor] : [])),
    domain: domainOf(lead),
    business: lead.addressClass === 'business',
    proved: lead.verifiedAt !== undefined,
  };
}

/** The company of a business address; a personal mailbox says nothing about it. */
function companyDomain(lead: leads.Lead): string | undefined {
  return lead.addressClass === 'business' ? sponsors.companyOf(domainOf(lead)) : undefined;
}

function domainOf(lead: leads.Lead): string {
  return leads.emailKey(lead.current.answers.email).split('@').pop() ?? '';
}
