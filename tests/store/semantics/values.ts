import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import type { Doc } from '../../../src/store/embedded/semantics';

export const int = (value: number) => new Int32(value);
export const double = (value: number) => new Double(value);
export const long = (value: bigint | number) => Long.fromBigInt(BigInt(value));
export const decimal = (text: string) => Decimal128.fromString(text);

/** Numbers around every border at which the types differ. */
const BORDERS = [0n, 1n, 2n ** 31n, 2n ** 53n, 2n ** 62n, 2n ** 63n].flatMap((n) => [n - 1n, n, n + 1n]);
const wholes = fc.oneof(
  fc.constantFrom(...BORDERS.flatMap((n) => [n, -n])),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const longs = wholes.map((n) => Long.fromBigInt(BigInt.asIntN(64, n)));
const doubles = fc
  .oneof(fc.double(), wholes.map(Number), fc.constantFrom(0, -0, 0.1, 0.5, NaN, Infinity, -Infinity, 5e-324, 1e308))
  .map((n) => new Double(n));
const decimals = fc
  .oneof(
    fc.constantFrom('NaN', 'Infinity', '-Infinity', '0', '-0', '0E+10', '0.1', '0.10', '1.00', '1E+6000', '-1E+6000'),
    fc.constantFrom('1E-6000', '-1E-6000', '0.1000000000000000055511151231257827', '9007199254740993', '5E-324'),
    fc
      .tuple(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.integer({ min: -60, max: 60 }))
      .map(([n, e]) => `${n}E${e}`),
    fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -3, max: 3 })).map(([n, e]) => `${n}E${e}`),
  )
  .map((text) => Decimal128.fromString(text));
const ints = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer()).map((n) => new Int32(n));

export const numbers = fc.oneof(ints, doubles, longs, decimals);

const texts = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'A', 'ß', '\u0000', 'a\u0000', 'a\u0000b', '\u0001', '\uffff', '\u{10000}', '😀'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const names = fc.oneof(fc.constantFrom('a', 'b', 'c', '', 'x y', 'é'), fc.string({ unit: 'grapheme', maxLength: 3 }));
/** JavaScript moves names that look like positions to the front, so they are no test of order. */
const fieldNames = names.filter((name) => !/^\d+$/.test(name) && name !== '__proto__' && !name.startsWith('$'));

const scalars = fc.oneof(
  { weight: 6, arbitrary: numbers },
  { weight: 4, arbitrary: texts },
  texts.map((text) => new BSONSymbol(text)),
  fc.constantFrom<unknown>(null, undefined, true, false, new MinKey(), new MaxKey()),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(new Date(0), new Date(-1), new Date(1)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc
    .tuple(fc.uint8Array({ maxLength: 5 }), fc.constantFrom(0, 4, 5, 128))
    .map(([bytes, subtype]) => new Binary(bytes, subtype)),
  fc.tuple(fc.nat(), fc.nat(3)).map(([t, i]) => new Timestamp({ t, i })),
  fc
    .tuple(fc.constantFrom('a', 'b', 'ab', ''), fc.constantFrom('', 'i', 'im'))
    .map(([pattern, flags]) => new BSONRegExp(pattern, flags)),
  fc.constantFrom(new Code('f'), new Code('g'), new Code('f', { x: 1 }), new Code('f', {})),
);

/** Any BSON value, with documents and arrays up to three deep. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; doc: unknown; array: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, { weight: 8, arbitrary: scalars }, tie('doc'), tie('array')),
  doc: fc
    .uniqueArray(fc.tuple(fieldNames, tie('value')), { maxLength: 3, selector: ([name]) => name })
    .map((fields): Doc => Object.fromEntries(fields)),
  array: fc.array(tie('value'), { maxLength: 3 }),
})).value;
