import { StoreError } from '../semantics';
import { type Calendar, calendarOf, isoWeek } from './calendar';
import type { Zone } from './zones';

const digits = (n: number, width: number): string => `${n < 0 ? '-' : ''}${String(Math.abs(n)).padStart(width, '0')}`;

function offsetText(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  return `${ms < 0 ? '-' : '+'}${digits(Math.floor(minutes / 60), 2)}${digits(minutes % 60, 2)}`;
}

/** The specifiers of `$dateToString` (MongoDB manual). */
const SPECIFIERS: Readonly<Record<string, (at: Calendar, offset: number) => string>> = {
  Y: ({ year }) => digits(year, 4),
  m: ({ month }) => digits(month, 2),
  d: ({ day }) => digits(day, 2),
  H: ({ hour }) => digits(hour, 2),
  M: ({ minute }) => digits(minute, 2),
  S: ({ second }) => digits(second, 2),
  L: ({ ms }) => digits(ms, 3),
  j: ({ dayOfYear }) => digits(dayOfYear, 3),
  w: ({ weekday }) => String(weekday + 1),
  u: ({ weekday }) => String(weekday || 7),
  U: ({ dayOfYear, weekday }) => digits(Math.floor((dayOfYear + 6 - weekday) / 7), 2),
  V: (at) => digits(isoWeek(at).week, 2),
  G: (at) => digits(isoWeek(at).year, 4),
  z: (_at, offset) => offsetText(offset),
  Z: (_at, offset) => String(Math.trunc(offset / 60_000)).replace(/^(?=\d)/, '+'),
  '%': () => '%',
};

/** @throws StoreError 18536 for a specifier that there is not, 18535 for a lone `%` at the end */
export function formatted(time: number, format: string, zone: Zone): string {
  const at = calendarOf(time, zone);
  return format.replace(/%([\s\S]?)/g, (_all, name: string) => {
    if (name === '') throw new StoreError(18535, `Unmatched '%' at end of format string`);
    const specifier = Object.hasOwn(SPECIFIERS, name) ? SPECIFIERS[name] : undefined;
    if (!specifier) throw new StoreError(18536, `Invalid format character '%${name}' in format string`);
    return specifier(at, zone.offsetAt(time));
  });
}
