import { Decimal128 } from 'bson';
import { decimalBytes } from './values';

/**
 * Exact decimal numbers: sign, whole coefficient, power of ten. IEEE 754-2008 decimal128 has 34 digits; MongoDB compares a
 * double with a decimal by the double's value rounded to 34 digits, so every BSON number has one exact value here.
 */
export interface Exact {
  special: 'finite' | 'infinite' | 'nan';
  negative: boolean;
  coefficient: bigint;
  exponent: number;
}

const DIGITS = 34;
const LARGEST_COEFFICIENT = 10n ** 34n - 1n;
const EXPONENT_BIAS = 6176;
const LARGEST_EXPONENT = 6111;

export const NOT_A_NUMBER: Exact = { special: 'nan', negative: false, coefficient: 0n, exponent: 0 };
const infinite = (negative: boolean): Exact => ({ special: 'infinite', negative, coefficient: 0n, exponent: 0 });
export const finite = (negative: boolean, coefficient: bigint, exponent: number): Exact => ({
  special: 'finite',
  negative,
  coefficient,
  exponent,
});

/** Reads the binary integer decimal encoding (IEEE 754-2008, 3.5.2). */
export function fromDecimal128(value: unknown): Exact {
  const bytes = decimalBytes(value);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const high = view.getBigUint64(8, true);
  const low = view.getBigUint64(0, true);
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 0x1fn);
  if (combination === 0x1f) return NOT_A_NUMBER;
  if (combination === 0x1e) return infinite(negative);
  const large = combination >> 3 === 3;
  const exponent = Number((high >> (large ? 47n : 49n)) & 0x3fffn) - EXPONENT_BIAS;
  // The large form and coefficients above 34 digits are not canonical; the standard reads both as zero.
  const coefficient = large ? 0n : ((high & 0x1ffffffffffffn) << 64n) | low;
  return finite(negative, coefficient > LARGEST_COEFFICIENT ? 0n : coefficient, exponent);
}

export function fromWhole(value: bigint): Exact {
  return finite(value < 0n, value < 0n ? -value : value, 0);
}

const scratch = new DataView(new ArrayBuffer(8));

/** The exact value of a double, rounded half-even to `digits` significant digits. */
export function fromDouble(value: number, digits = DIGITS): Exact {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  if (!Number.isFinite(value)) return infinite(value < 0);
  scratch.setFloat64(0, value);
  const bits = scratch.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const power = Math.max(biased, 1) - 1075;
  const negative = bits >> 63n === 1n;
  if (mantissa === 0n) return finite(negative, 0n, 0);
  const exact =
    power >= 0
      ? finite(negative, mantissa << BigInt(power), 0)
      : finite(negative, mantissa * 5n ** BigInt(-power), power);
  return rounded(exact, digits);
}

/** Half-even rounding to `digits` significant digits; values that fit are returned as they are. */
export function rounded(value: Exact, digits = DIGITS): Exact {
  if (value.special !== 'finite') return value;
  const excess = value.coefficient.toString().length - digits;
  if (excess <= 0) return value;
  const unit = 10n ** BigInt(excess);
  const quotient = value.coefficient / unit;
  const twice = (value.coefficient % unit) * 2n;
  const up = twice > unit || (twice === unit && quotient % 2n === 1n);
  return rounded(finite(value.negative, up ? quotient + 1n : quotient, value.exponent + excess), digits);
}

/** Order of two exact values: NaN lowest and equal to itself, -0 equal to 0. */
export function compareExact(a: Exact, b: Exact): number {
  if (a.special === 'nan' || b.special === 'nan') return Number(b.special === 'nan') - Number(a.special === 'nan');
  const signs = signOf(a) - signOf(b);
  if (signs !== 0) return Math.sign(signs);
  if (signOf(a) === 0) return 0;
  const magnitude = compareMagnitude(a, b);
  return a.negative ? -magnitude : magnitude;
}

export function signOf(value: Exact): number {
  if (value.special === 'finite' && value.coefficient === 0n) return 0;
  return value.negative ? -1 : 1;
}

