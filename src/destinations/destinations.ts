import { randomBytes } from 'node:crypto';
import { GatefoldError } from '../errors';
import { BadTarget, type TargetLimits, targetOf } from '../target';
import { DestinationModel, type DestinationRow, MessageModel, type MessageRow } from './destination.model';
import type { Destination, Message } from './destination.types';
import { wantSending } from './pass-on';
import { newSecret } from './secret';

/** Front door: where a sponsor's leads are sent one by one, what was sent, and what became of it. */

export type { Destination, Message } from './destination.types';
export { isOwed, limitOf, passOn } from './pass-on';
export { send } from './send';

/** More than anybody needs; a list that a loop fills up helps nobody. */
const MOST = 20;

export interface Deps {
  config: { limits: TargetLimits & { webhookOverlap: number }; secretKeys: readonly string[] };
  now: () => Date;
}

/** Whose a destination must be: the sponsor's, and where a key is for some campaigns, for no other ones. */
export interface Owner {
  sponsor: string;
  campaigns?: string[] | undefined;
}

export type NewDestination = Pick<Destination, 'name' | 'url' | 'by'> &
  Partial<Pick<Destination, 'profile' | 'campaigns'>>;

/**
 * Adds a destination. @returns it, with its secret, which is shown this once
 * @throws GatefoldError `target-refused`, `too-many-destinations`
 */
export async function addDestination(
  { sponsor, campaigns: reached }: Owner,
  { campaigns = reached, ...rest }: NewDestination,
  { config, now }: Deps,
): Promise<Destination & { secret: string }> {
  await refuseBadTarget(rest.url, config.limits);
  if ((await DestinationModel.countDocuments({ sponsor })) >= MOST) {
    throw new GatefoldError('conflict', 'too-many-destinations', `There are ${MOST} destinations already.`);
  }
  const { secret, seal } = newSecret(config.secretKeys);
  const _id = randomBytes(9).toString('base64url');
  const row: DestinationRow = { _id, sponsor, ...rest, state: 'active', at: now(), secret: seal };
  if (campaigns) row.campaigns = campaigns;
  await DestinationModel.create(row);
  return { ...destinationOf(row), secret };
}

export async function listDestinations(owner: Owner): Promise<Destination[]> {
  const rows = await DestinationModel.find({ sponsor: owner.sponsor }).sort({ at: 1 }).lean();
  return rows.map(destinationOf).filter((one) => reaches(owner, one));
}

/** @throws GatefoldError `unknown-destination`, also when it is somebody else's */
export async function findDestination(id: string, owner: Owner): Promise<Destination> {
  const row = await DestinationModel.findOne({ _id: id, sponsor: owner.sponsor }).lean();
  if (row && reaches(owner, destinationOf(row))) return destinationOf(row);
  throw new GatefoldError('not-found', 'unknown-destination', {
    log: `no destination ${id} of ${owner.sponsor}`,
    reader: 'There is no such destination.',
    wayOut: 'Have a look at the list of destinations.',
  });
}

/** Messages wait from now on. */
export async function pause(id: string, owner: Owner, by: string): Promise<Destination> {
  await findDestination(id, owner);
  const mine = { _id: id, sponsor: owner.sponsor };
  await DestinationModel.updateOne(mine, { $set: { state: 'paused', reason: `Paused by ${by}.` } });
  return findDestination(id, owner);
}

/** Takes it up again: what waits, and what failed, is sent. */
export async function resume(id: string, owner: Owner): Promise<Destination> {
  await findDestination(id, owner);
  const mine = { _id: id, sponsor: owner.sponsor };
  await DestinationModel.updateOne(mine, { $set: { state: 'active' }, $unset: { reason: '' } });
  await sendThese(owner, { destination: id, state: { $in: ['waiting', 'failed'] } });
  return findDestination(id, owner);
}

/**
 * Sends again what was sent before, under the same ids: one message, or those of a time.
 * @returns how many
 */
export async function replay(
  id: string,
  owner: Owner,
  which: { message: string } | { from: Date; to: Date },
): Promise<number> {
  await findDestination(id, owner);
  const some = 'message' in which ? { _id: which.message } : { at: { $gte: which.from, $lte: which.to } };
  return sendThese(owner, { destination: id, ...some });
}

async function sendThese({ sponsor }: Owner, filter: object): Promise<number> {
  const rows = await MessageModel.find({ ...filter, sponsor }, { destination: 1 }).lean();
  for (const { _id, destination } of rows) {
    await MessageModel.updateOne({ _id, sponsor }, { $set: { state: 'waiting' } });
    await wantSending(_id, destination);
  }
  return rows.length;
}

/** A new secret, shown this once; for a while messages are signed with the old one as well. */
export async function rotateSecret(id: string, owner: Owner, { config, now }: Deps): Promise<{ secret: string }> {
  await findDestination(id, owner);
  const mine = { _id: id, sponsor: owner.sponsor };
  const row = await DestinationModel.findOne(mine, { secret: 1 }).lean();
  const { secret, seal } = newSecret(config.secretKeys);
  const earlier = { secret: row?.secret ?? '', until: new Date(now().getTime() + config.limits.webhookOverlap) };
  await DestinationModel.updateOne(mine, { $set: { secret: seal, earlier } });
  return { secret };
}

/** Takes a destination away with its log; the disclosures stay. */
export async function removeDestination(id: string, owner: Owner): Promise<void> {
  await findDestination(id, owner);
  await DestinationModel.deleteOne({ _id: id, sponsor: owner.sponsor });
  await MessageModel.deleteMany({ destination: id, sponsor: owner.sponsor });
}

/** The log, newest message first. */
export async function messagesOf(
  id: string,
  owner: Owner,
  { page, size }: { page: number; size: number },
): Promise<Message[]> {
  await findDestination(id, owner);
  const rows = await MessageModel.find({ destination: id, sponsor: owner.sponsor })
    .sort({ at: -1, _id: -1 })
    .skip((page - 1) * size)
    .limit(size)
    .lean();
  return rows.map(({ _id, ...message }: MessageRow) => ({ id: _id, ...message }));
}

async function refuseBadTarget(url: string, limits: TargetLimits): Promise<void> {
  try {
    await targetOf(url, limits);
  } catch (error) {
    if (!(error instanceof BadTarget)) throw error;
    if (error.forNow) return;
    throw new GatefoldError('unprocessable', 'target-refused', {
      log: 'a webhook address was refused',
      reader: `Leads can’t be sent there: ${error.message}.`,
      wayOut: 'Give a public address that begins with https://.',
    });
  }
}

const reaches = ({ campaigns: reached }: Owner, { campaigns }: Destination): boolean =>
  !reached || (campaigns?.every((one) => reached.includes(one)) ?? false);

const destinationOf = ({ _id, secret: _, earlier: __, ...row }: DestinationRow): Destination => ({ id: _id, ...row });
