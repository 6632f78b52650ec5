import type { Code } from 'bson';
import { compareExact, type Exact, fromDecimal128, fromDouble, fromWhole } from './decimal';
import type { Doc } from './types';
import {
  binaryOf,
  fieldsOf,
  isNumber,
  type Kind,
  kindOf,
  objectIdBytes,
  plainNumber,
  regexOf,
  textOf,
  timestampBits,
  wholeNumber,
} from './values';

/** Rank of each kind in the order of types (MongoDB manual, "Comparison/Sort Order"); equal ranks compare by value. */
const RANK: Readonly<Record<Kind, number>> = {
  minKey: -1,
  undefined: 0,
  null: 5,
  int: 10,
  double: 10,
  long: 10,
  decimal: 10,
  string: 15,
  symbol: 15,
  object: 20,
  array: 25,
  binData: 30,
  objectId: 35,
  bool: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  javascript: 60,
  javascriptWithScope: 65,
  maxKey: 127,
};

export function rankOf(kind: Kind): number {
  return RANK[kind];
}

/** Rank of a value's type in the BSON order; values of one rank are comparable in a query ("type bracketing"). */
export function canonicalType(value: unknown): number {
  return RANK[kindOf(value)];
}

/**
 * Total BSON order: negative, zero or positive. Numbers compare by exact value across types (NaN lowest, -0 = 0), strings by
 * their UTF-8 bytes, documents field by field (type, name, value), arrays element by element, binaries by length, subtype, bytes.
 */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const kindA = kindOf(a);
  const kindB = kindOf(b);
  const ranks = RANK[kindA] - RANK[kindB];
  return ranks !== 0 ? Math.sign(ranks) : compareSameRank(a, kindA, b, kindB);
}

export function equalValues(a: unknown, b: unknown): boolean {
  return compareValues(a, b) === 0;
}

function compareSameRank(a: unknown, kindA: Kind, b: unknown, kindB: Kind): number {
  if (isNumber(kindA)) return compareNumbers(a, kindA, b, kindB);
  switch (kindA) {
    case 'string':
    case 'symbol':
      return compareText(textOf(a), textOf(b));
    case 'object':
      return compareDocuments(fieldsOf(a as Doc), fieldsOf(b as Doc));
    case 'array':
      return compareArrays(a as unknown[], b as unknown[]);
    case 'binData':
      return compareBinaries(a, b);
    case 'objectId':
      return compareBytes(objectIdBytes(a), objectIdBytes(b));
    case 'bool':
      return Number(a) - Number(b);
    case 'date':
      return order(dateOf(a), dateOf(b));
    case 'timestamp':
      return order(timestampBits(a), timestampBits(b));
    case 'regex':
      return compareRegexes(a, b);
    case 'javascript':
      return compareText((a as Code).code, (b as Code).code);
    case 'javascriptWithScope':
      return compareText((a as Code).code, (b as Code).code) || compareValues((a as Code).scope, (b as Code).scope);
    default:
      return 0;
  }
}

function order<T extends number | bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Milliseconds; a date beyond JavaScript's range (it has no number there) counts as the earliest. */
export function dateOf(value: unknown): number {
  const time = (value as Date).getTime();
  return Number.isNaN(time) ? -8.64e15 : time;
}

function compareNumbers(a: unknown, kindA: Kind, b: unknown, kindB: Kind): number {
  if (kindA === 'decimal' || kindB === 'decimal') return compareExact(exactOf(a, kindA), exactOf(b, kindB));
  if (kindA !== 'long' && kindB !== 'long') return compareDoubles(plainNumber(a), plainNumber(b));
  if (kindA === 'double') return -compareWholeToDouble(wholeNumber(b), plainNumber(a));
  if (kindB === 'double') return compareWholeToDouble(wholeNumber(a), plainNumber(b));
  return order(wholeNumber(a), wholeNumber(b));
}

function compareDoubles(a: number, b: number): number {
  if (a === b) return 0;
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** Comparison of a bigint with a number is exact in JavaScript; only NaN needs a rule. */
function compareWholeToDouble(whole: bigint, double: number): number {
  if (Number.isNaN(double)) return 1;
  return whole < double ? -1 : whole > double ? 1 : 0;
}

/** The exact value of any BSON number. */
export function exactOf(value: unknown, kind: Kind = kindOf(value)): Exact {
  if (kind === 'decimal') return fromDecimal128(value);
  return kind === 'double' ? fromDouble(plainNumber(value)) : fromWhole(wholeNumber(value));
}

/** Order by UTF-8 bytes, which is the order of code points; UTF-16 units differ from it above U+D800 only. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return pointRank(left) - pointRank(right) < 0 ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

/** Units of a surrogate pair stand for code points above all others. */
function pointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(a.length - b.length);
}

function compareBinaries(a: unknown, b: unknown): number {
  const left = binaryOf(a);
  const right = binaryOf(b);
  return (
    Math.sign(left.bytes.length - right.bytes.length) ||
    Math.sign(left.subtype - right.subtype) ||
    compareBytes(left.bytes, right.bytes)
  );
}

function compareRegexes(a: unknown, b: unknown): number {
  const left = regexOf(a);
  const right = regexOf(b);
  return compareText(left.pattern, right.pattern) || compareText(left.options, right.options);
}

function compareArrays(a: unknown[], b: unknown[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const result = compareValues(a[i], b[i]);
    if (result !== 0) return result;
  }
  return Math.sign(a.length - b.length);
}

function compareDocuments(a: Doc, b: Doc): number {
  const namesA = Object.keys(a);
  const namesB = Object.keys(b);
  const length = Math.min(namesA.length, namesB.length);
  for (let i = 0; i < length; i++) {
    const nameA = namesA[i] ?? '';
    const nameB = namesB[i] ?? '';
    const result =
      Math.sign(canonicalType(a[nameA]) - canonicalType(b[nameB])) ||
      compareText(nameA, nameB) ||
      compareValues(a[nameA], b[nameB]);
    if (result !== 0) return result;
  }
  return Math.sign(namesA.length - namesB.length);
}

/** True if two values are the same down to type and representation (1 and 1.0 are not). */
export function identicalValues(a: unknown, b: unknown): boolean {
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if (kind === 'array') {
    const right = b as unknown[];
    return (
      (a as unknown[]).length === right.length && (a as unknown[]).every((item, i) => identicalValues(item, right[i]))
    );
  }
  if (kind === 'object') return identicalDocuments(fieldsOf(a as Doc), fieldsOf(b as Doc));
  if (kind === 'double') return Object.is(plainNumber(a), plainNumber(b));
  if (kind === 'decimal') return String(a) === String(b);
  return compareSameRank(a, kind, b, kind) === 0;
}

function identicalDocuments(a: Doc, b: Doc): boolean {
  const names = Object.keys(a);
  const others = Object.keys(b);
  return (
    names.length === others.length && names.every((name, i) => name === others[i] && identicalValues(a[name], b[name]))
  );
}
