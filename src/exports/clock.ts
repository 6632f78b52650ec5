import type { DateStyle } from './profile.types';

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
/** Excel's day 0 (ECMA-376, 18.17.4.1, the 1900 date base with its leap-year slip). */
const EXCEL_EPOCH = Date.UTC(1899, 11, 30);

/** Writes times as one style and one zone want them. A zone's offset changes on a quarter of an hour only, so it is asked once in each. */
export class Clock {
  private readonly zone: Intl.DateTimeFormat;
  private readonly offsets = new Map<number, number>();

  constructor(
    private readonly style: DateStyle,
    readonly timeZone: string,
  ) {
    this.zone = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  }

  text(at: Date): string {
    if (this.style === 'iso' && this.timeZone === 'UTC') return at.toISOString();
    const offset = this.offset(at);
    const local = new Date(at.getTime() + offset * 60_000).toISOString();
    const [year, month, day] = [local.slice(0, 4), local.slice(5, 7), local.slice(8, 10)];
    switch (this.style) {
      case 'iso':
        return `${local.slice(0, 19)}${offsetText(offset)}`;
      case 'time':
        return `${local.slice(0, 10)} ${local.slice(11, 19)}`;
      case 'date':
        return local.slice(0, 10);
      case 'day-first':
        return `${day}/${month}/${year} ${local.slice(11, 16)}`;
      case 'month-first':
        return `${month}/${day}/${year} ${local.slice(11, 16)}`;
    }
  }

  /** Days since Excel's epoch on the clock of the zone: a spreadsheet knows no zones. */
  serial(at: Date): number {
    return (at.getTime() + this.offset(at) * 60_000 - EXCEL_EPOCH) / DAY_MS;
  }

  /** The calendar day there, `2026-11-25`. */
  day(at: Date): string {
    return new Date(at.getTime() + this.offset(at) * 60_000).toISOString().slice(0, 10);
  }

  /** Minutes ahead of UTC. */
  private offset(at: Date): number {
    if (this.timeZone === 'UTC') return 0;
    const quarter = Math.floor(at.getTime() / QUARTER_MS);
    const known = this.offsets.get(quarter);
    if (known !== undefined) return known;
    const name = this.zone.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)/.exec(name) ?? [];
    const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
    if (this.offsets.size > 10_000) this.offsets.clear();
    this.offsets.set(quarter, offset);
    return offset;
  }
}

function offsetText(minutes: number): string {
  const [sign, size] = [minutes < 0 ? '-' : '+', Math.abs(minutes)];
  const two = (n: number) => String(n).padStart(2, '0');
  return `${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
