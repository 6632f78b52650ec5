import { Decimal128, Double, Int32, Long, ObjectId } from 'bson';
import { MISSING, StoreError } from '../semantics';
import { exactOf } from '../semantics/compare';
import { toDecimal128 } from '../semantics/decimal';
import { isTruthy } from '../semantics/truth';
import { operand } from '../semantics/update-arithmetic';
import { isNumber, kindOf, plainNumber, textOf } from '../semantics/values';
import { truncatedWhole } from '../semantics/whole';
import { doubleOf, typeName } from './arithmetic';
import { formatted } from './date-format';
import { fixed, isNullish, type Maker, type Makers, named } from './expression';
import { zoneOf } from './zones';

type Target = 'double' | 'string' | 'objectId' | 'bool' | 'date' | 'int' | 'long' | 'decimal';
const TARGETS: Readonly<Record<string, Target>> = {
  1: 'double', 2: 'string', 7: 'objectId', 8: 'bool', 9: 'date', 16: 'int', 18: 'long', 19: 'decimal',
}; // biome-ignore format: a table

const failure = (text: string): StoreError => new StoreError(241, `${text} in $convert with no onError value`);
const unsupported = (value: unknown, to: string): StoreError =>
  failure(`Unsupported conversion from ${typeName(value)} to ${to}`);

const CONVERT: Readonly<Record<Target, (value: unknown) => unknown>> = {
  double: (value) => {
    if (kindOf(value) === 'bool') return new Double(value ? 1 : 0);
    if (value instanceof Date) return new Double(value.getTime());
    if (typeof value === 'string') return new Double(numberIn(value));
    if (!isNumber(kindOf(value))) throw unsupported(value, 'double');
    const number = doubleOf(value);
    if (kindOf(value) === 'decimal' && !Number.isFinite(number) && exactOf(value).special === 'finite')
      throw failure(`Conversion would overflow target type`);
    return new Double(number);
  },
  string: (value) => {
    const text = textOfValue(value);
    if (text === undefined) throw unsupported(value, 'string');
    return text;
  },
  objectId: (value) => {
    if (value instanceof ObjectId) return value;
    if (typeof value !== 'string') throw unsupported(value, 'objectId');
    if (!/^[0-9a-fA-F]{24}$/.test(value)) throw failure(`Failed to parse objectId '${value}'`);
    return new ObjectId(value);
  },
  bool: (value) => isTruthy(value),
  date: (value) => dateOf(value),
  int: (value) => new Int32(Number(wholeOf(value, 32, 'int'))),
  long: (value) => Long.fromBigInt(wholeOf(value, 64, 'long')),
  decimal: (value) => {
    if (kindOf(value) === 'bool') return Decimal128.fromString(value ? '1' : '0');
    if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
    if (kindOf(value) === 'decimal') return value;
    if (isNumber(kindOf(value))) return toDecimal128(operand(value, kindOf(value)));
    if (typeof value !== 'string') throw unsupported(value, 'decimal');
    numberIn(value);
    return Decimal128.fromString(value);
  },
};

function numberIn(text: string): number {
  const fits = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(inf(inity)?|nan)$/i.test(text);
  if (!fits) throw failure(`Failed to parse number '${text}'`);
  if (/nan/i.test(text)) return Number.NaN;
  if (/inf/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

function wholeOf(value: unknown, bits: 32 | 64, to: string): bigint {
  if (kindOf(value) === 'bool') return value ? 1n : 0n;
  if (value instanceof Date && bits === 64) return BigInt(value.getTime());
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value)) throw failure(`Failed to parse number '${value}'`);
    return within(BigInt(value.replace('+', '')), bits);
  }
  if (!isNumber(kindOf(value))) throw unsupported(value, to);
  const exact = exactOf(value);
  if (exact.special === 'nan') throw failure('Attempt to convert NaN value to integer type');
  if (exact.special === 'infinite') throw failure('Attempt to convert infinity value to integer type');
  const whole = truncatedWhole(value);
  if (whole === undefined) throw failure('Conversion would overflow target type');
  return within(whole, bits);
}

