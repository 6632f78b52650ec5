import { StoreError } from '../semantics';

/** Time zones by their Olson names (from ICU, which Node carries) or as an offset: `Europe/Berlin`, `+02:00`, `UTC`. */
export interface Zone {
  /** Milliseconds that local time is ahead of UTC at a moment. */
  offsetAt(ms: number): number;
  name: string;
}

const QUARTER = 15 * 60_000;
const zones = new Map<string, Zone>();

/** @throws StoreError 40485 for a name that nobody knows */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const zone = fixedZone(name) ?? namedZone(name);
  zones.set(name, zone);
  return zone;
}

function fixedZone(name: string): Zone | null {
  const parts = /^([+-])(\d{2}):?(\d{2})?$/.exec(name);
  if (!parts) return null;
  const minutes = Number(parts[2]) * 60 + Number(parts[3] ?? 0);
  const offset = (parts[1] === '-' ? -1 : 1) * minutes * 60_000;
  return { offsetAt: () => offset, name };
}

function namedZone(name: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new StoreError(40485, `unrecognized time zone identifier: "${name}"`);
  }
  // Zones change their offset at whole quarters of an hour, so that one look-up serves all moments of a quarter.
  const offsets = new Map<number, number>();
  const offsetAt = (ms: number): number => {
    const quarter = Math.floor(ms / QUARTER);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    if (offsets.size > 50_000) offsets.clear();
    const offset = localTime(format, quarter * QUARTER) - quarter * QUARTER;
    offsets.set(quarter, offset);
    return offset;
  };
  return { offsetAt, name };
}

function localTime(format: Intl.DateTimeFormat, ms: number): number {
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const part = (name: string) => Number(parts[name]);
  const year = parts['era'] === 'BC' ? 1 - part('year') : part('year');
  return utcOf(year, part('month'), part('day'), part('hour'), part('minute'), part('second'));
}

/** Years below 100 are years, not 1900 and so on. */
export function utcOf(year: number, month: number, day: number, hour = 0, minute = 0, second = 0, ms = 0): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, ms);
}

/** The moment of a local time (given as if it were UTC). In a gap the clock has gone on already; of two the first counts. */
export function fromLocal(local: number, zone: Zone): number {
  const before = local - zone.offsetAt(local - 86_400_000);
  if (zone.offsetAt(before) === local - before) return before;
  const after = local - zone.offsetAt(local + 86_400_000);
  return zone.offsetAt(after) === local - after ? after : before;
}
