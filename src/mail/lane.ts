import { domainToASCII } from 'node:url';
import type { DomainLimit } from '../limits';

/**
 * The lane that a mail goes by: the first domain of its address's rule, so that gmail.com and googlemail.com are one; ''
 * where no rule limits it.
 */
export function laneOf(address: string, rules: readonly DomainLimit[]): string {
  const domain = asciiDomain(address.slice(address.lastIndexOf('@') + 1));
  const named = rules.find(({ domains }) => domains.some((one) => asciiDomain(one) === domain));
  if (named) return asciiDomain(named.domains[0] ?? '');
  return rules.some(({ domains }) => domains.includes('*')) ? domain : '';
}

/** How much a lane takes; undefined: whatever comes, also where the rule has gone since. */
export function limitOf(lane: string, rules: readonly DomainLimit[]): DomainLimit | undefined {
  const named = rules.find(({ domains }) => domains.some((one) => asciiDomain(one) === lane));
  return named ?? rules.find(({ domains }) => domains.includes('*'));
}

const asciiDomain = (domain: string): string => domainToASCII(domain) || domain.toLowerCase();
