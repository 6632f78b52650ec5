import { isDeepStrictEqual } from 'node:util';
import * as jobs from '../jobs/jobs';
import { ContractModel, type ContractRow, SponsorModel } from './sponsor.model';
import type { Contract, Logo, Sponsor } from './sponsor.types';

/** Front door: organisations that pay for leads, what they bought, and the pure rules of it. */

export { NO_TERMS, termsFile, termsSchema } from './contract.form';
export { type Counted, duplicateOf, mailboxOf } from './duplicates';
export { moneyIn, sumOf, writeMoney } from './money';
export { type Candidate, companyOf, decide, type Verdict } from './rules';
export type * from './sponsor.types';

export const PACES = ['day', 'week', 'month'] as const;

/** Adds a sponsor, or changes the name and privacy address of a known one. */
export async function putSponsor({ slug, name, privacyUrl }: Omit<Sponsor, 'logo'>): Promise<void> {
  await SponsorModel.updateOne(
    { _id: slug },
    privacyUrl ? { $set: { name, privacyUrl } } : { $set: { name }, $unset: { privacyUrl: '' } },
    { upsert: true },
  );
}

/** Gives a sponsor its logo, or takes it off. */
export async function putLogo(slug: string, logo: Logo | undefined): Promise<void> {
  await SponsorModel.updateOne({ _id: slug }, logo ? { $set: { logo } } : { $unset: { logo: '' } });
}

export async function findSponsor(slug: string): Promise<Sponsor | null> {
  const row = await SponsorModel.findOne({ _id: slug }).lean();
  if (!row) return null;
  const { _id, ...sponsor } = row;
  return { slug: _id, ...sponsor };
}

/** By name, as people look for it: capitals and accents don't matter. */
export async function listSponsors(): Promise<Sponsor[]> {
  const rows = await SponsorModel.find({}).lean();
  return rows
    .map(({ _id, ...sponsor }) => ({ slug: _id, ...sponsor }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/**
 * Sets the terms of a sponsor in a campaign. What was settled under older terms stays; whoever waits for a place is
 * looked at again by a job.
 */
export async function putContract(terms: Omit<Contract, 'id'>): Promise<void> {
  const _id = contractId(terms.campaign, terms.sponsor);
  const known = await ContractModel.findOne({ _id }).lean();
  if (known && sameTerms(contractOf(known), terms)) return;
  const changed = known ? { changedAt: new Date() } : {};
  await ContractModel.replaceOne({ _id }, { ...terms, ...changed }, { upsert: true });
  if (known) await jobs.wantAgain({ kind: 'refill', key: _id, payload: { contract: _id } });
}

/** As they come back from the store: times as times, and what isn't agreed left out. */
function sameTerms({ id: _, changedAt: __, ...known }: Contract, { changedAt: ___, ...terms }: Omit<Contract, 'id'>) {
  const plain = (of: object): unknown => JSON.parse(JSON.stringify(of));
  return isDeepStrictEqual(plain(known), plain(terms));
}

/** Ends the bond between campaign and sponsor; their people no longer see the campaign. */
export async function removeContract(campaign: string, sponsor: string): Promise<void> {
  await ContractModel.deleteOne({ _id: contractId(campaign, sponsor) });
}

export async function findContract(campaign: string, sponsor: string): Promise<Contract | null> {
  const row = await ContractModel.findOne({ _id: contractId(campaign, sponsor) }).lean();
  return row && contractOf(row);
}

/** In the order of their sponsors' slugs, which is the order that `overflow: next` goes by. */
export async function contractsOfCampaign(campaign: string): Promise<Contract[]> {
  return (await ContractModel.find({ campaign }).sort({ _id: 1 }).lean()).map(contractOf);
}

export async function contractsOfSponsor(sponsor: string): Promise<Contract[]> {
  return (await ContractModel.find({ sponsor }).sort({ _id: 1 }).lean()).map(contractOf);
}

export const contractId = (campaign: string, sponsor: string): string => `${campaign}/${sponsor}`;

const contractOf = ({ _id, ...contract }: ContractRow): Contract => ({ id: _id, ...contract });
