import { readMoment } from '../campaigns/campaigns';
import type { Pace } from '../sponsors/sponsors';

/** A day, week or month on the publisher's clock. */
export interface Period {
  /** `2026-11-24`, `week of 2026-11-23`, `2026-11` */
  key: string;
  /** The first moment after it. */
  ends: Date;
}

const DAY_MS = 86_400_000;

/** The period around a moment; weeks begin on Monday (ISO 8601). */
export function periodOf(pace: Pace, at: Date, timeZone: string): Period {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);
  if (pace === 'day') return { key: today, ends: startOf(daysAfter(today, 1), timeZone) };
  if (pace === 'month') {
    const [year = 0, month = 0] = today.split('-').map(Number);
    return { key: today.slice(0, 7), ends: startOf(dayOf(Date.UTC(year, month, 1)), timeZone) };
  }
  const monday = daysAfter(today, -((new Date(today).getUTCDay() + 6) % 7));
  return { key: `week of ${monday}`, ends: startOf(daysAfter(monday, 7), timeZone) };
}

/** `2026-11-24` and a number of days: `2026-11-25`. */
export const daysAfter = (day: string, days: number): string => dayOf(Date.parse(day) + days * DAY_MS);

const dayOf = (utc: number): string => new Date(utc).toISOString().slice(0, 10);

function startOf(day: string, timeZone: string): Date {
  return readMoment(day, timeZone) ?? new Date(day);
}
