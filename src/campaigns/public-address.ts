import { GatefoldError } from '../errors';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign } from './campaign.types';

/** The last part of a campaign's public addresses: `/w/<address>`, `/articles/<address>`. */
export function addressOf({ slug, address }: Pick<Campaign, 'slug' | 'address'>): string {
  return address ?? slug;
}

/** The campaign that is, or once was, at a public address; whoever is there now comes first. */
export async function campaignAt(address: string): Promise<Campaign | null> {
  const row =
    (await CampaignModel.findOne({ _id: address }).lean()) ??
    (await CampaignModel.findOne({ address }).lean()) ??
    (await CampaignModel.findOne({ formerAddresses: address }).lean());
  return row && campaignOf(row);
}

/**
 * An address leads to one campaign for good: a link in an old article must not show another paper.
 * @throws GatefoldError `address-taken`
 */
export async function mustBeFree(wanted: { slug: string; address?: string; formerAddresses: string[] }): Promise<void> {
  const { slug, address, formerAddresses } = wanted;
  for (const one of [slug, ...(address === undefined ? [] : [address]), ...formerAddresses]) {
    const there = await campaignAt(one);
    if (!there || there.slug === slug) continue;
    throw new GatefoldError('conflict', 'address-taken', {
      log: `the address ${one} belongs to the campaign ${there.slug}`,
      reader: `The address ${one} belongs to “${there.title}”.`,
      wayOut: 'Choose another address.',
    });
  }
}
