import { isDuplicateKey } from '../store/duplicate';
import { JobModel, type JobRow } from './job.model';

/**
 * Front door: what is wanted, by key, and who is at it. A claim is a due date: claiming moves `dueAt` one lease ahead, a
 * heartbeat moves it on, and a killed worker's job is simply due again. Jobs stand in queues that take turns, and in lanes
 * that take only so many at once and a minute, over all workers together. The pattern is WildDuck's. agenda was weighed
 * and left: its lock is per process and not per claim (a stalled worker could settle another's run), a failure always
 * counts, and it polls while idle.
 */

export { alone, type LaneLimit } from './lanes';
export type { Handler, Job, Outcome } from './perform';
export { startJobs, type Workers } from './run';

export interface Wanted {
  kind: string;
  key: string;
  payload?: Record<string, unknown>;
  dueAt?: Date;
  /** Whose it is: owners take turns, so that many jobs of one don't keep the few of another waiting. */
  owner?: string;
  /** Of jobs that may be limited together, whoever owns them. */
  lane?: string;
}

/**
 * Asks for a job. Asking again with the same kind and key changes nothing, whatever became of it.
 * @returns whether it is new
 */
export async function want(job: Wanted): Promise<boolean> {
  const now = new Date();
  try {
    await JobModel.create({
      _id: idOf(job),
      kind: job.kind,
      key: job.key,
      queue: queueOf(job),
      payload: job.payload ?? {},
      state: 'due',
      dueAt: job.dueAt ?? now,
      attempts: 0,
      firstAt: now,
    });
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}

/**
 * Asks for a job that may have been settled before: opens it anew. One that waits stays as it is; one that is being done
 * right now is done once more afterwards, because its handler may have read before what changed.
 */
export async function wantAgain(job: Wanted): Promise<void> {
  if (await want(job)) return;
  const now = new Date();
  await JobModel.updateOne({ _id: idOf(job), state: 'due', lease: { $exists: true } }, { $set: { again: true } });
  await JobModel.updateOne(
    { _id: idOf(job), state: { $in: ['done', 'failed'] } },
    {
      $set: {
        state: 'due',
        dueAt: job.dueAt ?? now,
        queue: queueOf(job),
        attempts: 0,
        firstAt: now,
        payload: job.payload ?? {},
      },
      $unset: { lease: '', place: '', again: '', reason: '', expiresAt: '' },
    },
  );
}

/** Makes a job that waits for its time due now; false when there is none, or it is being done or settled. */
export async function hasten(kind: string, key: string): Promise<boolean> {
  const waiting = { _id: idOf({ kind, key }), state: 'due' as const, lease: { $exists: false } };
  const { matchedCount } = await JobModel.updateOne(waiting, { $min: { dueAt: new Date() } });
  return matchedCount === 1;
}

/**
 * Jobs that were asked for before there were queues have none, and who looks for a queue does not find them: they go into
 * the one without an owner and a lane. Doing it twice changes nothing. @returns how many there were
 */
export async function giveQueues(): Promise<number> {
  const without = { state: 'due' as const, queue: { $exists: false } };
  return (await JobModel.updateMany(without, { $set: { queue: queueOf({}) } })).modifiedCount;
}

/** What a job was asked with, once nobody needs it. */
export async function forget(kind: string, key: string): Promise<void> {
  await JobModel.updateOne({ _id: idOf({ kind, key }) }, { $set: { payload: {} } });
}

/** What became of a job so far, or null when it was never wanted. */
export async function find(kind: string, key: string): Promise<Omit<JobRow, '_id'> | null> {
  const row = await JobModel.findOne({ _id: idOf({ kind, key }) }).lean();
  if (!row) return null;
  const { _id, ...job } = row;
  return job;
}

/** How many jobs of each kind wait, and how many were given up; what is done is not gone through. For the staff site. */
export async function summary(): Promise<{ kind: string; state: JobRow['state']; count: number }[]> {
  const groups = await JobModel.aggregate<{ _id: { kind: string; state: JobRow['state'] }; count: number }>([
    { $match: { state: { $in: ['due', 'failed'] } } },
    { $group: { _id: { kind: '$kind', state: '$state' }, count: { $sum: 1 } } },
    { $sort: { _id: 1 } },
  ]);
  return groups.map(({ _id, count }) => ({ ..._id, count }));
}

const idOf = (job: { kind: string; key: string }): string => `${job.kind}:${job.key}`;

const queueOf = ({ owner = '', lane = '' }: Pick<Wanted, 'owner' | 'lane'>): string => `${owner}/${lane}`;
