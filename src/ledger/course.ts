import type { Contract, Pace } from '../sponsors/sponsors';
import { type Forecast, forecastOf, latelySince } from './forecast';
import { SettlementModel } from './ledger.model';
import { periodOf } from './pace';

/** The leads that began to count in one period. */
export interface Step {
  key: string;
  from: Date;
  to: Date;
  count: number;
  /** With all before it. */
  total: number;
  /** How many there would have to be by the end of it to fill all places evenly until the contract ends. */
  due?: number;
}

/** How a contract went so far, and how it will go. */
export interface Course {
  begins: Date;
  pace: Pace;
  steps: Step[];
  counted: number;
  forecast: Forecast;
}

const DAY_MS = 86_400_000;
/** At most about this many steps are shown. */
const DAYS_MAX = 45;
const WEEKS_MAX = 60;

type Bounds = { $gte: Date; $lt?: Date };
const billable = (contract: string, at: Bounds) =>
  SettlementModel.countDocuments({ contract, decision: 'billable', at });

/** Counts what counts under a contract, day by day, or by weeks or months when it has run for longer. */
export async function courseOf(contract: Contract, now: Date, timeZone: string): Promise<Course> {
  const { id } = contract;
  const begins = await beginningOf(contract, now);
  const days = (now.getTime() - begins.getTime()) / DAY_MS;
  const pace: Pace = days <= DAYS_MAX ? 'day' : days / 7 <= WEEKS_MAX ? 'week' : 'month';
  const periods = periodsOf(pace, begins, now, timeZone);
  const since = latelySince(begins, now);
  const [counted, recent, ...counts] = await Promise.all([
    SettlementModel.countDocuments({ contract: id, decision: 'billable' }),
    billable(id, { $gte: since }),
    ...periods.map(({ from, to }) => billable(id, { $gte: from, $lt: to })),
  ]);
  let total = 0;
  const steps = periods.map((period, i): Step => {
    const count = counts[i] ?? 0;
    total += count;
    const due = dueBy(contract, begins, period.to);
    return { ...period, count, total, ...(due !== undefined && { due }) };
  });
  return { begins, pace, steps, counted, forecast: forecastOf(contract, { counted, recent, since }, now) };
}

/** The contract's first day, the first lead that counts, or now: whichever was first. */
async function beginningOf({ id, from }: Contract, now: Date): Promise<Date> {
  const first = await SettlementModel.findOne({ contract: id, decision: 'billable' }, { at: 1 }).sort({ at: 1 }).lean();
  const known = [from, first?.at].flatMap((at) => (at && at < now ? [at.getTime()] : []));
  return known.length > 0 ? new Date(Math.min(...known)) : now;
}

function periodsOf(pace: Pace, begins: Date, now: Date, timeZone: string): Pick<Step, 'key' | 'from' | 'to'>[] {
  const periods: Pick<Step, 'key' | 'from' | 'to'>[] = [];
  for (let from = begins; from <= now; ) {
    const { key, ends } = periodOf(pace, from, timeZone);
    periods.push({ key, from, to: ends });
    from = ends;
  }
  return periods;
}

/** An even pace from the beginning to the end. */
export function dueBy({ cap, to }: Pick<Contract, 'cap' | 'to'>, begins: Date, at: Date): number | undefined {
  if (cap === null || !to || to <= begins) return undefined;
  const share = (at.getTime() - begins.getTime()) / (to.getTime() - begins.getTime());
  return Math.round(cap * Math.min(1, Math.max(0, share)));
}
