import type { Disk } from './disk';

interface Queued {
  run(): unknown;
  /** What memory learns once the transaction is on disk. */
  exclusive: boolean;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * All writes go through here. Whatever is queued while a transaction is on its way to the disk goes into the next one
 * together, so that many writers share one sync. An operation checks everything before it puts anything: there is no
 * taking back inside a shared transaction. `exclusive` operations (on the catalogue) have a transaction of their own.
 */
export class Writer {
  private queue: Queued[] = [];
  private busy = false;
  private idle: (() => void)[] = [];

  constructor(private readonly disk: Disk) {}

  /** Resolves with what `run` returned, once it is on disk. */
  write<T>(run: () => T, exclusive = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ run, exclusive, resolve: resolve as (value: unknown) => void, reject });
      if (!this.busy) void this.drain();
    });
  }

  /** Resolves when nothing is queued or under way. */
  async drained(): Promise<void> {
    if (!this.busy) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private async drain(): Promise<void> {
    this.busy = true;
    while (this.queue.length > 0) await this.commit(this.nextBatch());
    this.busy = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private nextBatch(): Queued[] {
    const alone = this.queue.findIndex(({ exclusive }) => exclusive);
    if (alone === -1) return this.queue.splice(0);
    return this.queue.splice(0, Math.max(1, alone));
  }

  private async commit(batch: Queued[]): Promise<void> {
    const results: (() => void)[] = [];
    try {
      await this.disk.root.transaction(() => {
        for (const { run, resolve, reject } of batch) {
          try {
            const value = run();
            results.push(() => resolve(value));
          } catch (error) {
            results.push(() => reject(error));
          }
        }
      });
      for (const settle of results) settle();
    } catch (error) {
      // Nothing of the transaction is on disk; every writer learns it.
      for (const { reject } of batch) reject(error);
    }
  }
}
