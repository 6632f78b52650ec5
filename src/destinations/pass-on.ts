import { randomBytes } from 'node:crypto';
import * as jobs from '../jobs/jobs';
import * as ledger from '../ledger/ledger';
import { isDuplicateKey } from '../store/duplicate';
import { DestinationModel, MessageModel } from './destination.model';
import type { Message } from './destination.types';

const LANE = 'hook:';

/** How many messages of a lane may be under way, if it is one of ours. */
export const limitOf = (lane: string, atOnce: number): jobs.LaneLimit | undefined =>
  lane.startsWith(LANE) ? { atOnce, perMinute: 0 } : undefined;

/** Whether a sponsor has not been told of all that is theirs. */
export const isOwed = async (): Promise<boolean> => (await ledger.newlyTheirs(1)).length > 0;

/** Settled → messages → jobs → told, in this order: a crash in between does it again, and the unique index knows. */
export async function passOn(limit: number): Promise<void> {
  for (const one of await ledger.newlyTheirs(limit)) {
    const [campaign = '', sponsor = ''] = one.contract.split('/');
    for (const { _id, campaigns, state } of await DestinationModel.find({ sponsor }).lean()) {
      if (campaigns && !campaigns.includes(campaign)) continue;
      const message = await messageFor({ destination: _id, sponsor, campaign, lead: one.lead });
      if (state === 'active' && message.state === 'waiting') await wantSending(message.id, _id);
    }
    await ledger.told(one);
  }
}

async function messageFor(
  of: Pick<Message, 'destination' | 'sponsor' | 'campaign' | 'lead'>,
): Promise<Pick<Message, 'id' | 'state'>> {
  const row = { _id: `msg_${randomBytes(16).toString('base64url')}`, ...of, at: new Date(), tries: [] };
  try {
    await MessageModel.create({ ...row, state: 'waiting' });
    return { id: row._id, state: 'waiting' };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  // It was theirs before. What they did not get then, because they were not to have it, they get now.
  const key = { destination: of.destination, lead: of.lead };
  await MessageModel.updateOne({ ...key, state: 'withheld' }, { $set: { state: 'waiting' } });
  const known = await MessageModel.findOne(key, { state: 1 }).lean();
  return { id: known?._id ?? '', state: known?.state ?? 'taken' };
}

export function wantSending(message: string, destination: string): Promise<void> {
  return jobs.wantAgain({
    kind: 'disclose',
    key: message,
    owner: destination,
    lane: `${LANE}${destination}`,
    payload: { message },
  });
}
