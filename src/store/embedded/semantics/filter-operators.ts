import { canonicalType, compareValues } from './compare';
import { CODE, StoreError } from './errors';
import { asDocument, type FilterNode, matchesNode, meetsNode, type Test } from './filter-tree';
import { encodeValue } from './keys';
import { compileRegex } from './regex';
import { MISSING } from './types';
import { kindOf, plainNumber, regexOf, textOf } from './values';
import { toWhole, truncatedWhole } from './whole';

const bad = (message: string) => new StoreError(CODE.BadValue, message);

export type Comparison = '$eq' | '$gt' | '$gte' | '$lt' | '$lte';

const ORDERS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  $eq: (order) => order === 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

/**
 * A comparison with type bracketing: only values of the argument's own type rank are compared, save that null, undefined and
 * a missing field are equal, and that everything is above MinKey and below MaxKey. NaN is equal to NaN only.
 */
export function comparison(op: Comparison, argument: unknown): Test {
  if (argument === undefined) throw bad('cannot compare to undefined');
  const rank = canonicalType(argument);
  const accepts = ORDERS[op];
  const nan = holdsNaN(argument);
  return (value) => {
    const valueRank = value === MISSING ? 0 : canonicalType(value);
    if (valueRank !== rank) return acrossTypes(op, valueRank, rank);
    if (op !== '$eq' && (nan || holdsNaN(value))) return nan && holdsNaN(value) && accepts(0);
    return accepts(compareValues(value, argument));
  };
}

const NULL_RANK = 5;
const MIN_KEY_RANK = -1;
const MAX_KEY_RANK = 127;

function acrossTypes(op: Comparison, valueRank: number, rank: number): boolean {
  if (valueRank + rank === NULL_RANK) return ORDERS[op](0);
  if (rank === MAX_KEY_RANK) return op === '$lt' || op === '$lte';
  return rank === MIN_KEY_RANK && (op === '$gt' || op === '$gte');
}

function holdsNaN(value: unknown): boolean {
  const kind = kindOf(value);
  if (kind === 'double') return Number.isNaN(plainNumber(value));
  return kind === 'decimal' && String(value) === 'NaN';
}

/** A regular expression meets strings that it matches, and regular expressions equal to itself. */
export function regularExpression(pattern: string, options: string): Test {
  const regex = compileRegex(pattern, options);
  const sorted = [...options].sort().join('');
  return (value) => {
    if (typeof value === 'string') return regex.test(value);
    const kind = kindOf(value);
    if (kind === 'symbol') return regex.test(textOf(value));
    if (value === MISSING || kind !== 'regex') return false;
    const own = regexOf(value);
    return own.pattern === pattern && own.options === sorted;
  };
}

/** Equality with one value; a regular expression is matched instead. */
export function equalityOrRegex(argument: unknown): Test {
  if (kindOf(argument) !== 'regex') return comparison('$eq', argument);
  const { pattern, options } = regexOf(argument);
  return regularExpression(pattern, options);
}

/** Lists longer than this are looked up by key instead of one after the other. */
const SHORT_LIST = 8;

export function oneOf(values: readonly unknown[]): Test {
  const regexes = values.filter((value) => kindOf(value) === 'regex').map(equalityOrRegex);
  const plain = values.filter((value) => kindOf(value) !== 'regex');
  const equal = plain.length > SHORT_LIST ? lookUp(plain) : anyOf(plain.map((value) => comparison('$eq', value)));
  return (value) => equal(value) || regexes.some((test) => test(value));
}

function anyOf(tests: readonly Test[]): Test {
  return (value) => tests.some((test) => test(value));
}

function lookUp(values: readonly unknown[]): Test {
  const keys = new Set(values.map((value) => encodeValue(value).toString('latin1')));
  const nullToo = values.some((value) => value === null);
  return (value) => {
    if (value === MISSING || value === undefined) return nullToo;
    return keys.has(encodeValue(value).toString('latin1'));
  };
}

export const exists: Test = (value) => value !== MISSING;

export function arraySize(argument: unknown): Test {
  const size = toWhole(argument);
  if (size === 'not a number') throw failed('$size', 'Expected a number in', argument);
  if (typeof size !== 'bigint') throw failed('$size', 'Expected an integer', argument);
  if (size < 0n) throw failed('$size', 'Expected a non-negative number in', argument);
  return (value) => Array.isArray(value) && BigInt(value.length) === size;
}

function failed(op: string, text: string, argument: unknown): StoreError {
  return bad(`Failed to parse ${op}. ${text}: ${op}: ${String(argument)}`);
}

export function modulo(argument: unknown): Test {
  if (!Array.isArray(argument)) throw bad('malformed mod, needs to be an array');
  if (argument.length < 2) throw bad('malformed mod, not enough elements');
  if (argument.length > 2) throw bad('malformed mod, too many elements');
  const divisor = modArgument(argument[0], 'divisor');
  const remainder = modArgument(argument[1], 'remainder');
  if (divisor === 0n) throw bad('divisor cannot be 0');
  return (value) => {
    const whole = value === MISSING ? undefined : truncatedWhole(value);
    return whole !== undefined && whole % divisor === remainder;
  };
}

function modArgument(value: unknown, name: string): bigint {
  if (toWhole(value) === 'not a number') throw bad(`malformed mod, ${name} not a number`);
  const whole = truncatedWhole(value);
  if (whole === undefined) throw bad(`malformed mod, ${name} value is invalid`);
  return whole;
}

/** One element, as a document, matches all of a filter. */
export function elementMatches(filter: FilterNode): Test {
  return (value, details) =>
    anyElement(value, details, (item) => {
      const doc = asDocument(item);
      return doc !== undefined && matchesNode(filter, doc);
    });
}

/** One element meets all of some operators. */
export function elementMeets(operators: FilterNode): Test {
  return (value, details) => anyElement(value, details, (item) => meetsNode(operators, item));
}

function anyElement(value: unknown, details: { position?: number } | undefined, accepts: (item: unknown) => boolean) {
  if (!Array.isArray(value)) return false;
  const position = value.findIndex(accepts);
  if (position !== -1 && details) details.position = position;
  return position !== -1;
}
