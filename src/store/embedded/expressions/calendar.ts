import { fromLocal, utcOf, type Zone } from './zones';

/** A moment by the calendar and the clock of a zone. */
export interface Calendar {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  /** 0 is Sunday. */
  weekday: number;
  /** 1 to 366. */
  dayOfYear: number;
}

const DAY = 86_400_000;

export function calendarOf(time: number, zone: Zone): Calendar {
  const local = new Date(time + zone.offsetAt(time));
  const year = local.getUTCFullYear();
  return {
    year,
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    ms: local.getUTCMilliseconds(),
    weekday: local.getUTCDay(),
    dayOfYear: Math.floor((local.getTime() - utcOf(year, 1, 1)) / DAY) + 1,
  };
}

/** ISO 8601: the week of a day is that of its Thursday. */
export function isoWeek({ year, dayOfYear, weekday }: Calendar): { year: number; week: number } {
  const thursday = new Date(utcOf(year, 1, dayOfYear + 4 - (weekday || 7)));
  const first = utcOf(thursday.getUTCFullYear(), 1, 1);
  return { year: thursday.getUTCFullYear(), week: Math.floor((thursday.getTime() - first) / DAY / 7) + 1 };
}

export const UNITS = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'] as const;
export type Unit = (typeof UNITS)[number];

const MILLIS: Partial<Record<Unit, number>> = { hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 };
const MONTHS: Partial<Record<Unit, number>> = { month: 1, quarter: 3, year: 12 };

/** MongoDB counts bins from here, in local time. */
const REFERENCE = utcOf(2000, 1, 1);

interface Bins {
  bin: number;
  zone: Zone;
  startOfWeek: number;
}

/** The beginning of the bin that a moment is in (`$dateTrunc`). */
export function truncated(time: number, unit: Unit, { bin, zone, startOfWeek }: Bins): number {
  const millis = MILLIS[unit];
  if (millis !== undefined) {
    const reference = fromLocal(REFERENCE, zone);
    return Math.floor((time - reference) / (millis * bin)) * millis * bin + reference;
  }
  const local = time + zone.offsetAt(time);
  const months = MONTHS[unit];
  if (months !== undefined) {
    const date = new Date(local);
    const since = (date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth();
    return fromLocal(utcOf(2000, 1 + Math.floor(since / (months * bin)) * months * bin, 1), zone);
  }
  const days = (unit === 'week' ? 7 : 1) * bin;
  const reference = unit === 'week' ? REFERENCE + ((startOfWeek - 6 + 7) % 7) * DAY : REFERENCE;
  return fromLocal(Math.floor((local - reference) / (days * DAY)) * days * DAY + reference, zone);
}

/** A moment some units later. Days and longer are steps in the calendar of the zone; a month's last day stays within it. */
export function addTo(time: number, unit: Unit, amount: number, zone: Zone): number {
  const millis = MILLIS[unit];
  if (millis !== undefined) return time + amount * millis;
  const local = time + zone.offsetAt(time);
  const months = MONTHS[unit];
  if (months === undefined) return backTo(time, local, local + amount * (unit === 'week' ? 7 : 1) * DAY, zone);
  const date = new Date(local);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1 + amount * months];
  const lastDay = new Date(utcOf(year, month + 1, 0)).getUTCDate();
  const clock = ((local % DAY) + DAY) % DAY;
  return backTo(time, local, utcOf(year, month, Math.min(date.getUTCDate(), lastDay)) + clock, zone);
}

function backTo(time: number, before: number, after: number, zone: Zone): number {
  return before === after ? time : fromLocal(after, zone);
}

/** How many beginnings of a unit lie between two moments (`$dateDiff`). */
export function difference(from: number, to: number, unit: Unit, { zone, startOfWeek }: Omit<Bins, 'bin'>): number {
  if (unit === 'millisecond') return to - from;
  const [start, end] = [from + zone.offsetAt(from), to + zone.offsetAt(to)];
  const millis = MILLIS[unit];
  if (millis !== undefined) {
    const turned = Math.trunc((start - from - (end - to)) / millis);
    return Math.floor(end / millis) - Math.floor(start / millis) + turned;
  }
  const months = MONTHS[unit];
  if (months !== undefined) return Math.floor(monthsOf(end) / months) - Math.floor(monthsOf(start) / months);
  // Day 0 of the era was a Thursday.
  const shift = unit === 'week' ? (4 - startOfWeek + 7) % 7 : 0;
  const size = unit === 'week' ? 7 : 1;
  const at = (local: number): number => Math.floor((Math.floor(local / DAY) + shift) / size);
  return at(end) - at(start);
}

function monthsOf(local: number): number {
  const date = new Date(local);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
