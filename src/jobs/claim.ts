import { randomBytes } from 'node:crypto';
import { JobModel, type JobRow } from './job.model';

/**
 * How long a claim holds without a heartbeat. The contract: a killed worker's claims are free within 30 s. Workers on
 * several machines compare their own clocks with it, so those must agree to within a few seconds (NTP).
 */
export const LEASE_MS = 10_000;
/** Settled jobs are kept this long, for the staff site and so that a late `want` changes nothing. */
const KEPT_MS = 30 * 86_400_000;

export type Claimed = JobRow & { lease: string };

/** Claims the job that has been due the longest, of the given kinds; null when nothing is due. */
export async function claim(kinds: string[], now: Date): Promise<Claimed | null> {
  const lease = randomBytes(12).toString('base64url');
  const row = await JobModel.findOneAndUpdate(
    { state: 'due', dueAt: { $lte: now }, kind: { $in: kinds } },
    // Whoever claims now reads everything fresh, so a wish for another run is met by this one.
    { $set: { dueAt: new Date(now.getTime() + LEASE_MS), lease }, $unset: { again: '' } },
    { sort: { dueAt: 1 }, returnDocument: 'after' },
  ).lean();
  return row && { ...row, lease };
}

/** Keeps a claim for another lease; false when it was lost to somebody else. */
export async function renew(job: Claimed, now: Date): Promise<boolean> {
  const { matchedCount } = await JobModel.updateOne(heldBy(job), {
    $set: { dueAt: new Date(now.getTime() + LEASE_MS) },
  });
  return matchedCount === 1;
}

/** Ends a claim for good. Does nothing when the claim was lost: whoever holds it now settles. */
export async function settle(
  job: Claimed,
  state: 'done' | 'failed',
  reason: string | undefined,
  now: Date,
): Promise<void> {
  const { matchedCount } = await JobModel.updateOne(
    { ...heldBy(job), again: { $exists: false } },
    {
      $set: { state, expiresAt: new Date(now.getTime() + KEPT_MS), ...(reason !== undefined && { reason }) },
      $unset: { lease: '' },
    },
  );
  if (matchedCount === 0) await reopen(job, now);
}

/** Somebody wanted the job again while it was being done. */
async function reopen(job: Claimed, now: Date): Promise<void> {
  await JobModel.updateOne(
    { ...heldBy(job), again: true },
    { $set: { dueAt: now, attempts: 0, firstAt: now }, $unset: { lease: '', again: '', reason: '' } },
  );
}

/** Gives a claim back, to be due at `at`. */
export async function postpone(job: Claimed, at: Date, reason: string, counts: boolean): Promise<void> {
  await JobModel.updateOne(heldBy(job), {
    $set: { dueAt: at, reason },
    $unset: { lease: '', again: '' },
    ...(counts && { $inc: { attempts: 1 } }),
  });
}

const heldBy = (job: Claimed) => ({ _id: job._id, lease: job.lease, state: 'due' as const });
