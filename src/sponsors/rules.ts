import type { Contract } from './sponsor.types';

/** What the rules of a contract look at. */
export interface Candidate {
  at: Date;
  /** Answers by form key: `country`, `q.units`. */
  answers: Record<string, string | number | string[] | undefined>;
  /** Slugs of the sponsors that the reader agreed to be passed on to. */
  consentedTo: string[];
}

export type Verdict = { eligible: true } | { eligible: false; rule: string; evidence: string };

/**
 * Whether a lead may count under a contract, places aside. Pure: the same lead and terms always give the same answer.
 * Consent comes first, because without it nothing else is the sponsor's business.
 */
export function decide(contract: Contract, candidate: Candidate): Verdict {
  const { at, answers, consentedTo } = candidate;
  if (!consentedTo.includes(contract.sponsor)) {
    return no('no-consent', `the reader did not agree to be passed on to ${contract.sponsor}`);
  }
  if (contract.from && at < contract.from) return no('not-started', `asked before ${contract.from.toISOString()}`);
  if (contract.to && at >= contract.to) return no('ended', `asked after ${contract.to.toISOString()}`);
  for (const { field, in: taken } of contract.filters) {
    const given = [answers[field] ?? []].flat().map(String);
    if (!given.some((value) => taken.includes(value))) {
      return no(`filter:${field}`, `${given.join(', ') || 'no answer'}; taken: ${taken.join(', ')}`);
    }
  }
  return { eligible: true };
}

const no = (rule: string, evidence: string): Verdict => ({ eligible: false, rule, evidence });
