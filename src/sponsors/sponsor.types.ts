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

/** What a sponsor bought in one campaign. */
export interface Contract {
  /** `<campaign>/<sponsor>` */
  id: string;
  campaign: string;
  sponsor: string;
  /** How many places; null means without limit. */
  cap: number | null;
  /** For each lead that counts. */
  price?: Money;
  from?: Date;
  /** The first moment after it. */
  to?: Date;
  /** At most this many leads of one company: of one registrable domain by the public suffix list. */
  perCompanyDomain?: number;
  filters: Filter[];
  /** Only addresses at an organisation; a personal mailbox doesn't count. */
  businessOnly?: boolean;
  /** Only once the reader has proved the mailbox. */
  provedOnly?: boolean;
  domains?: DomainList[];
  overflow: Overflow;
}

/** What somebody sets; the id follows from it. */
export type Terms = Omit<Contract, 'id' | 'campaign' | 'sponsor'>;
