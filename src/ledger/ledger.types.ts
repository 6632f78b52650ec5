/** `billable` and `unbilled` leads are the sponsor's to see; `held` waits for a place; `rejected` never was theirs. */
export type Decision = 'billable' | 'unbilled' | 'held' | 'rejected';

/** What the ledger decided on one lead under one contract, by which rule, on what evidence. */
export interface Settlement {
  contract: string;
  lead: string;
  decision: Decision;
  rule: string;
  evidence: string;
  at: Date;
}

/** What a sponsor may see, once it is settled. */
export const THEIRS: readonly Decision[] = ['billable', 'unbilled'];
