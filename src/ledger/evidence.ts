import * as leads from '../leads/leads';
import { type Contract, decide, duplicateOf, mailboxOf } from '../sponsors/sponsors';
import { addressOf, candidateOf } from './candidate';
import type { Reason } from './feedback.types';
import type { SettlementRow } from './ledger.model';
import { countsOfMailbox } from './people';

/** The rules that speak of whom the contract takes; the others speak of when, and of places. */
const FITTING = /^(filter:|domains:|business-only$)/;

/**
 * What we hold that proves the reason of a return: the copy bounced, the same person counts already, or what the reader
 * says now is not what the contract takes. It names nobody, and nothing of other sponsors.
 * @returns null when it is not clear, and for reasons of which we can't know
 */
export async function evidenceFor(contract: Contract, row: SettlementRow, reason: Reason): Promise<string | null> {
  const lead = await leads.findLead(row.lead);
  if (!lead) return null;
  if (reason === 'bounced') {
    return lead.undelivered ? `mail to the address came back for good on ${day(lead.undelivered.at)}` : null;
  }
  if (reason === 'duplicate') return isDuplicate(contract, lead);
  if (reason !== 'filter-miss') return null;
  // What was settled under other terms was right then; whether it still is, people say.
  if (contract.changedAt && contract.changedAt > row.at) return null;
  const verdict = decide(contract, candidateOf(lead));
  return !verdict.eligible && FITTING.test(verdict.rule) ? `the lead does not fit ${verdict.rule}` : null;
}

async function isDuplicate(contract: Contract, lead: leads.Lead): Promise<string | null> {
  const counts = await countsOfMailbox(mailboxOf(addressOf(lead)));
  const own = counts.find((one) => one.contract === contract.id && one.lead === lead.id);
  if (!own) return null;
  const earlier = counts.filter(({ at }) => at.getTime() <= own.at.getTime());
  if (duplicateOf(contract, own, earlier) === null) return null;
  return `an earlier lead of the same ${contract.duplicates?.match} counts already`;
}

const day = (at: Date): string => at.toISOString().slice(0, 10);
