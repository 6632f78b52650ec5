import type { Request, Response } from 'express';

/** One side of the house on which the ledger is read: staff, or the sponsor whose contract it is. */
export interface Side {
  staff: boolean;
  /** Where the pages of one contract begin, as the router has it. */
  path: string;
  /** The same for one contract. */
  base: (campaign: string, sponsor: string) => string;
  /** Whose contract it is: on the portal always that of the account. */
  sponsor: (request: Request, response: Response) => string;
  /** Whether this account may decide, or only look. */
  may: (response: Response) => boolean;
  /** Where the campaign's page is. */
  campaign: (slug: string) => string;
}
