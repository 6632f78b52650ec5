import { getDomain } from 'tldts';
import type { Contract } from './sponsor.types';

/** What the rules of a contract look at. */
export interface Candidate {
  at: Date;
  /** Answers by form key: `country`, `q.units`. */
  answers: Record<string, string | number | string[] | undefined>;
  /** Slugs of the sponsors that the reader agreed to be passed on to. */
  consentedTo: string[];
  /** What stands behind the address' `@`, in lower-case ASCII. */
  domain: string;
  /** Whether the address is at an organisation, and not at a provider of mailboxes for everybody. */
  business: boolean;
  /** Whether the reader has proved the mailbox. */
  proved: boolean;
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
  return decideOnAddress(contract, candidate);
}

/** What the contract says of the address: whose it may be, and whether its mailbox has to be proved. */
function decideOnAddress(contract: Contract, { domain, business, proved }: Candidate): Verdict {
  if (contract.businessOnly && !business) return no('business-only', `${domain} is a provider of personal mailboxes`);
  for (const { name, include, exclude } of contract.domains ?? []) {
    const match = matching(include ?? exclude ?? [], domain);
    if (include && match === undefined) return no(`domains:${name}`, `${domain} is not on the list`);
    if (exclude && match !== undefined) return no(`domains:${name}`, `${domain} is on the list as ${match}`);
  }
  if (contract.provedOnly && !proved) return no('not-proved', 'the reader has not proved the mailbox yet');
  return { eligible: true };
}

/** Lists are long, and a trial asks them of every lead of a campaign. */
const SETS = new WeakMap<readonly string[], ReadonlySet<string>>();

/** The entry of a list that names this domain or one above it, the nearest. */
function matching(list: string[], domain: string): string | undefined {
  const set = SETS.get(list) ?? new Set(list);
  SETS.set(list, set);
  const labels = domain.split('.');
  return labels.map((_, i) => labels.slice(i).join('.')).find((one) => set.has(one));
}

/**
 * The company behind a domain: all below one registrable domain is one company (the public suffix list, its private part
 * included, so that tenants of a host are companies of their own). A name that has none stands for itself.
 */
export function companyOf(domain: string): string {
  return getDomain(domain, { allowPrivateDomains: true }) ?? domain;
}

const no = (rule: string, evidence: string): Verdict => ({ eligible: false, rule, evidence });
