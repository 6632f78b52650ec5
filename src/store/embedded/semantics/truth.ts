import { exactOf } from './compare';
import { signOf } from './decimal';
import { MISSING } from './types';
import { isNumber, kindOf } from './values';

/** MongoDB's idea of true: everything but false, null, undefined, a missing field and zero (NaN is true). */
export function isTruthy(value: unknown): boolean {
  if (value === MISSING || value === undefined || value === null || value === false) return false;
  const kind = kindOf(value);
  if (!isNumber(kind)) return true;
  const exact = exactOf(value, kind);
  return exact.special !== 'finite' || signOf(exact) !== 0;
}