function compareMagnitude(a: Exact, b: Exact): number {
  if (a.special === 'infinite' || b.special === 'infinite') {
    return Number(a.special === 'infinite') - Number(b.special === 'infinite');
  }
  const orders = leadingPower(a) - leadingPower(b);
  if (orders !== 0) return Math.sign(orders);
  const shift = a.exponent - b.exponent;
  const left = shift > 0 ? a.coefficient * 10n ** BigInt(shift) : a.coefficient;
  const right = shift < 0 ? b.coefficient * 10n ** BigInt(-shift) : b.coefficient;
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Power of ten just above the first digit. */
export function leadingPower(value: Exact): number {
  return value.coefficient.toString().length + value.exponent;
}

/** The sum, with the smaller exponent (IEEE 754-2008, 5.2), rounded to 34 digits. */
export function addExact(a: Exact, b: Exact): Exact {
  if (a.special === 'nan' || b.special === 'nan') return NOT_A_NUMBER;
  if (a.special === 'infinite') return b.special === 'infinite' && a.negative !== b.negative ? NOT_A_NUMBER : a;
  if (b.special === 'infinite') return b;
  const exponent = Math.min(a.exponent, b.exponent);
  const aligned = (value: Exact) => {
    const scaled = value.coefficient * 10n ** BigInt(value.exponent - exponent);
    return value.negative ? -scaled : scaled;
  };
  const sum = aligned(a) + aligned(b);
  const negative = sum === 0n ? a.negative && b.negative : sum < 0n;
  return rounded(finite(negative, sum < 0n ? -sum : sum, exponent));
}

export function multiplyExact(a: Exact, b: Exact): Exact {
  if (a.special === 'nan' || b.special === 'nan') return NOT_A_NUMBER;
  const negative = a.negative !== b.negative;
  if (a.special === 'infinite' || b.special === 'infinite') {
    return signOf(a) === 0 || signOf(b) === 0 ? NOT_A_NUMBER : infinite(negative);
  }
  return rounded(finite(negative, a.coefficient * b.coefficient, a.exponent + b.exponent));
}

/** The nearest decimal128; what is too large becomes infinite, what is too small zero. */
export function toDecimal128(value: Exact): Decimal128 {
  const sign = value.negative ? '-' : '';
  if (value.special === 'nan') return Decimal128.fromString('NaN');
  if (value.special === 'infinite') return Decimal128.fromString(`${sign}Infinity`);
  const fitted = fitExponent(value);
  if (fitted === 'overflow') return Decimal128.fromString(`${sign}Infinity`);
  return Decimal128.fromString(`${sign}${fitted.coefficient}E${fitted.exponent}`);
}

function fitExponent(value: Exact): Exact | 'overflow' {
  let { coefficient, exponent } = rounded(value);
  if (coefficient === 0n) exponent = Math.min(exponent, LARGEST_EXPONENT);
  while (exponent > LARGEST_EXPONENT && coefficient * 10n <= LARGEST_COEFFICIENT) {
    coefficient *= 10n;
    exponent -= 1;
  }
  if (exponent > LARGEST_EXPONENT) return 'overflow';
  if (exponent >= -EXPONENT_BIAS) return finite(value.negative, coefficient, exponent);
  const keep = coefficient.toString().length - (-EXPONENT_BIAS - exponent);
  if (keep < 0) return finite(value.negative, 0n, -EXPONENT_BIAS);
  const cut =
    keep === 0
      ? dropAll(coefficient, -EXPONENT_BIAS - exponent)
      : rounded(finite(false, coefficient, exponent), keep).coefficient;
  return finite(value.negative, cut, -EXPONENT_BIAS);
}

/** Half-even rounding of a coefficient whose digits all fall below the last place. */
function dropAll(coefficient: bigint, places: number): bigint {
  return coefficient * 2n > 10n ** BigInt(places) ? 1n : 0n;
}

/** The quotient to 34 digits, without zeros at its end that an exact one needs not (IEEE 754-2008, 5.2). */
export function divideExact(a: Exact, b: Exact): Exact {
  if (a.special === 'nan' || b.special === 'nan') return NOT_A_NUMBER;
  const negative = a.negative !== b.negative;
  if (a.special === 'infinite') return b.special === 'infinite' ? NOT_A_NUMBER : infinite(negative);
  if (b.special === 'infinite') return finite(negative, 0n, -EXPONENT_BIAS);
  if (b.coefficient === 0n) return a.coefficient === 0n ? NOT_A_NUMBER : infinite(negative);
  const ideal = a.exponent - b.exponent;
  if (a.coefficient === 0n) return finite(negative, 0n, ideal);
  // Two digits more than are kept, and a last one that says whether anything is left.
  const shift = Math.max(0, DIGITS + 2 + b.coefficient.toString().length - a.coefficient.toString().length);
  const numerator = a.coefficient * 10n ** BigInt(shift);
  const quotient = numerator / b.coefficient;
  if (numerator % b.coefficient !== 0n) return rounded(finite(negative, quotient * 10n + 1n, ideal - shift - 1));
  return shortened(finite(negative, quotient, ideal - shift), ideal);
}

function shortened(value: Exact, ideal: number): Exact {
  let { coefficient, exponent } = value;
  while (exponent < ideal && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent += 1;
  }
  return rounded(finite(value.negative, coefficient, exponent));
}

/** What is left of a division to a whole quotient, with the sign of the dividend. */
export function remainderExact(a: Exact, b: Exact): Exact {
  if (a.special !== 'finite' || b.special === 'nan' || (b.special === 'finite' && b.coefficient === 0n)) {
    return NOT_A_NUMBER;
  }
  if (b.special === 'infinite') return a;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.coefficient * 10n ** BigInt(a.exponent - exponent);
  const right = b.coefficient * 10n ** BigInt(b.exponent - exponent);
  return rounded(finite(a.negative, left % right, exponent));
}
