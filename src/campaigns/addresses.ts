import { domainToASCII } from 'node:url';
import disposableDomains from 'disposable-email-domains';
import disposableParents from 'disposable-email-domains/wildcard.json';
import { PERSONAL_MAILBOXES } from './personal-mailboxes';

/** Where a mailbox lives: at an organisation, at a provider for everybody, or at a throw-away service. */
export type AddressClass = 'business' | 'personal' | 'disposable';

const disposable: ReadonlySet<string> = new Set(disposableDomains);
const disposableWithSubdomains: ReadonlySet<string> = new Set(disposableParents);

/**
 * The class of a well-formed address, by bundled lists alone: nothing is looked up, so a form never waits for DNS and
 * reserved domains (.example, .test) are business addresses like any.
 */
export function addressClass(email: string): AddressClass {
  const domain = domainOf(email);
  if (PERSONAL_MAILBOXES.has(domain)) return 'personal';
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
