/** An organisation that pays for leads. */
export interface Sponsor {
  slug: string;
  name: string;
  privacyUrl?: string;
  /** Shown on its portal. */
  logo?: Logo;
}

/** A picture by the hash of its bytes. */
export interface Logo {
  file: string;
  /** Media type. */
  type: string;
}

/** What becomes of a lead when all places are taken: wait, go to the campaign's next sponsor, or be given unbilled. */
export type Overflow = 'hold' | 'next' | 'unbilled';

/** A field of the form (`country`, `q.units`) and the values that the contract takes. */
export interface Filter {
  field: string;
  in: string[];
}

/** A sum of money in the smallest unit of its currency (ISO 4217): 45.50 GBP is 4550 GBP. */
export interface Money {
  amount: number;
  currency: string;
}

/** Companies by the domain of the address, subdomains too: only these, or all but these. */
export interface DomainList {
  /** As people call it: `competitors`, `existing customers`. */
  name: string;
  include?: string[];
  exclude?: string[];
}

export type Pace = 'day' | 'week' | 'month';

/** At most so many leads in each period of the publisher's calendar. */
export type Pacing = Partial<Record<Pace, number>>;

/** What counts as a lead that the sponsor has already. */
export interface Duplicates {
  /** Where it is looked for: under this contract, under any of the sponsor's, or under anybody's. */
  scope: 'campaign' | 'sponsor' | 'all';
  /** How far back; without it for ever. */
  days?: number;
  /** `mailbox`: +tags and a provider's dots don't make another person. */
  match: 'address' | 'mailbox';
}

/** What the sponsor may give back. */
export interface Returns {
  /** How long after it became theirs. */
  days: number;
  /** At most this share of the leads that became theirs. */
  percent: number;
}

/** What a sponsor bought in one campaign. */
export interface Contract {
  /** `<campaign>/<sponsor>` */
  id: string;
  campaign: string;
  sponsor: string;
  /** When its terms were last changed; missing: never since it was made. */
  changedAt?: Date;
  /** How many places; null means without limit. */
  cap: number | null;
  /** For each lead that counts. */
  price?: Money;
  from?: Date;
  /** The first moment after it. */
  to?: Date;
  pacing?: Pacing;
  /** At most this many leads of one company: of one registrable domain by the public suffix list. */
  perCompanyDomain?: number;
  filters: Filter[];
  /** Only addresses at an organisation; a personal mailbox doesn't count. */
  businessOnly?: boolean;
  /** Only once the reader has proved the mailbox. */
  provedOnly?: boolean;
  domains?: DomainList[];
  /** Without it, only the same address in the same campaign is one lead. */
  duplicates?: Duplicates;
  /** Without it, nothing is taken back. */
  returns?: Returns;
  overflow: Overflow;
}

/** What somebody sets; the id follows from it. */
export type Terms = Omit<Contract, 'id' | 'campaign' | 'sponsor'>;
