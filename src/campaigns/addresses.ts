import { domainToASCII } from 'node:url';
import disposableDomains from 'disposable-email-domains';
import disposableParents from 'disposable-email-domains/wildcard.json';
import type { Limits } from '../limits';
import { PERSONAL_MAILBOXES } from './personal-mailboxes';

/** Where a mailbox lives: at an organisation, at a provider for everybody, or at a throw-away service. */
export type AddressClass = 'business' | 'personal' | 'disposable';

const disposable: ReadonlySet<string> = new Set(disposableDomains);
const disposableWithSubdomains: ReadonlySet<string> = new Set(disposableParents);

let own: Pick<Limits, 'personalDomains' | 'disposableDomains' | 'businessDomains'> = {
  personalDomains: [],
  disposableDomains: [],
  businessDomains: [],
};

/** The publisher's own domains, which go before the bundled lists; once at start. */
export function useAddressLists(lists: typeof own): void {
  own = lists;
}

/**
 * The class of a well-formed address, by bundled lists alone: nothing is looked up, so a form never waits for DNS and
 * reserved domains (.example, .test) are business addresses like any.
 */
export function addressClass(email: string): AddressClass {
  const domain = domainOf(email);
  if (own.businessDomains.includes(domain)) return 'business';
  if (own.disposableDomains.includes(domain)) return 'disposable';
  if (own.personalDomains.includes(domain) || PERSONAL_MAILBOXES.has(domain)) return 'personal';
  return isDisposable(domain) ? 'disposable' : 'business';
}

/** The lower-case ASCII (IDNA) form of the part after the last `@`. */
function domainOf(email: string): string {
  const domain = email.slice(email.lastIndexOf('@') + 1).trim();
  return domainToASCII(domain) || domain.toLowerCase();
}

function isDisposable(domain: string): boolean {
  const labels = domain.split('.');
  const parents = labels.map((_label, index) => labels.slice(index).join('.'));
  return disposable.has(domain) || parents.some((parent) => disposableWithSubdomains.has(parent));
}
