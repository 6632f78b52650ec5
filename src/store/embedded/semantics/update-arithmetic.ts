import { Double, Int32, Long } from 'bson';
import { exactOf } from './compare';
import { addExact, type Exact, fromDouble, multiplyExact, toDecimal128 } from './decimal';
import { type Kind, kindOf, plainNumber, wholeNumber } from './values';

const INT32_MIN = -(1n << 31n);
const INT32_MAX = (1n << 31n) - 1n;
const INT64_MIN = -(1n << 63n);
const INT64_MAX = (1n << 63n) - 1n;
/** MongoDB reads a double with 15 digits before it meets a decimal in arithmetic, so that 0.1 counts as 0.1. */
const DOUBLE_DIGITS = 15;

export type Arithmetic = 'add' | 'subtract' | 'multiply';

/** Of each kind of number. Subtraction is none of a negative: an int 0 has none, and -0 - 0 is -0 (IEEE 754, 6.3). */
const EXACT: Record<Arithmetic, (a: Exact, b: Exact) => Exact> = {
  add: addExact,
  subtract: (a, b) => addExact(a, { ...b, negative: !b.negative }),
  multiply: multiplyExact,
};
const DOUBLE: Record<Arithmetic, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
};
const WHOLE: Record<Arithmetic, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
};

/**
 * The sum, difference or product of two BSON numbers by MongoDB's type rules: decimal wins, then double, then long; two ints give an
 * int, or a long if it doesn't fit; undefined if a long overflows.
 */
export function calculate(how: Arithmetic, a: unknown, b: unknown): unknown {
  const kindA = kindOf(a);
  const kindB = kindOf(b);
  if (kindA === 'decimal' || kindB === 'decimal') {
    return toDecimal128(EXACT[how](operand(a, kindA), operand(b, kindB)));
  }
  if (kindA === 'double' || kindB === 'double') {
    return new Double(DOUBLE[how](asDouble(a, kindA), asDouble(b, kindB)));
  }
  return integer(WHOLE[how](wholeNumber(a), wholeNumber(b)), kindA === 'long' || kindB === 'long');
}

export function operand(value: unknown, kind: Kind): Exact {
  return kind === 'double' ? fromDouble(plainNumber(value), DOUBLE_DIGITS) : exactOf(value, kind);
}

function asDouble(value: unknown, kind: Kind): number {
  return kind === 'long' ? Number(wholeNumber(value)) : plainNumber(value);
}

function integer(value: bigint, long: boolean): unknown {
  if (value < INT64_MIN || value > INT64_MAX) return undefined;
  return long || value < INT32_MIN || value > INT32_MAX ? Long.fromBigInt(value) : new Int32(Number(value));
}

/** Zero of the type of a number: what `$mul` makes of a missing field. */
export function zeroLike(value: unknown): unknown {
  return calculate('multiply', value, new Int32(0));
}

export type BitOperation = 'and' | 'or' | 'xor';

/** A bitwise operation on ints and longs; a long if one of them is. */
export function calculateBits(how: BitOperation, a: unknown, b: unknown): unknown {
  const [left, right] = [wholeNumber(a), wholeNumber(b)];
  const result = how === 'and' ? left & right : how === 'or' ? left | right : left ^ right;
  return integer(result, kindOf(a) === 'long' || kindOf(b) === 'long');
}
