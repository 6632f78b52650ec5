import { Int32, Long } from 'bson';
import { StoreError, toWhole } from '../semantics';

/** A count as MongoDB answers it. */
export const counted = (n: number): Int32 | Long => (n < 2 ** 31 ? new Int32(n) : Long.fromNumber(n));

/** A number without a fraction. @throws StoreError with this code and these words for anything else */
export function asWhole(value: unknown, code: number, words: string): number {
  const whole = toWhole(value);
  if (typeof whole !== 'bigint') throw new StoreError(code, words);
  return Number(whole);
}
