import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors';
import type { Claimed } from './claim';
import { type LaneLimit, Lanes } from './lanes';
import { giveBack, type PerformOptions, perform, type Work } from './perform';
import { nextDue, Turns } from './turns';

export interface Workers {
  /** Looks for work at once instead of at the next look. */
  nudge(): void;
  /** Claims nothing more, waits for what is being done, and after the grace gives it back. Leaves nothing claimed. */
  stop(): Promise<void>;
}

/** Kinds that share hands. */
interface Pool {
  /** An earlier kind goes first. */
  kinds: string[];
  /** How many hands there are now. */
  atOnce(): number;
}

export interface RunOptions extends PerformOptions {
  /** Kinds in no pool have hands of their own, JOBS_AT_ONCE each. */
  pools?: Pool[];
  /** Lanes that take only so many; any other takes what comes. */
  limitOf?: (lane: string) => LaneLimit | undefined;
  /** Turns rows that owe something into jobs. @returns whether there were any */
  sweep?: () => Promise<boolean>;
}

/** After work was found the store is asked again so soon, then in twice the time, until it is JOB_LOOK again. */
const SOON_MS = 50;
/** Who was told to let go has this long to say what became of it. */
const LAST_WORD_MS = 2000;

/** Starts working in the background. */
export function startJobs(options: RunOptions): Workers {
  const worker = new JobWorker(options);
  const looping = worker.loop();
  return {
    nudge: () => worker.nudge(),
    stop: async () => {
      worker.claimNoMore();
      await looping;
      await worker.end();
    },
  };
}

class JobWorker {
  private readonly running = new Set<Work>();
  private readonly lanes: Lanes;
  private readonly pools: (Pool & { turns: Turns[] })[];
  private readonly kinds: string[];
  private stopping = false;
  private sweeping: Promise<void> | undefined;
  private sweepAt = 0;
  private pauseMs = SOON_MS;
  private wake = (): void => {};

  constructor(private readonly options: RunOptions) {
    const { handlers, pools = [], limits, limitOf = () => undefined } = options;
    this.kinds = Object.keys(handlers);
    this.lanes = new Lanes(limitOf, limits.jobLease);
    const pooled = new Set(pools.flatMap(({ kinds }) => kinds));
    const alone = this.kinds.filter((kind) => !pooled.has(kind));
    const single = alone.map((kind): Pool => ({ kinds: [kind], atOnce: () => limits.jobsAtOnce }));
    const turnsOf = (kind: string) => new Turns(kind, this.lanes, limits.jobLook);
    this.pools = [...pools, ...single].map((pool) => ({ ...pool, turns: pool.kinds.map(turnsOf) }));
  }

  nudge(): void {
    this.sweepAt = 0;
    this.wake();
  }

  claimNoMore(): void {
    this.stopping = true;
    this.wake();
  }

  async loop(): Promise<void> {
    while (!this.stopping) {
      // Set up before looking, so that a nudge in the middle of the look is not lost.
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.sweepIfTime();
      const found = await this.turn().catch((error) => {
        // The store is away: claims are safe in it, so asking again later is all there is to do.
        this.options.log.error({ error: messageOf(error) }, 'jobs: could not look for work');
        return { work: false, next: Number.POSITIVE_INFINITY };
      });
      if (!this.stopping && !found.work) await this.idle(woken, found.next);
      if (found.work) this.pauseMs = SOON_MS;
    }
  }

  /** Waits for a nudge, for what is due next, or until it is time to look again anyway. */
  private async idle(woken: Promise<void>, next: number): Promise<void> {
    const due = Math.max(next - Date.now(), SOON_MS / 5);
    const timer = setTimeout(() => this.wake(), Math.min(due, this.pauseMs));
    await woken;
    clearTimeout(timer);
    this.pauseMs = Math.min(this.pauseMs * 2, this.options.limits.jobLook);
  }

  /** What is a job already does not wait for what is not one yet, so the sweep goes on beside the claims. */
  private sweepIfTime(): void {
    const { sweep, log } = this.options;
    if (!sweep || this.sweeping || Date.now() < this.sweepAt) return;
    this.sweepAt = Date.now() + this.pauseMs;
    this.sweeping = sweep()
      .catch((error) => {
        log.error({ error: messageOf(error) }, 'jobs: the sweep failed');
        return false;
      })
      .then((found) => {
        this.sweeping = undefined;
        // A nudge that came during it was about what it may have missed.
        if (found || this.sweepAt === 0) this.nudge();
      });
  }

  /** Fills the free hands. @returns whether there was work for them, and when it is worth looking again */
  private async turn(): Promise<{ work: boolean; next: number }> {
    if (!this.pools.some(({ turns }) => turns.some(({ knowsWork }) => knowsWork))) {
      const due = await nextDue(this.kinds);
      if (!due || due > new Date()) return { work: false, next: due?.getTime() ?? Number.POSITIVE_INFINITY };
    }
    let work = false;
    for (const pool of this.pools) {
      for (let free = this.handsOf(pool); free > 0 && !this.stopping; free = this.handsOf(pool)) {
        const job = await this.claimFor(pool.turns);
        if (!job) break;
        this.start(job);
        work = true;
      }
    }
    return { work, next: this.lanes.roomAt(new Date()) };
  }

  private handsOf({ kinds, atOnce }: Pool): number {
    return atOnce() - [...this.running].filter(({ job }) => kinds.includes(job.kind)).length;
  }

  private async claimFor(turns: Turns[]): Promise<Claimed | null> {
    for (const queue of turns) {
      const job = await queue.claim(new Date());
      if (job) return job;
    }
    return null;
  }

  private start(job: Claimed): void {
    const work = perform(job, this.options);
    this.running.add(work);
    void work.ended.then(() => {
      this.running.delete(work);
      this.lanes.left(job);
      this.wake();
    });
  }

  /** After the loop: waits for what is being done; after the grace it is told to let go, and given back. */
  async end(): Promise<void> {
    await this.sweeping;
    await this.ended(this.options.limits.stopGrace);
    for (const { cutShort } of this.running) cutShort();
    await this.ended(LAST_WORD_MS);
    await Promise.all([...this.running].map(({ job }) => giveBack(job)));
  }

  private async ended(within: number): Promise<void> {
    const over = new AbortController();
    const all = Promise.all([...this.running].map(({ ended }) => ended));
    await Promise.race([all, pause(within, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
  }
}
