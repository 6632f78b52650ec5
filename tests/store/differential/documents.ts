import { Binary, BSONRegExp, Int32, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import type { Doc } from '../../../src/store/embedded/semantics';
import { decimal, double, int, long } from '../semantics/values';

/** Documents over all BSON types. Values come from small pools, so that filters, groups and joins meet equal ones. */
export const LONGEST = 2n ** 63n - 1n;

export const number = fc.constantFrom<unknown>(
  ...[0, 1, 2, 3, -1, 2 ** 31 - 1, -(2 ** 31)].map(int),
  ...[0, -0, 1, 1.5, 2.5, -2.5, 0.1, 2 ** 53, 1e300, Number.NaN, Infinity, -Infinity].map(double),
  ...[2n, 3n, 2n ** 31n, 2n ** 53n + 1n, LONGEST, -LONGEST - 1n].map(long),
  ...['1.0', '2.50', '0.1', '-0', '0E+3', '9007199254740993', 'NaN', 'Infinity', '1E+6000'].map(decimal),
);
export const text = fc.constantFrom<unknown>('', 'a', 'b', 'ab', 'B', 'aXb', '10', 'é', '\u{1f600}', '\uffff', 'a\0b');
export const date = fc.constantFrom<unknown>(
  ...[0, 1, -1, 951_782_400_000, 1_711_846_800_000, 1_712_415_600_000].map((ms) => new Date(ms)),
);
const other = fc.constantFrom<unknown>(
  ...[null, true, false],
  new ObjectId('5f0000000000000000000001'),
  new ObjectId('5f0000000000000000000002'),
  ...['', 'a', 'ab'].map((bytes) => new Binary(Buffer.from(bytes))),
  new Binary(Buffer.from('a'), 128),
  new Binary(Buffer.from('0123456789abcdef'), 4),
  new BSONRegExp('a'),
  new BSONRegExp('a', 'i'),
  new Timestamp({ t: 1, i: 2 }),
);
export const scalar: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: number },
  { weight: 3, arbitrary: text },
  date,
  { weight: 2, arbitrary: other },
);

const name = fc.constantFrom('a', 'b', 'c');
const nested = fc.letrec<{ value: unknown; doc: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 5, arbitrary: scalar },
    tie('doc'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  doc: fc
    .uniqueArray(fc.tuple(name, tie('value')), { maxLength: 3, selector: ([one]) => one })
    .map((fields): Doc => Object.fromEntries(fields)),
}));
export const value = nested.value;
export const object = nested.doc as fc.Arbitrary<Doc>;
export const documents = fc
  .array(object, { minLength: 4, maxLength: 12 })
  .map((list) => list.map((doc, i): Doc => ({ _id: new Int32(i), ...doc })));

export const fieldName = name;
export const path = fc.constantFrom('a', 'b', 'c', 'a.b', 'a.c', 'b.c', 'a.0', 'a.1', 'a.0.b', 'a.b.c', 'a.b.0');
