/** Why a sponsor gives a lead back, in the words of the pages. The first three are decided from evidence where it is clear. */
export const REASONS = {
  bounced: 'Mail to the address comes back',
  duplicate: 'We have this person from you already',
  'filter-miss': 'Does not fit what the contract takes',
  'existing-customer': 'Is a customer of ours already',
  competitor: 'Is with a competitor of ours',
  'bad-data': 'Name, company or phone are not real',
  other: 'Something else',
} as const;

export type Reason = keyof typeof REASONS;

/** What became of a lead at its sponsor's. */
export const DISPOSITIONS = {
  contacted: 'Contacted',
  qualified: 'Qualified',
  won: 'Won',
  'bad-data': 'Bad data',
} as const;

export type DispositionCode = keyof typeof DISPOSITIONS;

/** A lead that its sponsor gives back. */
export interface Return {
  contract: string;
  lead: string;
  reason: Reason;
  note: string;
  at: Date;
  /** Address of the person, or `api:<key>`. */
  by: string;
  state: 'open' | 'accepted' | 'rejected';
  /** `evidence`, or the address of whoever of staff decided. */
  decidedBy?: string;
  decidedAt?: Date;
  /** What it was decided on, without anything about other people's leads. */
  evidence?: string;
}

/** What a sponsor says of a lead; the newest stands. */
export interface Disposition {
  contract: string;
  lead: string;
  code: DispositionCode;
  note: string;
  at: Date;
  by: string;
}
