import { randomBytes } from 'node:crypto';
import { isDuplicateKey } from '../store/duplicate';
import { JobModel, type JobRow } from './job.model';

export type Claimed = JobRow & { lease: string };

/**
 * Claims the job of a queue that has been due the longest. A claim is a due date: `dueAt` moves one lease ahead, so a
 * killed worker's job is simply due again. Workers on several machines compare their own clocks with it.
 * @param place taken with the claim and given up with it
 * @returns null when nothing is due, `taken` when somebody else has the place
 */
export async function claim(
  { kind, queue }: Pick<JobRow, 'kind' | 'queue'>,
  now: Date,
  lease: number,
  place?: string,
): Promise<Claimed | 'taken' | null> {
  const holder = randomBytes(12).toString('base64url');
  const mine = { dueAt: new Date(now.getTime() + lease), lease: holder, ...(place !== undefined && { place }) };
  // Whoever claims now reads everything fresh, so a wish for another run is met by this one. A place that a killed worker
  // left goes as well.
  const gone = { again: '', ...(place === undefined && { place: '' }) };
  try {
    const row = await JobModel.findOneAndUpdate(
      { kind, state: 'due', queue, dueAt: { $lte: now } },
      { $set: mine, $unset: gone },
      { sort: { dueAt: 1 }, returnDocument: 'after' },
    ).lean();
    return row && { ...row, lease: holder };
  } catch (error) {
    if (place === undefined || !isDuplicateKey(error)) throw error;
    return 'taken';
  }
}

/** Frees a place whose holder let its lease run out. */
export async function freePlace(place: string, now: Date): Promise<void> {
  await JobModel.updateOne({ place, dueAt: { $lte: now } }, { $unset: { place: '', lease: '' } });
}

/** Keeps a claim for another lease; false when it was lost to somebody else. */
export async function renew(job: Claimed, now: Date, lease: number): Promise<boolean> {
  const { matchedCount } = await JobModel.updateOne(heldBy(job), { $set: { dueAt: new Date(now.getTime() + lease) } });
  return matchedCount === 1;
}

/**
 * Ends a claim for good. Does nothing when the claim was lost: whoever holds it now settles.
 * @param kept ms until the row may be forgotten
 */
export async function settle(
  job: Claimed,
  state: 'done' | 'failed',
  reason: string | undefined,
  now: Date,
  kept: number,
): Promise<void> {
  const { matchedCount } = await JobModel.updateOne(
    { ...heldBy(job), again: { $exists: false } },
    {
      $set: { state, expiresAt: new Date(now.getTime() + kept), ...(reason !== undefined && { reason }) },
      $unset: { lease: '', place: '' },
    },
  );
  if (matchedCount === 0) await reopen(job, now);
}

/** Somebody wanted the job again while it was being done. */
async function reopen(job: Claimed, now: Date): Promise<void> {
  await JobModel.updateOne(
    { ...heldBy(job), again: true },
    { $set: { dueAt: now, attempts: 0, firstAt: now }, $unset: { lease: '', place: '', again: '', reason: '' } },
  );
}

/** Gives a claim back, to be due at `at`. */
export async function postpone(job: Claimed, at: Date, reason: string, counts: boolean): Promise<void> {
  await JobModel.updateOne(heldBy(job), {
    $set: { dueAt: at, reason },
    $unset: { lease: '', place: '', again: '' },
    ...(counts && { $inc: { attempts: 1 } }),
  });
}

const heldBy = (job: Claimed) => ({ _id: job._id, lease: job.lease, state: 'due' as const });
