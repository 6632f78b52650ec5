import { commitFailure } from './commit-failure';
import type { Disk } from './disk';
import type { Reserve } from './reserve';

interface Queued {
  run(): unknown;
  /** Of a change of what there is: tells memory, once it is on disk and before anything else runs. */
  learn?(value: unknown): void;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A disk that syncs within this many milliseconds may be waited for by the whole thread. */
const QUICK_MS = 4;

/**
 * All writes go through here. Whatever is queued while a transaction is on its way to the disk goes into the next one
 * together, so that many writers share one sync. An operation checks everything before it puts anything: there is no
 * taking back inside a shared transaction. Changes of the catalogue have a transaction of their own.
 */
export class Writer {
  private queue: Queued[] = [];
  private busy = false;
  private idle: (() => void)[] = [];
  private lastMs = Number.POSITIVE_INFINITY;
  /** Since the start: operations, and the transactions (each one sync) that took them to the disk. */
  readonly done = { writes: 0, transactions: 0 };

  /** @param failed told when a transaction did not reach the disk: what memory learned from it is not so */
  constructor(
    private readonly disk: Disk,
    private readonly reserve: Reserve,
    private readonly failed: () => void = () => {},
  ) {}

  /** Resolves with what `run` returned, once it is on disk. */
  write<T>(run: () => T): Promise<T> {
    return this.queued(run);
  }

  /** The same for a change of what there is; `learn` gets what `run` returned. */
  change<T>(run: () => T, learn: (value: T) => void): Promise<T> {
    return this.queued(run, learn);
  }

  private queued<T>(run: () => T, learn?: (value: T) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const told = learn && { learn: learn as (value: unknown) => void };
      this.queue.push({ run, ...told, resolve: resolve as (value: unknown) => void, reject });
      if (this.busy) return;
      this.busy = true;
      // Once all sockets that have something to say were heard: what came together goes together.
      setImmediate(() => void this.drain());
    });
  }

  /** Resolves when nothing is queued or under way. */
  async drained(): Promise<void> {
    if (!this.busy) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) await this.commit(this.nextBatch());
    this.busy = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private nextBatch(): Queued[] {
    const alone = this.queue.findIndex(({ learn }) => learn);
    if (alone === -1) return this.queue.splice(0);
    return this.queue.splice(0, Math.max(1, alone));
  }

  private async commit(batch: Queued[]): Promise<void> {
    const results: (() => void)[] = [];
    const runAll = (): void => {
      for (const { run, learn, resolve, reject } of batch) {
        try {
          const value = run();
          results.push(() => {
            learn?.(value);
            resolve(value);
          });
        } catch (error) {
          results.push(() => reject(error));
        }
      }
    };
    try {
      this.reserve.ensure(batch.length);
      await this.transact(runAll, batch.length);
    } catch (error) {
      // Nothing of the transaction is on disk; every writer learns it.
      this.failed();
      const failure = await commitFailure(error);
      for (const { reject } of batch) reject(failure);
      return;
    }
    this.done.transactions += 1;
    this.done.writes += batch.length;
    for (const settle of results) settle();
  }

  /**
   * Many writers: LMDB's own thread writes and syncs while this one serves readers. A lone writer on a quick disk: here and
   * now, which saves three changes of thread (a third of the time, measured).
   */
  private async transact(run: () => void, writers: number): Promise<void> {
    const from = performance.now();
    if (writers === 1 && this.lastMs < QUICK_MS) this.disk.root.transactionSync(run);
    else await this.disk.root.transaction(run);
    this.lastMs = performance.now() - from;
  }
}
