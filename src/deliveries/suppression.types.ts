/** Nothing at all is sent there, not even what was asked for. */
export const EVERYTHING = '*';
/** No follow-ups, whatever they are sent under; what a reader asks for comes. */
export const ALL_FOLLOW_UPS = 'follow-ups';

/** Why an address is on the list. */
export const SUPPRESSION_REASONS = ['unsubscribed', 'complained', 'staff', 'imported'] as const;

/** Somebody who is sent nothing for a purpose. */
export interface Suppression {
  /** An address in the form that tells addresses apart, or `@domain` for every address of exactly that domain. */
  who: string;
  /** The key of a consent, `follow-ups` or `*`. */
  purpose: string;
  why: (typeof SUPPRESSION_REASONS)[number];
  at: Date;
  /** Who of the staff put it there. */
  by?: string;
}
