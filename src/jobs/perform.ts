import { messageOf } from '../errors';
import type { Limits } from '../limits';
import { type Claimed, postpone, renew, settle } from './claim';

/** What a handler says became of its job. `counts: false` uses up no attempt (say, the mail server was down). */
export type Outcome =
  | { state: 'done' }
  | { state: 'again'; at: Date; reason: string; counts: boolean }
  | { state: 'failed'; reason: string };

export interface Job {
  kind: string;
  key: string;
  payload: Record<string, unknown>;
  attempts: number;
  firstAt: Date;
}

/**
 * Does one job. May be called twice for one job (a crash, a lost lease), so it must be idempotent.
 * @param signal aborted when the claim is somebody else's, or the worker stops and can wait no longer
 */
export type Handler = (job: Job, signal: AbortSignal) => Promise<Outcome>;

export type JobLimits = Pick<Limits, 'jobsAtOnce' | 'jobLease' | 'jobLook' | 'jobsKept' | 'jobRetries' | 'stopGrace'>;

export interface PerformOptions {
  handlers: Record<string, Handler>;
  limits: JobLimits;
  log: { error(detail: object, text: string): void };
}

/** A heartbeat that fails twice still keeps the claim. */
const HEARTBEATS_A_LEASE = 3;

/** A job under way. */
export interface Work {
  job: Claimed;
  /** Resolves, never rejects, when its outcome is recorded, or can't be. */
  ended: Promise<void>;
  /** Tells the handler to let go, and gives the job back unless it has ended anyway. */
  cutShort(): void;
}

export function perform(job: Claimed, options: PerformOptions): Work {
  const [lost, stopped] = [new AbortController(), new AbortController()];
  const work = async (): Promise<void> => {
    const heartbeat = keepClaim(job, lost, options.limits.jobLease);
    try {
      const outcome = await attempt(job, options, AbortSignal.any([lost.signal, stopped.signal]));
      const unfinished = stopped.signal.aborted && outcome.state === 'again';
      await (unfinished ? giveBack(job) : record(job, outcome, options.limits.jobsKept));
    } catch (error) {
      // Not recorded: the lease runs out and the job is done again, which handlers are made for.
      options.log.error({ job: job._id, error: messageOf(error) }, 'jobs: could not record an outcome');
    } finally {
      clearInterval(heartbeat);
    }
  };
  return { job, ended: work(), cutShort: () => stopped.abort() };
}

/** Due now, for any other worker, and no attempt used up. */
export function giveBack(job: Claimed): Promise<void> {
  return postpone(job, new Date(), 'the worker was stopped', false);
}

/** Renews the claim while it is worked on, and tells the handler when somebody else may have it. */
function keepClaim(job: Claimed, lost: AbortController, lease: number): NodeJS.Timeout {
  let heldUntil = Date.now() + lease;
  return setInterval(() => {
    const asked = Date.now();
    renew(job, new Date(asked), lease).then(
      (held) => {
        if (held) heldUntil = asked + lease;
        else lost.abort();
      },
      () => {
        if (Date.now() >= heldUntil) lost.abort();
      },
    );
  }, lease / HEARTBEATS_A_LEASE);
}

async function attempt(job: Claimed, { handlers, limits, log }: PerformOptions, signal: AbortSignal): Promise<Outcome> {
  try {
    const handler = handlers[job.kind];
    if (!handler) return { state: 'failed', reason: `nobody knows how to ${job.kind}` };
    return await handler(job, signal);
  } catch (error) {
    log.error({ job: job._id, error: messageOf(error) }, 'jobs: a handler threw');
    const wait = limits.jobRetries[Math.min(job.attempts, limits.jobRetries.length - 1)] ?? 0;
    return { state: 'again', at: new Date(Date.now() + wait), reason: messageOf(error), counts: true };
  }
}

function record(job: Claimed, outcome: Outcome, kept: number): Promise<void> {
  if (outcome.state === 'again') return postpone(job, outcome.at, outcome.reason, outcome.counts);
  return settle(job, outcome.state, outcome.state === 'failed' ? outcome.reason : undefined, new Date(), kept);
}
