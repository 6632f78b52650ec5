import { Double, Int32, Long } from 'bson';
import { StoreError } from '../semantics';
import { type Exact, finite, fromDecimal128, toDecimal128 } from '../semantics/decimal';
import { isNumber, kindOf, plainNumber, wholeNumber } from '../semantics/values';
import { toWhole } from '../semantics/whole';
import { doubleOf, reckon, typeName } from './arithmetic';
import { between, fixed, isNullish, type Maker, type Makers } from './expression';

/** One number in, one out; null for none. @throws StoreError 28765 for what is no number */
function onNumber(name: string, run: (value: unknown) => unknown): Maker {
  return fixed(name, 1, (value) => {
    if (isNullish(value)) return null;
    if (!isNumber(kindOf(value)))
      throw new StoreError(28765, `${name} only supports numeric types, not ${typeName(value)}`);
    return run(value);
  });
}

function absolute(value: unknown): unknown {
  const kind = kindOf(value);
  if (kind === 'decimal') return toDecimal128({ ...fromDecimal128(value), negative: false });
  if (kind === 'double') return new Double(Math.abs(plainNumber(value)));
  const whole = wholeNumber(value);
  if (whole === -(1n << 63n)) throw new StoreError(28680, "can't take $abs of long long min");
  return whole < 0n ? reckon('multiply', value, new Int32(-1)) : value;
}

type Rounding = 'ceil' | 'floor' | 'trunc' | 'even';

/** Whole numbers stay as they are; of decimals and doubles the type stays. */
function rounding(how: Rounding): (value: unknown) => unknown {
  return (value) => roundTo(value, 0, how);
}

function roundTo(value: unknown, places: number, how: Rounding): unknown {
  const kind = kindOf(value);
  if (kind === 'decimal') return toDecimal128(roundExact(fromDecimal128(value), -places, how));
  if (kind === 'double') return new Double(roundDouble(plainNumber(value), places, how));
  if (places >= 0) return value;
  const { coefficient, negative, exponent } = roundExact(exactWhole(wholeNumber(value)), -places, how);
  const whole = (negative ? -coefficient : coefficient) * 10n ** BigInt(exponent);
  if (whole !== BigInt.asIntN(64, whole)) throw new StoreError(51080, 'invalid conversion from Decimal128 result');
  if (kind === 'int' && whole === BigInt.asIntN(32, whole)) return new Int32(Number(whole));
  return Long.fromBigInt(whole);
}

const exactWhole = (value: bigint): Exact => finite(value < 0n, value < 0n ? -value : value, 0);

function roundDouble(value: number, places: number, how: Rounding): number {
  if (!Number.isFinite(value)) return value;
  if (places === 0 && how !== 'even') return Math[how](value);
  // The shortest decimal that is this double is what is rounded, as in MongoDB.
  const exact = roundExact(fromDecimal128(toDecimal128(textExact(value))), -places, how);
  return Number(`${exact.negative ? '-' : ''}${exact.coefficient}e${exact.exponent}`);
}

