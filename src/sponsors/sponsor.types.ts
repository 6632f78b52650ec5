/** An organisation that pays for leads. */
export interface Sponsor {
  slug: string;
  name: string;
  privacyUrl?: string;
}

/** What becomes of a lead when all places are taken: wait, go to the campaign's next sponsor, or be given unbilled. */
export type Overflow = 'hold' | 'next' | 'unbilled';

/** A field of the form (`country`, `q.units`) and the values that the contract takes. */
export interface Filter {
  field: string;
  in: string[];
}

/** What a sponsor bought in one campaign. */
export interface Contract {
  /** `<campaign>/<sponsor>` */
  id: string;
  campaign: string;
  sponsor: string;
  /** How many places; null means without limit. */
  cap: number | null;
  from?: Date;
  /** The first moment after it. */
  to?: Date;
  /** At most this many leads of one company's domain. */
  perCompanyDomain?: number;
  filters: Filter[];
  overflow: Overflow;
}
