import { randomInt } from 'node:crypto';
import { domainToASCII } from 'node:url';

/** Crockford's base 32: no I, L, O, U, so that a reference read out over the phone arrives. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 3;
const GROUP_LENGTH = 4;

/** A reference as it is printed on a copy. */
export const REFERENCE = new RegExp(
  `\\b[${ALPHABET}]{${GROUP_LENGTH}}(?:-[${ALPHABET}]{${GROUP_LENGTH}}){${GROUPS - 1}}\\b`,
  'g',
);

/** A new reference, `7F3K-92QX-ABCD`: 60 random bits. */
export function newReference(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

/**
 * What makes two addresses the same reader in one campaign: case and the spelling of the domain don't, anything else
 * does. Folding dots or +tags is a contract's duplicate rule, not an identity.
 */
export function emailKey(email: string): string {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1).toLowerCase();
  return `${email.slice(0, at).normalize('NFC').toLowerCase()}@${domainToASCII(domain) || domain}`;
}
