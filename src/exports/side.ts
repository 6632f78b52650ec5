import type { Response } from 'express';

/** One side of the house on which leads are taken away: the portal of a sponsor, or the staff site. */
export interface Side {
  /** Where its pages begin: `/portal` or `/staff/handover`. */
  base: string;
  /** Where a campaign's page is. */
  campaign: (slug: string) => string;
  /** Where its leads are taken away. */
  downloads: (slug: string) => string;
  /** Whose leads, profiles and destinations these are: a sponsor's; undefined for the publisher's. */
  owner: (response: Response) => string | undefined;
  /** Whether this account may change profiles and destinations, or only use them. */
  mayChange: (response: Response) => boolean;
  /** Whether this account may take leads. */
  mayTake: (response: Response) => boolean;
}
