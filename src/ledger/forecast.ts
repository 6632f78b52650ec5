import { type Contract, PACES } from '../sponsors/sponsors';

/** How a contract will go when leads keep coming as they did. */
export interface Forecast {
  state: 'not-started' | 'full' | 'ended' | 'no-limit' | 'still' | 'on-time' | 'late';
  /** Leads a day as of late, no more than the pace allows. */
  perDay: number;
  /** When the last place will be taken. */
  ends?: Date;
  /** How many will have counted when the contract ends. */
  expected?: number;
  /** How many places will be left then. */
  shortfall?: number;
}

/** What came of late. */
export interface Lately {
  /** All that count so far. */
  counted: number;
  /** Those of them that came since then. */
  recent: number;
  since: Date;
}

type Agreed = Pick<Contract, 'cap' | 'from' | 'to' | 'pacing'>;

const DAY_MS = 86_400_000;
/** What counts as of late: four weeks have every day of the week as often. */
const LATELY_DAYS = 28;
const PACE_DAYS = { day: 1, week: 7, month: 365.25 / 12 } as const;

/** Since when leads are looked at: four weeks, or as long as the contract has been running. */
export function latelySince(begins: Date, now: Date): Date {
  return new Date(Math.max(begins.getTime(), now.getTime() - LATELY_DAYS * DAY_MS));
}

/** Carries on what came of late to the end of the places or of the contract. Pure. */
export function forecastOf(agreed: Agreed, { counted, recent, since }: Lately, now: Date): Forecast {
  const { cap, from, to } = agreed;
  const days = Math.max(1, (now.getTime() - since.getTime()) / DAY_MS);
  const perDay = Math.min(recent / days, fastest(agreed));
  if (cap !== null && counted >= cap) return { state: 'full', perDay };
  if (from && now < from) return { state: 'not-started', perDay: 0 };
  if (to && now >= to) {
    return { state: 'ended', perDay: 0, expected: counted, ...(cap !== null && { shortfall: cap - counted }) };
  }
  const expected = to && Math.floor(counted + (perDay * (to.getTime() - now.getTime())) / DAY_MS);
  if (cap === null) return { state: 'no-limit', perDay, ...(expected !== undefined && { expected }) };
  if (perDay === 0) return { state: 'still', perDay, ...(to && { expected: counted, shortfall: cap - counted }) };
  const ends = new Date(now.getTime() + ((cap - counted) / perDay) * DAY_MS);
  if (!to || expected === undefined || ends <= to) return { state: 'on-time', perDay, ends };
  return { state: 'late', perDay, ends, expected, shortfall: cap - expected };
}

/** Leads a day that the pace allows. */
function fastest({ pacing }: Agreed): number {
  return Math.min(...PACES.map((pace) => (pacing?.[pace] ?? Number.POSITIVE_INFINITY) / PACE_DAYS[pace]));
}
