import Joi from 'joi';
import { unknownCampaign } from '../campaigns/campaigns';
import { type Contract, findContract } from '../sponsors/sponsors';
import { type Call, reachable } from '../web/api';

/** What the operations on contracts have in common. */

const TAG = 'Ledger';
export const PATH = '/contracts/:campaign/:sponsor';
const PAGE_MAX = 500;

export interface Named {
  campaign: string;
  sponsor: string;
}
export interface Listing {
  limit: number;
  cursor?: number;
}
export type OfLead = Named & { lead: string };
export const text = Joi.string().required();
export const time = Joi.string().isoDate();
export const whole = Joi.number().integer().required();
export const slug = Joi.string().max(100).required();
export const named = { campaign: slug, sponsor: slug };
export const paging = {
  limit: Joi.number().integer().min(1).max(PAGE_MAX).default(100),
  cursor: Joi.number().integer().min(2).max(1_000_000),
};
export const listing = Joi.object<Listing>(paging);
export const page = (item: Joi.Schema) => Joi.object({ items: Joi.array().items(item).required(), next: Joi.string() });

export const WHERE = { campaign: 'access-control-basics', sponsor: 'acme-cloud' };

/** A sponsor's key reaches its own contracts, in the campaigns that it is for; anything else never was. */
export async function contractOf({ key, params }: Call<Named, unknown, unknown>): Promise<Contract> {
  const campaign = reachable({ key }, params.campaign);
  const theirs = key.sponsor === undefined || key.sponsor === params.sponsor;
  const contract = theirs ? await findContract(campaign, params.sponsor) : null;
  if (!contract) throw unknownCampaign(campaign);
  return contract;
}

export const common = { tag: TAG, sponsors: true } as const;

/** A cursor is the number of the next page. */
export async function paged<T>(
  { limit, cursor = 1 }: Listing,
  read: (at: { page: number; size: number }) => Promise<T[]>,
  show: (one: T) => object,
) {
  const items = await read({ page: cursor, size: limit });
  const more = items.length === limit && (await read({ page: cursor * limit + 1, size: 1 })).length > 0;
  const next = more ? String(cursor + 1) : undefined;
  return { body: { items: items.map(show), ...(next !== undefined && { next }) }, next };
}
