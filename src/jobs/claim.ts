import { randomBytes } from 'node:crypto';
import { JobModel, type JobRow } from './job.model';

/** How long a claim holds without a heartbeat. The contract: a killed worker's claims are free within 30 s. */
export const LEASE_MS = 10_000;
/** Settled jobs are kept this long, for the staff site and so that a late `want` changes nothing. */
const KEPT_MS = 30 * 86_400_000;

export type Claimed = JobRow & { lease: string };

/** Claims the job that has been due the longest, of the given kinds; null when nothing is due. */
export async function claim(kinds: string[], now: Date): Promise<Claimed | null> {
  const lease = randomBytes(12).toString('base64url');
  const row = await JobModel.findOneAndUpdate(
    { state: 'due', dueAt: { $lte: now }, kind: { $in: kinds } },
    { $set: { dueAt: new Date(now.getTime() + LEASE_MS), lease } },
    { sort: { dueAt: 1 }, returnDocument: 'after' },
  ).lean();
  return row && { ...row, lease };
}

/** Keeps a claim for another lease; false when it was lost to somebody else. */
export async function renew(job: Claimed, now: Date): Promise<boolean> {
  const { matchedCount } = await JobModel.updateOne(
    { _id: job._id, lease: job.lease, state: 'due' },
    { $set: { dueAt: new Date(now.getTime() + LEASE_MS) } },
  );
  return matchedCount === 1;
}

/** Ends a claim for good. Does nothing when the claim was lost: whoever holds it now settles. */
export async function settle(
  job: Claimed,
  state: 'done' | 'failed',
  reason: string | undefined,
  now: Date,
): Promise<void> {
  await JobModel.updateOne(
    { _id: job._id, lease: job.lease, state: 'due' },
    {
      $set: { state, expiresAt: new Date(now.getTime() + KEPT_MS), ...(reason !== undefined && { reason }) },
      $unset: { lease: '' },
    },
  );
}

/** Gives a claim back, to be due at `at`. */
export async function postpone(job: Claimed, at: Date, reason: string, counts: boolean): Promise<void> {
  await JobModel.updateOne(
    { _id: job._id, lease: job.lease, state: 'due' },
    { $set: { dueAt: at, reason }, $unset: { lease: '' }, ...(counts && { $inc: { attempts: 1 } }) },
  );
}
