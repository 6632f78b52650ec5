import { randomBytes } from 'node:crypto';
import * as campaigns from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import * as sponsors from '../sponsors/sponsors';
import { type Asked, everAsked } from './asked';
import { columnsOf } from './columns';
import { ProfileModel, type ProfileRow } from './profile.model';
import type { Profile } from './profile.types';

/** More than anybody needs; a list that a loop fills up helps nobody. */
const MOST = 100;

const profileOf = ({ _id, ...profile }: ProfileRow): Profile => ({ id: _id, ...profile });
/** The publisher's have no sponsor, which must be asked for by name: a missing key would match everybody's. */
const ownedBy = (sponsor: string | undefined) => ({ sponsor: sponsor ?? null }) as { sponsor: string };

/** The profiles of a sponsor, or the publisher's own. */
export async function listProfiles(sponsor: string | undefined): Promise<Profile[]> {
  const rows = await ProfileModel.find(ownedBy(sponsor)).sort({ _id: 1 }).lean();
  return rows.map(profileOf).sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** @throws GatefoldError `unknown-profile`, also when it is somebody else's */
export async function findProfile(id: string, sponsor: string | undefined): Promise<Profile> {
  const row = await ProfileModel.findOne({ _id: id, ...ownedBy(sponsor) }).lean();
  if (row) return profileOf(row);
  throw new GatefoldError('not-found', 'unknown-profile', {
    log: `no export profile ${id} of ${sponsor ?? 'the publisher'}`,
    reader: 'There is no such export profile.',
    wayOut: 'Have a look at the list of profiles.',
  });
}

/**
 * Adds a profile, or changes one of the same owner. Exports that were made keep the look of then.
 * @throws GatefoldError `unknown-profile`, `too-many-profiles`, `profile-name-taken`
 */
export async function putProfile(profile: Omit<Profile, 'id' | 'at'> & { id?: string }): Promise<Profile> {
  const { id, ...rest } = profile;
  const { sponsor } = profile;
  const known = await listProfiles(sponsor);
  if (known.some((one) => one.id !== id && one.name === profile.name)) throw nameTaken(profile.name);
  const row: ProfileRow = { ...rest, _id: id ?? randomBytes(9).toString('base64url'), at: new Date() };
  if (id === undefined) {
    if (known.length >= MOST)
      throw new GatefoldError('conflict', 'too-many-profiles', `There are ${MOST} profiles already.`);
    await ProfileModel.create(row);
    return profileOf(row);
  }
  await findProfile(id, sponsor);
  const { _id, ...change } = row;
  await ProfileModel.replaceOne({ _id, ...ownedBy(sponsor) }, change);
  return profileOf(row);
}

/** @throws GatefoldError `unknown-profile` */
export async function removeProfile(id: string, sponsor: string | undefined): Promise<Profile> {
  const profile = await findProfile(id, sponsor);
  await ProfileModel.deleteOne({ _id: id, ...ownedBy(sponsor) });
  return profile;
}

/** The names of all columns that a profile may choose from: those of every campaign of its owner, in the contract's order. */
export async function availableColumns(sponsor: string | undefined): Promise<string[]> {
  const slugs = sponsor && (await sponsors.contractsOfSponsor(sponsor)).map(({ campaign }) => campaign);
  const all = (await campaigns.listCampaigns()).filter(({ slug }) => !slugs || slugs.includes(slug));
  const asked = await Promise.all(all.map(everAsked));
  const union: Pick<Asked, 'questions' | 'consents'> = {
    questions: [...new Set(asked.flatMap(({ questions }) => questions))],
    consents: asked.flatMap(({ consents }) => consents),
  };
  return columnsOf(union, sponsor).map(({ name }) => name);
}

/** The publisher's own consents, of every campaign that asks or asked for them: by key, with the words that stand there now. */
export async function publisherConsents(): Promise<Map<string, string>> {
  const all = await campaigns.listCampaigns();
  const named = all.flatMap(({ consents }) => consents).filter(({ sponsor }) => sponsor === undefined);
  const asked = (await Promise.all(all.map(everAsked))).flatMap(({ consents }) => consents);
  const earlier = asked.filter(({ sponsor }) => sponsor === undefined);
  // The newest campaign stands first, and its words are the ones that stay.
  const words = [
    ...earlier.map(({ key }) => [key, ''] as const),
    ...named.reverse().map(({ key, text }) => [key, text] as const),
  ];
  return new Map(words);
}

function nameTaken(name: string): GatefoldError {
  return new GatefoldError('conflict', 'profile-name-taken', {
    log: 'an export profile with a name that is taken',
    reader: `There is a profile “${name}” already.`,
    wayOut: 'Give this one another name.',
  });
}
