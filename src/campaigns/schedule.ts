import type { Availability, Campaign } from './campaign.types';

/**
 * Whether a reader may ask for the paper at `now`. A campaign that is not open yet is as hidden as a draft; `closes` is
 * the first moment at which it is closed.
 */
export function availability(campaign: Pick<Campaign, 'status' | 'opens' | 'closes'>, now: Date): Availability {
  if (campaign.status === 'draft') return 'hidden';
  if (campaign.status !== 'open') return campaign.status;
  if (campaign.opens && now < campaign.opens) return 'hidden';
  return campaign.closes && now >= campaign.closes ? 'closed' : 'open';
}

const WRITTEN = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * The moment that a written date means. `2026-01-01` is the start of that day in `timeZone`, `2026-01-01T09:00` that
 * time there, `2026-01-01T09:00Z` (or `+01:00`) says its own offset.
 * @returns null when there is no such day or time
 */
export function readMoment(written: string, timeZone: string): Date | null {
  const match = WRITTEN.exec(written);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const wall = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
  const expected = [year, month, day, hour, minute, second].map((part) => String(part).padStart(2, '0'));
  if (
    new Date(wall)
      .toISOString()
      .split(/[-T:.]/, 6)
      .join() !== expected.join()
  )
    return null;
  return match[7] ? new Date(wall - offsetWritten(match[7])) : momentOfWall(wall, timeZone);
}

/** `2026-01-01T00:00:00+01:00`: the moment as clocks in `timeZone` show it, with their offset, so that it means the same anywhere. */
export function writeMoment(moment: Date, timeZone: string): string {
  const offset = offsetAt(moment.getTime(), timeZone);
  const wall = new Date(moment.getTime() + offset).toISOString().slice(0, 19);
  const minutes = Math.abs(offset) / 60_000;
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
  return `${wall}${offset < 0 ? '-' : '+'}${hours}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Milliseconds of `Z`, `+01:00`, `-03:30`. */
function offsetWritten(text: string): number {
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6));
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
}

/**
 * Turns a wall-clock time (held as if it were UTC) into a moment. The second look takes the offset that is in force at
 * the first guess: it settles days that begin late (clocks jump at midnight) and takes the first of two equal midnights.
 */
function momentOfWall(wall: number, timeZone: string): Date {
  const guess = wall - offsetAt(wall, timeZone);
  return new Date(wall - offsetAt(guess, timeZone));
}

/** What clocks in `timeZone` are ahead of UTC at `moment`, in milliseconds. */
function offsetAt(moment: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day, hour, minute, second } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000;
}
