import { isDuplicateKey } from '../store/duplicate';
import { type Claimed, claim, freePlace, postpone } from './claim';
import { JobModel, LaneModel } from './job.model';

/** How many jobs of a lane may be under way at once, and begin in a minute (0: any number), over all workers together. */
export interface LaneLimit {
  atOnce: number;
  perMinute: number;
}

/** A full lane is looked at again after this, or when a job of ours has left it. */
const FULL_MS = 250;
const MINUTE_MS = 60_000;

/**
 * Claims in lanes that take only so many. A place is a field of the claim under a unique index, so it can't be held twice
 * and goes with the lease of a killed worker; the pace is one row that says when the next job may begin.
 */
export class Lanes {
  /** Lanes that are full, and until when it is no use to ask. */
  private readonly full = new Map<string, number>();

  /** @param limitOf undefined: the lane takes whatever comes */
  constructor(
    private readonly limitOf: (lane: string) => LaneLimit | undefined,
    private readonly lease: number,
  ) {}

  isFull(lane: string, now: Date): boolean {
    return (this.full.get(lane) ?? 0) > now.getTime();
  }

  /** When the first of the full lanes may have room again; Infinity when none is full. */
  roomAt(now: Date): number {
    const later = [...this.full.values()].filter((at) => at > now.getTime());
    return Math.min(Number.POSITIVE_INFINITY, ...later);
  }

  /** A job of ours has ended: its place may be free. */
  left({ queue, place }: Claimed): void {
    if (place !== undefined) this.full.delete(laneOf(queue));
  }

  /** The longest due job of a queue; null when none is due or its lane is full. */
  async claim(kind: string, queue: string, now: Date): Promise<Claimed | null> {
    const lane = laneOf(queue);
    const limit = lane === '' ? undefined : this.limitOf(lane);
    this.full.delete(lane);
    if (!limit) return notTaken(await claim({ kind, queue }, now, this.lease));
    const paced = limit.perMinute > 0;
    const [places, pace] = await Promise.all([freePlaces(lane, limit.atOnce, now), paced ? paceOf(lane, now) : null]);
    if (pace) return this.fullUntil(lane, pace);
    const job = await this.claimPlace(kind, queue, now, places);
    const freeAt = job && paced ? await keepPace(lane, limit.perMinute, now) : null;
    if (!job || !freeAt) return job;
    await postpone(job, freeAt, `${lane} is sent at most ${limit.perMinute} a minute`, false);
    return this.fullUntil(lane, freeAt);
  }

  private async claimPlace(kind: string, queue: string, now: Date, places: string[]): Promise<Claimed | null> {
    for (const place of places) {
      const got = await claim({ kind, queue }, now, this.lease, place);
      if (got !== 'taken') return got;
    }
    return this.fullUntil(laneOf(queue), new Date(now.getTime() + FULL_MS));
  }

  private fullUntil(lane: string, at: Date): null {
    this.full.set(lane, at.getTime());
    return null;
  }
}

/** The places of a lane that nobody holds, as far as one look tells; those of holders who let their lease run out are freed. */
async function freePlaces(lane: string, atOnce: number, now: Date): Promise<string[]> {
  const all = Array.from({ length: atOnce }, (_, n) => `${lane}#${n + 1}`);
  const taken = await JobModel.find({ place: { $in: all } }, { place: 1, dueAt: 1 }).lean();
  const expired = taken.flatMap(({ place, dueAt }) => (place !== undefined && dueAt <= now ? [place] : []));
  for (const place of expired) await freePlace(place, now);
  return all.filter((place) => expired.includes(place) || !taken.some((row) => row.place === place));
}

/** When the lane takes its next job, if not now. */
async function paceOf(lane: string, now: Date): Promise<Date | null> {
  const row = await LaneModel.findOne({ _id: lane }).lean();
  return row && row.freeAt > now ? row.freeAt : null;
}

/**
 * Takes the lane's next beginning; beginnings lie a whole interval apart, so no minute has more than its share.
 * @returns null when taken, else when the lane is free
 */
async function keepPace(lane: string, perMinute: number, now: Date): Promise<Date | null> {
  const next = new Date(now.getTime() + MINUTE_MS / perMinute);
  if (await takeLane(lane, now, next)) return null;
  return (await paceOf(lane, now)) ?? next;
}

/** Takes a lane until `next`, unless it is taken: its one row is the judge. */
async function takeLane(lane: string, now: Date, next: Date): Promise<boolean> {
  try {
    await LaneModel.updateOne({ _id: lane, freeAt: { $lte: now } }, { $set: { freeAt: next } }, { upsert: true });
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}

/**
 * Does something that is of no use twice at the same time, unless another worker is at it; whoever is killed lets go of it
 * after a lease. No promise rests on it.
 */
export async function alone(what: string, lease: number, work: () => Promise<void>): Promise<boolean> {
  const now = new Date();
  const until = new Date(now.getTime() + lease);
  if (!(await takeLane(what, now, until))) return false;
  try {
    await work();
    return true;
  } finally {
    await LaneModel.updateOne({ _id: what, freeAt: until }, { $set: { freeAt: new Date() } });
  }
}

/** The lane of `<owner>/<lane>`. */
export const laneOf = (queue: string): string => queue.slice(queue.lastIndexOf('/') + 1);

/** Without a place there is nothing that could be taken. */
const notTaken = (got: Claimed | 'taken' | null): Claimed | null => (got === 'taken' ? null : got);
