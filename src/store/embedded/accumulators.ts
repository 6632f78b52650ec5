import { Decimal128, Double, Int32, Long } from 'bson';
import { compareValues, type Doc, MISSING, StoreError } from './semantics';

export interface Accumulator {
  /** The expression whose values it takes. */
  of: unknown;
  add(value: unknown): void;
  result(): unknown;
}

/** @throws StoreError 15952 for one that this store doesn't have */
export function accumulatorOf(spec: Doc): Accumulator {
  const [name, of] = Object.entries(spec)[0] ?? ['', null];
  switch (name) {
    case '$sum':
      return sum(of);
    case '$min':
      return extreme(of, -1);
    case '$max':
      return extreme(of, 1);
    case '$first':
      return first(of);
    default:
      throw new StoreError(15952, `unknown group operator '${name}'`);
  }
}

/** Adds numbers and passes over everything else. Whole numbers stay whole: an int that outgrows itself is a long. */
function sum(of: unknown): Accumulator {
  let total = 0n;
  let fraction = 0;
  let kind: 'int' | 'long' | 'double' = 'int';
  return {
    of,
    add(value) {
      if (value instanceof Decimal128) throw new StoreError(238, 'this store sums no Decimal128');
      if (value instanceof Long) kind = kind === 'double' ? kind : 'long';
      if (value instanceof Double) kind = 'double';
      if (value instanceof Int32) total += BigInt(value.value);
      else if (value instanceof Long) total += value.toBigInt();
      else if (value instanceof Double) fraction += value.value;
    },
    result() {
      if (kind === 'double') return new Double(Number(total) + fraction);
      const small = total < 2n ** 31n && total >= -(2n ** 31n);
      return kind === 'int' && small ? new Int32(Number(total)) : Long.fromBigInt(total);
    },
  };
}

function extreme(of: unknown, sign: number): Accumulator {
  let best: unknown = null;
  return {
    of,
    add(value) {
      if (value === MISSING || value === null || value === undefined) return;
      if (best === null || compareValues(value, best) * sign > 0) best = value;
    },
    result: () => best,
  };
}

function first(of: unknown): Accumulator {
  let value: unknown = MISSING;
  return {
    of,
    add(next) {
      if (value === MISSING) value = next === MISSING ? null : next;
    },
    result: () => (value === MISSING ? null : value),
  };
}
