import type { Contract } from './sponsor.types';

/** A lead that counts somewhere. */
export interface Counted {
  contract: string;
  sponsor: string;
  campaign: string;
  lead: string;
  /** Names the address; the same for the same spelling. */
  address: string;
  /** When it was asked for. */
  at: Date;
}

const DAY_MS = 86_400_000;
/** Providers that deliver j.a.n.e to jane. */
const DOTLESS = new Set(['gmail.com', 'googlemail.com']);

/**
 * The mailbox behind an address: what stands after a `+` is a note to oneself (RFC 5233), and at some providers so are
 * dots.
 * @param address as `leads.emailKey` spells it
 */
export function mailboxOf(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  const local = address.slice(0, at).replace(/(?<=.)\+.*$/, '');
  return DOTLESS.has(domain) ? `${local.replaceAll('.', '')}@gmail.com` : `${local}@${domain}`;
}

/**
 * Whether a lead is a duplicate by the contract's rule of one that counts. Pure.
 * @param counts all leads of the same mailbox that count anywhere
 * @returns the evidence, or null
 */
export function duplicateOf(
  { duplicates }: Pick<Contract, 'duplicates'>,
  lead: Counted,
  counts: Counted[],
): string | null {
  if (!duplicates) return null;
  const { scope, days, match } = duplicates;
  const since = days === undefined ? Number.NEGATIVE_INFINITY : lead.at.getTime() - days * DAY_MS;
  const earlier = counts.find(
    (one) =>
      one.lead !== lead.lead &&
      one.at.getTime() >= since &&
      (match === 'mailbox' || one.address === lead.address) &&
      (scope === 'all' || (one.sponsor === lead.sponsor && (scope === 'sponsor' || one.campaign === lead.campaign))),
  );
  return earlier ? `${earlier.lead} of the same ${match} counts in ${earlier.campaign}` : null;
}