function textExact(value: number): Exact {
  const [digits = '0', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const [whole = '0', fraction = ''] = digits.split('.');
  return finite(value < 0 || Object.is(value, -0), BigInt(whole + fraction), Number(exponent) - fraction.length);
}

/** To a multiple of 10^exponent. */
function roundExact(value: Exact, exponent: number, how: Rounding): Exact {
  if (value.special !== 'finite' || value.exponent >= exponent) return value;
  const unit = 10n ** BigInt(exponent - value.exponent);
  const quotient = value.coefficient / unit;
  const rest = value.coefficient % unit;
  const away =
    how === 'even'
      ? rest * 2n > unit || (rest * 2n === unit && quotient % 2n === 1n)
      : rest > 0n && ((how === 'ceil' && !value.negative) || (how === 'floor' && value.negative));
  return finite(value.negative, away ? quotient + 1n : quotient, exponent);
}

function withPlaces(name: string, how: Rounding): Maker {
  return between(name, 1, 2, (value, places) => {
    if (isNullish(value) || places === null) return null;
    if (!isNumber(kindOf(value)))
      throw new StoreError(51081, `${name} only supports numeric types, not ${typeName(value)}`);
    const n = places === undefined ? 0n : toWhole(places);
    if (typeof n !== 'bigint') throw new StoreError(51082, `precision argument to  ${name} must be a integral value`);
    if (n < -20n || n > 100n)
      throw new StoreError(51083, `cannot apply ${name} with precision value ${n} value must be in [-20, 100]`);
    return roundTo(value, Number(n), how);
  });
}

/** By JavaScript's doubles: of a decimal it would be less than exact, so that one is refused. */
function onDouble(name: string, run: (value: number) => number): Maker {
  return onNumber(name, (value) => {
    if (kindOf(value) === 'decimal') throw new StoreError(238, `this store has no ${name} of a Decimal128`);
    return new Double(run(doubleOf(value)));
  });
}

function positive(code: number, text: string, run: (value: number) => number): (value: number) => number {
  return (value) => {
    if (value <= 0) throw new StoreError(code, `${text}, but is ${value}`);
    return run(value);
  };
}

function power(base: unknown, exponent: unknown): unknown {
  if (isNullish(base) || isNullish(exponent)) return null;
  if (!isNumber(kindOf(base))) throw new StoreError(28762, `$pow's base must be numeric, not ${typeName(base)}`);
  if (!isNumber(kindOf(exponent)))
    throw new StoreError(28763, `$pow's exponent must be numeric, not ${typeName(exponent)}`);
  const kinds = [kindOf(base), kindOf(exponent)];
  if (kinds.includes('decimal')) throw new StoreError(238, 'this store has no $pow of a Decimal128');
  if (doubleOf(base) === 0 && doubleOf(exponent) < 0)
    throw new StoreError(28764, '$pow cannot take a base of 0 and a negative exponent');
  // 1 and -1 stay whole whatever the exponent.
  const unit = !kinds.includes('double') && Math.abs(doubleOf(base)) === 1;
  if (kinds.includes('double') || (!unit && (doubleOf(exponent) < 0 || doubleOf(exponent) > 63))) {
    return new Double(doubleOf(base) ** doubleOf(exponent));
  }
  const times = wholeNumber(exponent);
  const whole = wholeNumber(base) ** (unit ? times & 1n : times);
  if (whole !== BigInt.asIntN(64, whole)) return new Double(doubleOf(base) ** doubleOf(exponent));
  const fits = whole === BigInt.asIntN(32, whole) && !kinds.includes('long');
  return fits ? new Int32(Number(whole)) : Long.fromBigInt(whole);
}

function logarithm(value: unknown, base: unknown): unknown {
  if (isNullish(value) || isNullish(base)) return null;
  const kinds = [kindOf(value), kindOf(base)];
  if (!isNumber(kindOf(value))) throw new StoreError(28756, `$log's argument must be numeric, not ${typeName(value)}`);
  if (!isNumber(kindOf(base))) throw new StoreError(28757, `$log's base must be numeric, not ${typeName(base)}`);
  const [number, to] = [doubleOf(value), doubleOf(base)];
  if (number <= 0) throw new StoreError(28758, `$log's argument must be a positive number, but is ${number}`);
  if (to <= 0 || to === 1) throw new StoreError(28759, `$log's base must be a positive number not equal to 1, but is ${to}`); // biome-ignore format: one line
  if (kinds.includes('decimal')) throw new StoreError(238, 'this store has no $log of a Decimal128');
  return new Double(Math.log(number) / Math.log(to));
}

export const NUMBERS: Makers = {
  $abs: onNumber('$abs', absolute),
  $ceil: onNumber('$ceil', rounding('ceil')),
  $floor: onNumber('$floor', rounding('floor')),
  $round: withPlaces('$round', 'even'),
  $trunc: withPlaces('$trunc', 'trunc'),
  $exp: onDouble('$exp', Math.exp),
  $sqrt: onDouble('$sqrt', (value) => {
    if (value < 0) throw new StoreError(28714, "$sqrt's argument must be greater than or equal to 0");
    return Math.sqrt(value);
  }),
  $ln: onDouble('$ln', positive(28766, "$ln's argument must be a positive number", Math.log)),
  $log10: onDouble('$log10', positive(28761, "$log10's argument must be a positive number", Math.log10)),
  $log: fixed('$log', 2, logarithm),
  $pow: fixed('$pow', 2, power),
  $rand: () => () => new Double(Math.random()),
};
