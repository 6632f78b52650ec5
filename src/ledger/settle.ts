import * as leads from '../leads/leads';
import * as sponsors from '../sponsors/sponsors';
import { SettlementModel } from './ledger.model';
import type { Settlement } from './ledger.types';
import { freePlaces, takeDomainPlace, takePlace } from './places';

type Judgement = Pick<Settlement, 'decision' | 'rule' | 'evidence'>;

/**
 * Decides on a lead under every contract of its campaign: billable, unbilled, held or rejected, by which rule.
 * Idempotent, and safe to run twice at once. A lead that was billable stays so; anything else is decided anew, because
 * a proved repeat may bring the consent or the answer that was missing.
 */
export async function settle(leadId: string, now: Date): Promise<void> {
  const lead = await leads.findLead(leadId);
  if (lead?.status !== 'active') return;
  const contracts = await sponsors.contractsOfCampaign(lead.campaign);
  const candidate = candidateOf(lead);
  const spilled: sponsors.Contract[] = [];
  let taken = false;
  for (const contract of contracts) {
    const judgement = await judge(contract, lead, candidate);
    if (judgement.decision === 'billable') taken = true;
    if (judgement.rule === 'cap' && contract.overflow === 'next') spilled.push(contract);
    await record(contract, lead.id, judgement, now);
  }
  for (const contract of spilled) {
    if (taken)
      await record(contract, lead.id, no('next', 'all places are taken; another sponsor of the campaign has it'), now);
  }
  await leads.markSettled(lead, now);
}

async function judge(contract: sponsors.Contract, lead: leads.Lead, candidate: sponsors.Candidate): Promise<Judgement> {
  const known = await SettlementModel.findOne({ _id: `${contract.id}/${lead.id}` }).lean();
  if (known?.decision === 'billable') return known;
  const verdict = sponsors.decide(contract, candidate);
  if (!verdict.eligible) return no(verdict.rule, verdict.evidence);
  const domain = companyDomain(lead);
  if (domain && !(await takeDomainPlace(contract, domain, lead.id))) {
    return no('per-company-domain', `${contract.perCompanyDomain} leads of ${domain} already count`);
  }
  if (await takePlace(contract, lead.id)) return { decision: 'billable', rule: 'place', evidence: '' };
  // The company's place is for leads that count.
  await freePlaces(contract.id, lead.id);
  const full = { rule: 'cap', evidence: `all ${contract.cap} places are taken` };
  return { decision: contract.overflow === 'unbilled' ? 'unbilled' : 'held', ...full };
}

async function record(contract: sponsors.Contract, lead: string, judgement: Judgement, at: Date): Promise<void> {
  const { decision, rule, evidence } = judgement;
  await SettlementModel.updateOne(
    { _id: `${contract.id}/${lead}` },
    { $set: { decision, rule, evidence }, $setOnInsert: { contract: contract.id, lead, at } },
    { upsert: true },
  );
}

const no = (rule: string, evidence: string): Judgement => ({ decision: 'rejected', rule, evidence });

function candidateOf(lead: leads.Lead): sponsors.Candidate {
  const { q, ...standard } = lead.current.answers;
  const own = Object.entries(q).map(([key, value]) => [`q.${key}`, value]);
  return {
    at: lead.capturedAt,
    answers: { ...standard, ...Object.fromEntries(own) },
    consentedTo: lead.current.consents.flatMap(({ sponsor, given }) => (given && sponsor ? [sponsor] : [])),
  };
}

/** The domain of a business address; a personal mailbox says nothing about the company. */
function companyDomain(lead: leads.Lead): string | undefined {
  if (lead.addressClass !== 'business') return undefined;
  return leads.emailKey(lead.current.answers.email).split('@').pop();
}
