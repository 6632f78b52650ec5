import { BSONRegExp } from 'bson';
import fc from 'fast-check';
import type { Doc } from '../../../src/store/embedded/semantics';
import { int } from '../semantics/values';
import { date, fieldName, number, path, scalar, text, value } from './documents';

/** Filters, sorts, projections and updates. */
const comparison = fc
  .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), fc.oneof({ weight: 3, arbitrary: scalar }, value))
  .map(([op, argument]): Doc => ({ [op]: argument }));
const range = fc
  .tuple(fc.constantFrom('$gt', '$gte'), fc.constantFrom('$lt', '$lte'), fc.oneof(number, text, date), number)
  .map(([low, high, from, to]): Doc => ({ [low]: from, [high]: to }));
const condition: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: value },
  { weight: 5, arbitrary: comparison },
  { weight: 2, arbitrary: range },
  fc
    .tuple(fc.constantFrom('$in', '$nin'), fc.array(scalar, { maxLength: 6 }))
    .map(([op, list]): Doc => ({ [op]: list })),
  fc.array(value, { minLength: 1, maxLength: 2 }).map((list): Doc => ({ $all: list })),
  fc.boolean().map((there): Doc => ({ $exists: there })),
  fc
    .constantFrom<unknown>('number', 'array', 'object', 'null', 'string', 'long', 'double', 'decimal', 'date', 5, 11, [
      'int',
      'bool',
    ])
    .map((type): Doc => ({ $type: type })),
  fc.constantFrom<Doc>({ $size: 2 }, { $size: 0 }, { $mod: [2, 1] }, { $mod: [3, 0] }, { $bitsAllSet: 1 }),
  fc.constantFrom<Doc>({ $regex: '^a' }, { $regex: 'B', $options: 'i' }, { $regex: '^a.b$', $options: 's' }),
  comparison.map((inner): Doc => ({ $not: inner })),
  comparison.map((inner): Doc => ({ $elemMatch: inner })),
  fc.tuple(fieldName, comparison).map(([field, inner]): Doc => ({ $elemMatch: { [field]: inner } })),
  fc.constantFrom<unknown>(new BSONRegExp('b', 'i'), { $not: new BSONRegExp('a') }, { $in: [new BSONRegExp('a')] }),
  fc.constantFrom<unknown>({ $foo: 1 }, { $in: 1 }, { $size: -1 }, { $mod: [0, 1] }, { $elemMatch: 1 }, { $type: 99 }),
);
const clause = fc.tuple(path, condition).map(([field, inner]): Doc => ({ [field]: inner }));
export const filter: fc.Arbitrary<Doc> = fc.oneof(
  { weight: 4, arbitrary: clause },
  { weight: 2, arbitrary: fc.tuple(clause, clause).map(([a, b]): Doc => ({ ...a, ...b })) },
  fc
    .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(clause, { minLength: 1, maxLength: 3 }))
    .map(([op, list]): Doc => ({ [op]: list })),
  fc.constant<Doc>({}),
);

/** Always total: of equal documents either may come first. */
export const sort: fc.Arbitrary<Doc> = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'a.b', 'b.c'), fc.constantFrom(1, -1)), {
    maxLength: 2,
    selector: ([field]) => field,
  })
  .map((fields): Doc => ({ ...Object.fromEntries(fields), _id: 1 }));

const shown = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(1, true) },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(0, false) },
  fc.constantFrom<unknown>({ $slice: 1 }, { $slice: -2 }, { $slice: [1, 1] }, { $elemMatch: { b: { $exists: true } } }),
  fc.constantFrom<unknown>('$b', { $literal: 1 }, { b: 1 }),
);
export const projection = fc.dictionary(fc.oneof(path, fc.constant('_id')), shown, {
  minKeys: 1,
  maxKeys: 2,
  noNullPrototype: true,
});

type Change = [op: string, argument: unknown];
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 2, arbitrary: value.map((v): Change => ['$set', v]) },
  { weight: 2, arbitrary: fc.oneof(number, scalar).map((v): Change => ['$inc', v]) },
  { weight: 2, arbitrary: number.map((v): Change => ['$mul', v]) },
  fc.tuple(fc.constantFrom('$min', '$max', '$push', '$addToSet', '$setOnInsert'), value),
  fc
    .tuple(fc.array(value, { maxLength: 2 }), fc.constantFrom('$push', '$addToSet'))
    .map(([list, op]): Change => [op, { $each: list }]),
  fc
    .tuple(
      fc.array(value, { maxLength: 2 }),
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom<unknown>(1, -1, { b: 1 }, { b: -1, c: 1 }),
    )
    .map(
      ([list, slice, at, order]): Change => [
        '$push',
        { $each: list, $slice: slice, ...(at > 0 ? { $position: at } : { $sort: order }) },
      ],
    ),
  fc.constant<Change>(['$unset', '']),
  fc
    .oneof(scalar, fc.constantFrom<unknown>({ $gte: 1 }, { $in: [1, 'a'] }, { b: 1 }))
    .map((test): Change => ['$pull', test]),
  fc.array(value, { maxLength: 2 }).map((list): Change => ['$pullAll', list]),
  fc.constantFrom<unknown>(1, -1).map((end): Change => ['$pop', end]),
  fc.constantFrom('c', 'x', 'a.x').map((to): Change => ['$rename', to]),
  fc.constantFrom<unknown>({ and: int(1) }, { or: int(6) }, { xor: int(3) }).map((bits): Change => ['$bit', bits]),
);
const target = fc.oneof(
  { weight: 5, arbitrary: path },
  fc.constantFrom('a.$', 'a.$.b', 'a.$[]', 'a.$[].b', 'x', 'x.y'),
);
export const update: fc.Arbitrary<Doc> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.tuple(target, change), { minLength: 1, maxLength: 2 })
      .map((list) => list.reduce<Doc>((all, [field, [op, argument]]) => with_(all, op, field, argument), {})),
  },
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { maxKeys: 3, noNullPrototype: true }),
);

function with_(all: Doc, op: string, field: string, argument: unknown): Doc {
  return { ...all, [op]: { ...(all[op] as Doc), [field]: argument } };
}
