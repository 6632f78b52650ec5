import type { Money } from '../sponsors/sponsors';

/**
 * `billable` and `unbilled` leads are the sponsor's to see; `held` waits for a place; `pending` waits for the reader to
 * prove the mailbox; `rejected` does not count; `returned` did, until the sponsor gave it back for a reason that held.
 */
export type Decision = 'billable' | 'unbilled' | 'held' | 'pending' | 'rejected' | 'returned';

export const DECISIONS: readonly Decision[] = ['billable', 'unbilled', 'held', 'pending', 'rejected', 'returned'];

/** What was decided, by which rule, on what evidence. */
export interface Judgement {
  decision: Decision;
  rule: string;
  evidence: string;
}

/** What the ledger decided on one lead under one contract. */
export interface Settlement extends Judgement {
  contract: string;
  lead: string;
  at: Date;
  /** What stood here before, oldest first. */
  before?: (Judgement & { at: Date })[];
  /** The lead that took the place that this one gave back. */
  replacedBy?: string;
  /** The contract's when it began to count: another price changes nothing of what was. */
  price?: Money;
}

/** What a sponsor may see, once it is settled. */
export const THEIRS: readonly Decision[] = ['billable', 'unbilled'];
