import { Decimal128, Double, Int32, Long } from 'bson';
import { compareValues, type Doc, encodeValue, MISSING, StoreError } from '../semantics';
import { addExact, divideExact, type Exact, fromDecimal128, fromWhole, toDecimal128 } from '../semantics/decimal';
import { setField } from '../semantics/path';
import { operand } from '../semantics/update-arithmetic';
import { fieldsOf, isDocument, isNumber, kindOf, wholeNumber } from '../semantics/values';
import { doubleOf, typeName } from './arithmetic';
import { isNullish } from './expression';

/** Takes values one by one and has a result at any time. */
export interface Accumulator {
  add(value: unknown): void;
  result(): unknown;
}

/**
 * Numbers summed as MongoDB sums them: whole ones exactly, doubles in twice their precision (so that the order hardly
 * matters), decimals apart; the widest type that took part is the result's.
 */
class Sum {
  private whole = 0n;
  private high = 0;
  private low = 0;
  private decimal: Exact = fromWhole(0n);
  private special = 0;
  private kind: 'int' | 'long' | 'double' | 'decimal' = 'int';
  count = 0;

  add(value: unknown): void {
    if (value === MISSING) return;
    const kind = kindOf(value);
    if (!isNumber(kind)) return;
    this.count += 1;
    const order = ['int', 'long', 'double', 'decimal'] as const;
    if (order.indexOf(kind as 'int') > order.indexOf(this.kind)) this.kind = kind as 'int';
    if (kind === 'decimal') this.decimal = addExact(this.decimal, fromDecimal128(value));
    else if (kind === 'double') this.addDouble(doubleOf(value));
    else this.whole += wholeNumber(value);
  }

  /** Knuth's two-sum: what rounding loses is kept in `low`. */
  private addDouble(value: number): void {
    this.special += value;
    const sum = this.high + value;
    const part = sum - this.high;
    this.low += this.high - (sum - part) + (value - part);
    this.high = sum;
  }

  private double(): number {
    if (!Number.isFinite(this.special)) return this.special;
    const copy = Object.assign(new Sum(), this);
    copy.addDouble(Number(this.whole));
    copy.addDouble(Number(this.whole - BigInt(Number(this.whole))));
    return copy.high + copy.low;
  }

  private exact(): Exact {
    const double = Number.isFinite(this.special) ? this.high + this.low : this.special;
    const doubles = double === 0 ? fromWhole(0n) : operand(new Double(double), 'double');
    return addExact(this.decimal, addExact(fromWhole(this.whole), doubles));
  }

  result(): unknown {
    if (this.kind === 'decimal') return toDecimal128(this.exact());
    if (this.kind === 'double' || this.whole !== BigInt.asIntN(64, this.whole)) return new Double(this.double());
    const small = this.kind === 'int' && this.whole === BigInt.asIntN(32, this.whole);
    return small ? new Int32(Number(this.whole)) : Long.fromBigInt(this.whole);
  }

  mean(): unknown {
    if (this.count === 0) return null;
    if (this.kind !== 'decimal') return new Double(this.double() / this.count);
    return toDecimal128(divideExact(this.exact(), fromWhole(BigInt(this.count))));
  }
}

function sum(): Accumulator {
  const total = new Sum();
  return { add: (value) => total.add(value), result: () => total.result() };
}

function average(): Accumulator {
  const total = new Sum();
  return { add: (value) => total.add(value), result: () => total.mean() };
}

function extreme(sign: number): Accumulator {
  let best: unknown = null;
  return {
    add(value) {
      if (isNullish(value)) return;
      if (best === null || compareValues(value, best) * sign > 0) best = value;
    },
    result: () => best,
  };
}

function first(): Accumulator {
  let value: unknown = MISSING;
  let taken = false;
  return {
    add(next) {
      if (!taken) value = next;
      taken = true;
    },
    result: () => (value === MISSING ? null : value),
  };
}

function last(): Accumulator {
  let value: unknown = MISSING;
  return {
    add(next) {
      value = next;
    },
    result: () => (value === MISSING ? null : value),
  };
}

function push(): Accumulator {
  const values: unknown[] = [];
  return {
    add(value) {
      if (value !== MISSING) values.push(value);
    },
    result: () => values,
  };
}

function addToSet(): Accumulator {
  const values = new Map<string, unknown>();
  return {
    add(value) {
      if (value === MISSING) return;
      const name = encodeValue(value).toString('latin1');
      if (!values.has(name)) values.set(name, value);
    },
    result: () => [...values.values()],
  };
}

function mergeObjects(): Accumulator {
  const merged: Doc = {};
  return {
    add(value) {
      if (isNullish(value)) return;
      if (!isDocument(value)) throw new StoreError(40400, `$mergeObjects requires object inputs, but input ${String(value)} is of type ${typeName(value)}`); // biome-ignore format: one line
      for (const [name, one] of Object.entries(fieldsOf(value))) setField(merged, name, one);
    },
    result: () => merged,
  };
}

/** Welford's method; of decimals it takes the doubles, as MongoDB does. */
function deviation(sample: boolean): Accumulator {
  let [count, mean, squares] = [0, 0, 0];
  return {
    add(value) {
      if (value === MISSING || !isNumber(kindOf(value))) return;
      const number = value instanceof Decimal128 ? Number(String(value)) : doubleOf(value);
      count += 1;
      const delta = number - mean;
      mean += delta / count;
      squares += delta * (number - mean);
    },
    result() {
      const n = sample ? count - 1 : count;
      return n <= 0 ? null : new Double(Math.sqrt(squares / n));
    },
  };
}

const ACCUMULATORS = {
  $sum: sum,
  $avg: average,
  $min: () => extreme(-1),
  $max: () => extreme(1),
  $first: first,
  $last: last,
  $push: push,
  $addToSet: addToSet,
  $mergeObjects: mergeObjects,
  $stdDevPop: () => deviation(false),
  $stdDevSamp: () => deviation(true),
};

export type AccumulatorName = keyof typeof ACCUMULATORS;

export const isAccumulator = (name: string): name is AccumulatorName => Object.hasOwn(ACCUMULATORS, name);
export const accumulatorFor = (name: AccumulatorName): Accumulator => ACCUMULATORS[name]();
