import fc from 'fast-check';
import type { Doc } from '../../../src/store/embedded/semantics';
import { fieldName, path, scalar } from './documents';
import { expression, numeric, predicate, single } from './expressions';
import { filter, projection, sort, update } from './queries';

/** Commands on the collection `docs`; `other` is there to be joined. */
const page = fc.record({ skip: fc.nat(3), limit: fc.integer({ min: 1, max: 6 }) }, { requiredKeys: [] });
const find = fc.tuple(filter, sort, fc.option(projection, { nil: {} }), page).map(
  ([one, order, shown, part]): Doc => ({
    find: 'docs',
    filter: one,
    sort: order,
    projection: shown,
    ...part,
    batchSize: 1000,
  }),
);
const distinct = fc.tuple(path, filter).map(([key, query]): Doc => ({ distinct: 'docs', key, query }));
const count = filter.map((query): Doc => ({ count: 'docs', query }));

const accumulator: fc.Arbitrary<Doc> = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom('$sum', '$avg'), fc.oneof(fc.constantFrom<unknown>('$a', '$b', 1), numeric)),
    },
    fc.tuple(fc.constantFrom('$min', '$max', '$addToSet'), expression),
    // Of a sorted pipeline.
    fc.tuple(fc.constantFrom('$first', '$last', '$push'), expression),
    fc.tuple(fc.constantFrom('$stdDevPop', '$stdDevSamp'), fc.constant('$a')),
    fc.constant<[string, unknown]>(['$count', {}]),
    fc.constant<[string, unknown]>(['$mergeObjects', '$c']),
  )
  .map(([op, of]): Doc => ({ [op as string]: of }));
const boundaries = fc.uniqueArray(scalar, { minLength: 2, maxLength: 3 });

const stage: fc.Arbitrary<Doc> = fc.oneof(
  { weight: 2, arbitrary: filter.map((one): Doc => ({ $match: one })) },
  predicate.map((one): Doc => ({ $match: { $expr: one } })),
  { weight: 5, arbitrary: fc.tuple(fieldName, expression).map(([name, one]): Doc => ({ $project: { [name]: one } })) },
  { weight: 3, arbitrary: fc.tuple(path, expression).map(([name, one]): Doc => ({ $addFields: { [name]: one } })) },
  projection.map((one): Doc => ({ $project: one })),
  path.map((one): Doc => ({ $unset: one })),
  expression.map((one): Doc => ({ $replaceWith: { $mergeObjects: ['$$ROOT', { x: one }] } })),
  fc
    .record(
      { path: fc.constantFrom('$a', '$a.b', '$b'), preserveNullAndEmptyArrays: fc.boolean() },
      { requiredKeys: ['path'], noNullPrototype: true },
    )
    .map((one): Doc => ({ $unwind: { ...one, includeArrayIndex: 'i' } })),
  sort.map((one): Doc => ({ $sort: one })),
);
/** What is at the end has no order, or one of its own. */
const last: fc.Arbitrary<Doc[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Doc[]>([]) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.oneof(fc.constantFrom<unknown>(null, '$a', '$b'), expression), accumulator, accumulator)
      .map(([_id, x, y]): Doc[] => [{ $group: { _id, x, y } }]),
  },
  fc
    .tuple(boundaries, fc.constantFrom<unknown>('$a', '$b'))
    .map(([limits, groupBy]): Doc[] => [
      { $bucket: { groupBy, boundaries: limits, default: { z: 1 }, output: { n: { $sum: 1 } } } },
    ]),
  fc.constantFrom<unknown>('$a', '$b').map((one): Doc[] => [{ $group: { _id: one, n: { $sum: 1 } } }]),
  fc
    .tuple(path, path)
    .map(([localField, foreignField]): Doc[] => [
      { $lookup: { from: 'other', localField, foreignField, as: 'found' } },
      { $addFields: { found: { $sortArray: { input: '$found', sortBy: { _id: 1 } } } } },
    ]),
  predicate.map((one): Doc[] => [
    {
      $lookup: {
        from: 'other',
        let: { a: '$a' },
        pipeline: [{ $match: { $expr: { $and: [{ $eq: ['$b', '$$a'] }, one] } } }, { $sort: { _id: 1 } }],
        as: 'found',
      },
    },
  ]),
  fc.constant<Doc[]>([{ $count: 'n' }]),
);
const aggregate = fc.tuple(fc.array(stage, { maxLength: 2 }), last).map(
  ([stages, end]): Doc => ({
    aggregate: 'docs',
    pipeline: [{ $sort: { _id: 1 } }, ...stages, ...end],
    cursor: { batchSize: 1000 },
  }),
);

/** One operator over plain arguments: here the codes of errors are compared, too. */
const alone = fc.tuple(single, filter).map(
  ([one, chosen]): Doc => ({
    aggregate: 'docs',
    pipeline: [{ $match: chosen }, { $sort: { _id: 1 } }, { $project: { value: one } }],
    cursor: { batchSize: 1000 },
  }),
);

export const reading: fc.Arbitrary<Doc> = fc.oneof(
  { weight: 4, arbitrary: find },
  { weight: 5, arbitrary: aggregate },
  { weight: 8, arbitrary: alone },
  distinct,
  count,
);

const pipelineUpdate = fc.tuple(path, expression).map(([name, one]): Doc[] => [{ $set: { [name]: one } }]);
const changes = fc.oneof({ weight: 4, arbitrary: update }, pipelineUpdate);
/** Of several that match any may be the one that is changed: so one by its key, or all. */
export const writing: fc.Arbitrary<Doc> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(4), changes).map(([n, u]): Doc => ({ update: 'docs', updates: [{ q: { _id: n }, u }] })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(filter, changes).map(([q, u]): Doc => ({ update: 'docs', updates: [{ q, u, multi: true }] })),
  },
  fc
    .tuple(fc.nat(4), filter, update)
    .map(([n, more, u]): Doc => ({ update: 'docs', updates: [{ q: { ...more, _id: n }, u }] })),
  fc
    .tuple(filter, update)
    .map(([more, u]): Doc => ({ update: 'docs', updates: [{ q: { ...more, _id: 99 }, u, upsert: true }] })),
  fc.tuple(filter, fc.constantFrom(0)).map(([q, limit]): Doc => ({ delete: 'docs', deletes: [{ q, limit }] })),
  fc
    .tuple(filter, update, sort, fc.boolean())
    .map(([q, u, order, after]): Doc => ({ findAndModify: 'docs', query: q, update: u, sort: order, new: after })),
);
