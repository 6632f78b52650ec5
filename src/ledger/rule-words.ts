import type { Contract } from '../sponsors/sponsors';
import { REASONS, type Reason } from './feedback.types';

type Agreed = Pick<Contract, 'filters' | 'perCompanyDomain' | 'cap'>;

const WORDS: Record<string, string> = {
  place: 'has a place',
  cap: 'all places are taken',
  next: 'all places are taken',
  'pace:day': 'the pace of the day is reached',
  'pace:week': 'the pace of the week is reached',
  'pace:month': 'the pace of the month is reached',
  'per-company-domain': 'as many leads of the same company count already as the contract takes',
  'no-consent': 'the reader did not agree to be passed on',
  'not-started': 'asked before the contract began',
  ended: 'asked after the contract ended',
  'business-only': 'not an address at an organisation',
  'not-proved': 'the reader has not proved the mailbox yet',
  duplicate: 'a duplicate of a lead that counts already',
  status: 'the lead is no longer active',
  erased: 'the reader’s data was erased',
};

/**
 * A rule in words that name nobody: what the contract says, and nothing of what the reader answered or of anybody else's
 * leads. Sponsors are shown this in place of the evidence.
 */
export function ruleWords(rule: string, contract: Agreed): string {
  const [kind = '', name = ''] = splitAtColon(rule);
  if (kind === 'filter') {
    const taken = contract.filters.find(({ field }) => field === name)?.in;
    return `the filter on ${name.replace(/^q\./, '')}${taken ? ` takes ${taken.join(', ')}` : ''}`;
  }
  if (kind === 'domains') return `the list of domains “${name}”`;
  if (kind === 'return') return `given back: ${REASONS[name as Reason] ?? name}`;
  return WORDS[rule] ?? rule;
}

function splitAtColon(rule: string): string[] {
  const at = rule.indexOf(':');
  return at < 0 ? [rule] : [rule.slice(0, at), rule.slice(at + 1)];
}