function within(whole: bigint, bits: 32 | 64): bigint {
  if (whole !== BigInt.asIntN(bits, whole)) throw failure('Conversion would overflow target type');
  return whole;
}

function dateOf(value: unknown): Date {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (kindOf(value) === 'timestamp') return new Date((value as { high: number }).high * 1000);
  const kind = kindOf(value);
  if (kind === 'double' || kind === 'long' || kind === 'decimal') return new Date(Number(wholeOf(value, 64, 'date')));
  if (typeof value !== 'string') throw unsupported(value, 'date');
  // ISO 8601 alone; what other forms mean is not the same everywhere.
  const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(value);
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(value.slice(10)) || value.length === 10 ? value : `${value}Z`;
  const time = Date.parse(zoned.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  if (!iso || Number.isNaN(time)) throw failure(`Error parsing date string '${value}'`);
  return new Date(time);
}

/** A value as text, by `$toString`'s rules; undefined for what has none. */
function textOfValue(value: unknown): string | undefined {
  if (value === MISSING) return undefined;
  if (value instanceof Date) return formatted(value.getTime(), '%Y-%m-%dT%H:%M:%S.%LZ', zoneOf('UTC'));
  const kind = kindOf(value);
  if (kind === 'double') return doubleText(plainNumber(value));
  if (kind === 'string' || kind === 'symbol') return textOf(value);
  const plain = ['int', 'long', 'decimal', 'objectId', 'bool'].includes(kind);
  return plain ? String(value) : undefined;
}

/** Without an exponent below 10^21 and with two digits of it else, as MongoDB prints doubles. */
function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (Number.isNaN(value)) return 'NaN';
  return String(value)
    .replace(/e([+-])(\d)$/, 'e$10$2')
    .replace('e+', 'e+');
}

/** What the operators on strings take: text, numbers and dates. @throws StoreError 16007 for others */
export function textFor(name: string, value: unknown): string {
  const text = kindOf(value) === 'bool' || kindOf(value) === 'objectId' ? undefined : textOfValue(value);
  if (text === undefined) throw new StoreError(16007, `can't convert from BSON type ${typeName(value)} to String, in ${name}`); // biome-ignore format: one line
  return text;
}

const to = (name: string, target: Target): Maker =>
  fixed(name, 1, (value) => (isNullish(value) ? null : CONVERT[target](value)));

const CONVERT_NAMES = { required: ['input', 'to'], optional: ['onError', 'onNull'] };

const convert = named('$convert', CONVERT_NAMES, ({ input, to: wanted, onError, onNull }) => {
  if (isNullish(wanted)) return null;
  const target = targetOf(wanted);
  if (isNullish(input)) return onNull === undefined ? null : onNull;
  try {
    return CONVERT[target](input);
  } catch (error) {
    if (onError !== undefined && error instanceof StoreError && error.code === 241) return onError;
    throw error;
  }
});

function targetOf(wanted: unknown): Target {
  const name = typeof wanted === 'string' ? wanted : isNumber(kindOf(wanted)) ? String(doubleOf(wanted)) : '';
  const target = TARGETS[name] ?? Object.values(TARGETS).find((one) => one === name);
  if (!target) throw new StoreError(2, `Unknown type name: ${name}`);
  return target;
}

export const CONVERSIONS: Makers = {
  $convert: convert,
  $toDouble: to('$toDouble', 'double'),
  $toString: to('$toString', 'string'),
  $toObjectId: to('$toObjectId', 'objectId'),
  $toBool: to('$toBool', 'bool'),
  $toDate: to('$toDate', 'date'),
  $toInt: to('$toInt', 'int'),
  $toLong: to('$toLong', 'long'),
  $toDecimal: to('$toDecimal', 'decimal'),
  $type: fixed('$type', 1, typeName),
  $isNumber: fixed('$isNumber', 1, (value) => value !== MISSING && isNumber(kindOf(value))),
};
