import { exactOf } from './compare';
import type { Exact } from './decimal';
import { isNumber, kindOf } from './values';

const INT64_MIN = -(1n << 63n);
const INT64_MAX = (1n << 63n) - 1n;

/** What a number is as a 64-bit integer: its value, or why it has none. */
export type Whole = bigint | 'not a number' | 'nan' | 'fraction' | 'too large';

/** A number as an exact 64-bit integer. */
export function toWhole(value: unknown): Whole {
  const kind = kindOf(value);
  if (!isNumber(kind)) return 'not a number';
  const exact = exactOf(value, kind);
  if (exact.special === 'nan') return 'nan';
  if (exact.special === 'infinite') return 'too large';
  const cut = truncate(exact);
  return cut.exact || cut.value === undefined ? (cut.value ?? 'too large') : 'fraction';
}

/** A number without its fraction as a 64-bit integer; undefined for NaN, infinities and what does not fit. */
export function truncatedWhole(value: unknown): bigint | undefined {
  const kind = kindOf(value);
  if (!isNumber(kind)) return undefined;
  const exact = exactOf(value, kind);
  return exact.special === 'finite' ? truncate(exact).value : undefined;
}

function truncate(exact: Exact): { value: bigint | undefined; exact: boolean } {
  const { coefficient, exponent, negative } = exact;
  // 10^20 is beyond 64 bits already; a huge power of ten need not be computed.
  if (exponent > 20 && coefficient !== 0n) return { value: undefined, exact: true };
  const unit = 10n ** BigInt(Math.abs(exponent));
  const magnitude = exponent >= 0 ? coefficient * unit : coefficient / unit;
  const value = negative ? -magnitude : magnitude;
  const fits = value >= INT64_MIN && value <= INT64_MAX;
  return { value: fits ? value : undefined, exact: exponent >= 0 || coefficient % unit === 0n };
}
