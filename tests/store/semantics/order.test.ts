import fc from 'fast-check';
import {
  compareValues,
  type Direction,
  encodeFields,
  encodeKey,
  encodePrefix,
  encodeValue,
} from '../../../src/store/embedded/semantics';
import { anyValue, decimal, double, int, long, numbers } from './values';

const RUNS = { numRuns: 4000 };
const sign = Math.sign;
const direction = fc.constantFrom<Direction>(1, -1);

test('the bytes of a key keep the order of values, in both directions', () => {
  fc.assert(
    fc.property(anyValue, anyValue, direction, (a, b, way) => {
      const bytes = Buffer.compare(encodeKey([a], [way]), encodeKey([b], [way]));
      expect(sign(bytes) + 0).toBe(sign(compareValues(a, b) * way) + 0);
    }),
    RUNS,
  );
});

test('the bytes of a key keep the order of numbers of all types', () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      expect(sign(Buffer.compare(encodeValue(a), encodeValue(b))) + 0).toBe(compareValues(a, b) + 0);
    }),
    { numRuns: 20_000 },
  );
});

test('keys of several fields compare field by field', () => {
  const tuple = fc.tuple(anyValue, anyValue, anyValue);
  fc.assert(
    fc.property(tuple, tuple, fc.tuple(direction, direction, direction), (a, b, ways) => {
      const first = ways.map((way, i) => compareValues(a[i], b[i]) * way).find((order) => order !== 0) ?? 0;
      expect(sign(Buffer.compare(encodeKey(a, ways), encodeKey(b, ways))) + 0).toBe(sign(first) + 0);
    }),
    RUNS,
  );
});

test('no key is the beginning of another', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (a, b) => {
      const [left, right] = [encodeValue(a), encodeValue(b)];
      const shorter = Math.min(left.length, right.length);
      if (compareValues(a, b) !== 0) expect(left.subarray(0, shorter)).not.toEqual(right.subarray(0, shorter));
    }),
    RUNS,
  );
});

test('the order is total: antisymmetric and transitive', () => {
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, (a, b, c) => {
      expect(sign(compareValues(a, b)) + 0).toBe(-sign(compareValues(b, a)) + 0);
      // In boxes, because JavaScript's sort never asks about undefined.
      const [first, , last] = [[a], [b], [c]].sort(compareValues);
      expect(compareValues(first, last)).toBeLessThanOrEqual(0);
    }),
    RUNS,
  );
});

test.each([
  [int(1), double(1), 0],
  [int(1), long(1), 0],
  [int(1), decimal('1.00'), 0],
  [double(-0), int(0), 0],
  [decimal('-0'), decimal('0E+10'), 0],
  [double(Number.NaN), decimal('NaN'), 0],
  [double(Number.NaN), double(Number.NEGATIVE_INFINITY), -1],
  [long(2n ** 53n + 1n), double(2 ** 53), 1],
  [long(2n ** 63n - 1n), double(2 ** 63), -1],
  [double(0.1), decimal('0.1'), 1],
  [double(0.1), decimal('0.1000000000000000055511151231257827'), 0],
  [decimal('9007199254740993'), long(2n ** 53n + 1n), 0],
  [decimal('1E+6000'), double(Number.POSITIVE_INFINITY), -1],
  [decimal('1E+6000'), double(Number.MAX_VALUE), 1],
  [decimal('-1E-6000'), double(-5e-324), 1],
  ['Z', 'a', -1],
  ['\u{10000}', '\uffff', 1],
  [{ a: 1 }, { b: 0 }, -1],
  [{ b: 1 }, { a: 'x' }, -1],
  [{ a: 1 }, { a: 1, b: 1 }, -1],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, -1],
  [[1, 2], [1, 3], -1],
  [[], [null], -1],
  [null, undefined, 1],
  [new Date(1), new Date(2), -1],
  [false, true, -1],
])('compare %p with %p', (a, b, order) => {
  expect(compareValues(a, b)).toBe(order);
});

describe('long values', () => {
  const ways: Direction[][] = [[1], [-1]];

  test.each(ways)('are cut, stay apart, and keep their place among short ones (direction %i)', (way) => {
    const long1 = `${'x'.repeat(5000)}1`;
    const long2 = `${'x'.repeat(5000)}2`;
    expect(encodeFields([long1], [way]).cut).toBe(true);
    expect(encodeFields(['x'.repeat(1800)], [way]).cut).toBe(false);
    expect(encodeKey([long1], [way]).length).toBeLessThanOrEqual(1900);
    expect(encodeKey([long1], [way])).not.toEqual(encodeKey([long2], [way]));
    for (const other of ['w', 'x', 'x'.repeat(1882), 'y', 'x'.repeat(1700), `${'x'.repeat(1700)}y`]) {
      const order = Buffer.compare(encodeKey([long1], [way]), encodeKey([other], [way]));
      expect(order).toBe(sign(compareValues(long1, other)) * way);
    }
  });

  test('all keys of values from a cut bound on lie at or behind its prefix', () => {
    const bound = `${'x'.repeat(5000)}m`;
    const prefix = encodePrefix([bound], [1]);
    expect(encodeKey([bound], [1]).subarray(0, prefix.length)).toEqual(prefix);
    for (const above of [`${'x'.repeat(5000)}n`, 'y', `${'x'.repeat(4000)}z`]) {
      expect(Buffer.compare(encodeKey([above], [1]), prefix)).toBeGreaterThan(0);
    }
    for (const below of ['x', `${'x'.repeat(100)}a`]) {
      expect(Buffer.compare(encodeKey([below], [1]), prefix)).toBeLessThan(0);
    }
  });
});
