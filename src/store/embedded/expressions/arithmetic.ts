import { Double, Int32, Long } from 'bson';
import { MISSING, StoreError } from '../semantics';
import { divideExact, type Exact, remainderExact, toDecimal128 } from '../semantics/decimal';
import { type Arithmetic, calculate, operand } from '../semantics/update-arithmetic';
import { isNumber, type Kind, kindOf, plainNumber, wholeNumber } from '../semantics/values';
import { fixed, isNullish, type Makers, variadic } from './expression';

/** The sum, difference or product of two numbers by MongoDB's type rules; a long that overflows becomes a double. */
export function reckon(how: Arithmetic, a: unknown, b: unknown): unknown {
  const result = calculate(how, a, b);
  if (result !== undefined) return result;
  return calculate(how, new Double(doubleOf(a)), new Double(doubleOf(b)));
}

/** A type as messages name it. */
export const typeName = (value: unknown): string => (value === MISSING ? 'missing' : kindOf(value));

const isNumeric = (value: unknown): boolean => value !== MISSING && isNumber(kindOf(value));

/** MongoDB's shell sends every number as a double, so that a whole divisor counts as an int ($mod). */
const isWholeInt = (value: number): boolean => (value | 0) === value;

/** A date of the epoch's milliseconds. @throws StoreError 15 beyond 64 bits, 238 beyond what a JS date holds (ECMA-262, 21.4.1.1) */
function dateFrom(ms: bigint, name: string): Date {
  if (ms !== BigInt.asIntN(64, ms)) throw dateOverflow(name);
  const date = new Date(Number(ms));
  if (Number.isNaN(date.getTime())) throw new StoreError(238, 'this store has no dates beyond the year 275760');
  return date;
}

const dateOverflow = (name: string): StoreError => new StoreError(15, `date overflow in ${name}`);

/** Milliseconds of a number, rounded as MongoDB rounds them: to the nearest, halves away from zero, of a decimal to even. */
function millis(value: unknown, name: string): bigint {
  const kind = kindOf(value);
  if (kind === 'int' || kind === 'long') return wholeNumber(value);
  const number = kind === 'double' ? plainNumber(value) : Number(String(value));
  if (!Number.isFinite(number)) throw dateOverflow(name);
  const floor = Math.floor(number);
  if (kind === 'decimal' && number - floor === 0.5) return BigInt(floor + (floor % 2 === 0 ? 0 : 1));
  return BigInt(Math.sign(number) * Math.round(Math.abs(number)) || 0);
}

function add(values: Iterable<unknown>): unknown {
  let date: bigint | null = null;
  let total: unknown = new Int32(0);
  for (const value of values) {
    if (isNullish(value)) return null;
    if (value instanceof Date && date === null) date = BigInt(value.getTime());
    else if (value instanceof Date) throw new StoreError(16612, 'only one date allowed in an $add expression');
    else if (isNumeric(value)) total = reckon('add', total, value);
    else throw new StoreError(14, `$add only supports numeric or date types, not ${typeName(value)}`);
  }
  return date === null ? total : dateFrom(date + millis(total, '$add'), '$add');
}

function multiply(values: Iterable<unknown>): unknown {
  let total: unknown = new Int32(1);
  for (const value of values) {
    if (isNullish(value)) return null;
    if (isNumeric(value)) total = reckon('multiply', total, value);
    else throw new StoreError(14, `$multiply only supports numeric types, not ${typeName(value)}`);
  }
  return total;
}

function subtract(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (a instanceof Date && b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
  if (a instanceof Date && isNumeric(b)) return dateFrom(BigInt(a.getTime()) - millis(b, '$subtract'), '$subtract');
  if (!isNumeric(a) || !isNumeric(b)) {
    throw new StoreError(14, `can't $subtract ${typeName(b)} from ${typeName(a)}`);
  }
  return reckon('subtract', a, b);
}

function divide(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumeric(a) || !isNumeric(b)) {
    throw new StoreError(14, `$divide only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  }
  const exact = decimals(a, b);
  if (isZero(b)) throw new StoreError(2, "can't $divide by zero");
  if (exact) return toDecimal128(divideExact(...exact));
  return new Double(doubleOf(a) / doubleOf(b));
}

function modulo(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumeric(a) || !isNumeric(b)) {
    throw new StoreError(16611, `$mod only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  }
  if (isZero(b)) throw new StoreError(16610, "can't $mod by zero");
  const exact = decimals(a, b);
  if (exact) return toDecimal128(remainderExact(...exact));
  const kinds = [kindOf(a), kindOf(b)];
  if (kinds[0] === 'double' || (kinds[1] === 'double' && !isWholeInt(doubleOf(b)))) {
    return new Double(doubleOf(a) % doubleOf(b));
  }
  const rest = wholeNumber(a) % wholeNumber(b);
  return kinds.includes('long') ? Long.fromBigInt(rest) : new Int32(Number(rest));
}

/** Both as exact decimals when one of them is a decimal. */
function decimals(a: unknown, b: unknown): [Exact, Exact] | null {
  const [left, right]: [Kind, Kind] = [kindOf(a), kindOf(b)];
  return left === 'decimal' || right === 'decimal' ? [operand(a, left), operand(b, right)] : null;
}

function isZero(value: unknown): boolean {
  const exact = operand(value, kindOf(value));
  return exact.special === 'finite' && exact.coefficient === 0n;
}

/** Any number as a double. */
export function doubleOf(value: unknown): number {
  const kind = kindOf(value);
  if (kind === 'decimal') return Number(String(value));
  return kind === 'long' ? Number(wholeNumber(value)) : plainNumber(value);
}

export const ARITHMETIC: Makers = {
  $add: variadic(add),
  $multiply: variadic(multiply),
  $subtract: fixed('$subtract', 2, subtract),
  $divide: fixed('$divide', 2, divide),
  $mod: fixed('$mod', 2, modulo),
};
