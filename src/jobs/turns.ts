import type { Claimed } from './claim';
import { JobModel } from './job.model';
import { type Lanes, laneOf } from './lanes';

/**
 * Whose turn it is among the queues of one kind: one job each in turn, so that a queue of ten thousand doesn't keep a
 * queue of one waiting. Each worker takes turns on its own; nothing is written for it.
 */
export class Turns {
  private waiting: string[] = [];
  private lookedAt = Number.NEGATIVE_INFINITY;
  private from = '';

  constructor(
    private readonly kind: string,
    private readonly lanes: Lanes,
    /** ms after which the queues are looked up anew, because one may have come. */
    private readonly look: number,
    /** So many queues are looked up at a time; with more, the next look goes on where this one ended. */
    private readonly atALook = 200,
  ) {}

  /** Whether some queue is known to have something due. */
  get knowsWork(): boolean {
    return this.waiting.length > 0;
  }

  /** Claims the next job; null when nothing is due, or only in lanes that are full. */
  async claim(now: Date): Promise<Claimed | null> {
    if (now.getTime() - this.lookedAt >= this.look) await this.lookUp(now);
    const job = await this.claimKnown(now);
    if (job || this.waiting.length > 0) return job;
    await this.lookUp(now);
    return this.claimKnown(now);
  }

  private async claimKnown(now: Date): Promise<Claimed | null> {
    for (let tries = this.waiting.length; tries > 0; tries -= 1) {
      const queue = this.waiting.shift() ?? '';
      const lane = laneOf(queue);
      const job = this.lanes.isFull(lane, now) ? null : await this.lanes.claim(this.kind, queue, now);
      if (job || this.lanes.isFull(lane, now)) this.waiting.push(queue);
      if (job) return job;
    }
    return null;
  }

  /** Finds the queues that have something due, each by one step through the index; those known keep their order. */
  private async lookUp(now: Date): Promise<void> {
    const found = new Set<string>();
    this.lookedAt = now.getTime();
    let queue: string | undefined = this.from;
    for (let steps = 0; steps < this.atALook && queue !== undefined; steps += 1) {
      const next: { queue: string; dueAt: Date } | null = await this.after(queue);
      queue = next?.queue;
      if (next && next.dueAt <= now) found.add(next.queue);
    }
    const wrapped = this.from !== '' && queue === undefined;
    this.from = queue ?? '';
    this.waiting = [...this.waiting, ...[...found].filter((one) => !this.waiting.includes(one))];
    // The rest of the list was empty, so its beginning is next.
    if (wrapped && this.waiting.length === 0) await this.lookUp(now);
  }

  /** The longest due job of the next queue. */
  private after(queue: string): Promise<{ queue: string; dueAt: Date } | null> {
    return JobModel.findOne({ kind: this.kind, state: 'due', queue: { $gt: queue } }, { queue: 1, dueAt: 1 })
      .sort({ queue: 1, dueAt: 1 })
      .lean();
  }
}

/** When the next job is due at all; null when none waits. */
export async function nextDue(kinds: string[]): Promise<Date | null> {
  const row = await JobModel.findOne({ state: 'due', kind: { $in: kinds } }, { dueAt: 1 })
    .sort({ dueAt: 1 })
    .lean();
  return row?.dueAt ?? null;
}
