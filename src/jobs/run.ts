import { messageOf } from '../errors';
import { type Claimed, claim, LEASE_MS, postpone, renew, settle } from './claim';

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

/** Does one job. May be called twice for one job (a crash, a lost lease), so it must be idempotent. */
export type Handler = (job: Job, signal: AbortSignal) => Promise<Outcome>;

export interface Workers {
  /** Looks for work at once instead of at the next poll. */
  nudge(): void;
  /** Claims nothing more and waits for what is being done. */
  stop(): Promise<void>;
}

interface RunOptions {
  handlers: Record<string, Handler>;
  /** Runs before each look for work, e.g. to turn rows that owe something into jobs. */
  sweep?: () => Promise<void>;
  concurrency: number;
  log: { error(detail: object, text: string): void };
}

const HEARTBEAT_MS = 3000;
/** An idle worker asks this often; `nudge` makes it ask at once. */
const IDLE_MS = 1000;
/** A handler that throws is tried again after this, doubled each time, at most an hour. */
const THROWN_RETRY_MS = 5000;

/** Starts working in the background. */
export function startJobs(options: RunOptions): Workers {
  const { handlers, sweep, concurrency, log } = options;
  const kinds = Object.keys(handlers);
  const running = new Set<Promise<void>>();
  let stopping = false;
  let wake = (): void => {};

  async function turn(): Promise<boolean> {
    // What is a job already does not wait for what is not one yet.
    await sweep?.().catch((error) => log.error({ error: messageOf(error) }, 'jobs: the sweep failed'));
    let found = false;
    while (!stopping && running.size < concurrency) {
      const job = await claim(kinds, new Date());
      if (!job) break;
      found = true;
      const work = perform(job, handlers, log).finally(() => {
        running.delete(work);
        wake();
      });
      running.add(work);
    }
    return found;
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      // Set up before looking, so that a nudge in the middle of the look is not lost.
      const woken = wakeUp();
      const found = await turn().catch((error) => {
        // The store is away: claims are safe in it, so asking again later is all there is to do.
        log.error({ error: messageOf(error) }, 'jobs: could not look for work');
        return false;
      });
      if (!found && !stopping) await woken;
      wake();
    }
  }

  /** Resolves at the next `wake`, or when it is time to look again anyway. */
  function wakeUp(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, IDLE_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const looping = loop();
  return {
    nudge: () => wake(),
    stop: async () => {
      stopping = true;
      wake();
      await looping;
      await Promise.all(running);
    },
  };
}

async function perform(job: Claimed, handlers: RunOptions['handlers'], log: RunOptions['log']): Promise<void> {
  const lost = new AbortController();
  const heartbeat = keepClaim(job, lost);
  try {
    await record(job, await attempt(job, handlers, lost.signal, log));
  } catch (error) {
    // Not recorded: the lease runs out and the job is done again, which handlers are made for.
    log.error({ job: job._id, error: messageOf(error) }, 'jobs: could not record an outcome');
  } finally {
    clearInterval(heartbeat);
  }
}

/** Renews the claim while it is worked on, and tells the handler when somebody else may have it. */
function keepClaim(job: Claimed, lost: AbortController): NodeJS.Timeout {
  let heldUntil = Date.now() + LEASE_MS;
  return setInterval(() => {
    const asked = Date.now();
    renew(job, new Date(asked)).then(
      (held) => {
        if (held) heldUntil = asked + LEASE_MS;
        else lost.abort();
      },
      () => {
        if (Date.now() >= heldUntil) lost.abort();
      },
    );
  }, HEARTBEAT_MS);
}

async function attempt(
  job: Claimed,
  handlers: RunOptions['handlers'],
  signal: AbortSignal,
  log: RunOptions['log'],
): Promise<Outcome> {
  try {
    const handler = handlers[job.kind];
    if (!handler) return { state: 'failed', reason: `nobody knows how to ${job.kind}` };
    return await handler(job, signal);
  } catch (error) {
    log.error({ job: job._id, error: messageOf(error) }, 'jobs: a handler threw');
    const wait = Math.min(THROWN_RETRY_MS * 2 ** job.attempts, 3_600_000);
    return { state: 'again', at: new Date(Date.now() + wait), reason: messageOf(error), counts: true };
  }
}

function record(job: Claimed, outcome: Outcome): Promise<void> {
  if (outcome.state === 'again') return postpone(job, outcome.at, outcome.reason, outcome.counts);
  return settle(job, outcome.state, outcome.state === 'failed' ? outcome.reason : undefined, new Date());
}
