import { CODE, StoreError } from './errors';
import type { Test } from './filter-tree';
import { MISSING } from './types';
import { binaryOf, isNumber, kindOf } from './values';
import { toWhole, truncatedWhole } from './whole';

export type BitOperator = '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear';

const bad = (message: string) => new StoreError(CODE.BadValue, message);

/**
 * Bit tests on 64-bit integers (negative ones in two's complement, their sign going on for ever) and on binaries (the first
 * byte holds bits 0 to 7). Numbers that are no such integer do not match.
 */
export function bitTest(op: BitOperator, path: string, argument: unknown): Test {
  const positions = bitPositions(path, argument);
  const wanted = op.endsWith('Set');
  const all = op.startsWith('$bitsAll');
  return (value) => {
    const bit = bitReader(value);
    if (!bit) return false;
    return all
      ? positions.every((position) => bit(position) === wanted)
      : positions.some((position) => bit(position) === wanted);
  };
}

function bitReader(value: unknown): ((position: number) => boolean) | undefined {
  if (value === MISSING) return undefined;
  if (kindOf(value) === 'binData') {
    const { bytes } = binaryOf(value);
    return (position) => (((bytes[position >> 3] ?? 0) >> (position & 7)) & 1) === 1;
  }
  const whole = kindOf(value) === 'decimal' ? decimalBits(value) : toWhole(value);
  return typeof whole === 'bigint' ? (position) => ((whole >> BigInt(position)) & 1n) === 1n : undefined;
}

/** MongoDB asks of a double to be a whole number, but cuts a decimal; what is none is 0, what is too large the least long. */
function decimalBits(value: unknown): bigint {
  return truncatedWhole(value) ?? (toWhole(value) === 'nan' ? 0n : -(1n << 63n));
}

function bitPositions(path: string, argument: unknown): number[] {
  if (Array.isArray(argument)) return argument.map(bitPosition);
  const kind = kindOf(argument);
  if (kind === 'binData') {
    const { bytes } = binaryOf(argument);
    return setBits(bytes.length * 8, (position) => (((bytes[position >> 3] ?? 0) >> (position & 7)) & 1) === 1);
  }
  if (!isNumber(kind)) {
    throw bad(`${path} takes an Array, a number, or a BinData but received: ${String(argument)}`);
  }
  const mask = toWhole(argument);
  if (typeof mask !== 'bigint') throw new StoreError(CODE.FailedToParse, `Expected an integer: ${String(argument)}`);
  if (mask < 0n) throw new StoreError(CODE.FailedToParse, `Expected a non-negative number in: ${String(argument)}`);
  return setBits(64, (position) => ((mask >> BigInt(position)) & 1n) === 1n);
}

function setBits(count: number, isSet: (position: number) => boolean): number[] {
  return Array.from({ length: count }, (_, position) => position).filter(isSet);
}

function bitPosition(value: unknown): number {
  const whole = toWhole(value);
  if (typeof whole !== 'bigint') throw bad(`bit positions must be an integer but got: ${String(value)}`);
  if (whole < 0n) throw bad(`bit positions must be >= 0 but got: ${String(value)}`);
  if (whole > 0x7fffffffn) {
    throw bad(`bit positions cannot be represented as a 32-bit signed integer: ${String(value)}`);
  }
  return Number(whole);
}
