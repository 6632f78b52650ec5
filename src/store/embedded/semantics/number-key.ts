import { exactOf } from './compare';
import { compareExact, type Exact, fromDouble, leadingPower } from './decimal';
import { type Kind, plainNumber } from './values';

/**
 * Sortable bytes of a number: the greatest double that is not above it (8 bytes), then 00 if that is the number itself, else
 * 01 and the number's decimal digits. So 1, 1.0 and decimal 1 have one key, and 2^53 + 1 has its own.
 */
export function encodeNumber(value: unknown, kind: Kind): Buffer {
  if (kind === 'int' || kind === 'double') return exactDouble(plainNumber(value));
  const exact = exactOf(value, kind);
  if (exact.special === 'nan') return exactDouble(Number.NaN);
  if (exact.special === 'infinite') return exactDouble(exact.negative ? -Infinity : Infinity);
  const floor = floorDouble(exact);
  if (compareExact(fromDouble(floor), exact) === 0) return exactDouble(floor);
  return Buffer.concat([sortableDouble(floor), Buffer.of(1), decimalDigits(exact)]);
}

function exactDouble(value: number): Buffer {
  return Buffer.concat([sortableDouble(value), Buffer.of(0)]);
}

/** IEEE 754 bits, turned so that they sort as unsigned bytes; NaN is all zero, below -Infinity. */
function sortableDouble(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  if (Number.isNaN(value)) return bytes;
  bytes.writeDoubleBE(value === 0 ? 0 : value);
  if (value < 0) for (let i = 0; i < 8; i++) bytes[i] = ~(bytes[i] ?? 0) & 0xff;
  else bytes[0] = (bytes[0] ?? 0) | 0x80;
  return bytes;
}

function floorDouble(value: Exact): number {
  const nearest = Number(`${value.negative ? '-' : ''}${value.coefficient}e${value.exponent}`);
  return compareExact(fromDouble(nearest), value) > 0 ? nextBelow(nearest) : nearest;
}

function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + (value > 0 ? -1n : 1n));
  return view.getFloat64(0);
}

/** Power of ten (2 bytes), then two digits a byte from 01 to 64 hex, ended by 00; inverted for negative numbers. */
function decimalDigits(value: Exact): Buffer {
  const digits = value.coefficient.toString().replace(/0+$/, '');
  const even = digits.length % 2 === 0 ? digits : `${digits}0`;
  const pairs = even.match(/../g) ?? [];
  const bytes = Buffer.alloc(pairs.length + 3);
  bytes.writeUInt16BE(leadingPower(value) + 0x8000);
  pairs.forEach((pair, i) => {
    bytes[i + 2] = Number(pair) + 1;
  });
  if (value.negative) for (let i = 0; i < bytes.length; i++) bytes[i] = ~(bytes[i] ?? 0) & 0xff;
  return bytes;
}
