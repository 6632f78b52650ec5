import { BSONRegExp, Timestamp } from 'bson';
import { compileUpdate, type Doc, upsertSeed } from '../../../src/store/embedded/semantics';
import { plainly } from './plainly';
import { apply, NOW, refusals, table } from './update-tables';
import { double, int } from './values';

describe('replacement and _id', () => {
  table([
    [{ b: 1 }, { _id: 1, a: 1 }, { _id: 1, b: 1 }],
    [
      { b: 1, _id: 1 },
      { _id: 1, a: 1 },
      { _id: 1, b: 1 },
    ],
    [{ _id: double(1), b: 1 }, { _id: int(1) }, { _id: double(1), b: 1 }],
    [{}, { _id: 1, a: 1 }, { _id: 1 }],
    [{ a: 1 }, { _id: 1, a: 1 }, null],
    [{ a: double(1) }, { _id: 1, a: int(1) }, { _id: 1, a: double(1) }],
    [
      { b: 1, a: 2 },
      { _id: 1, a: 2, b: 1 },
      { _id: 1, b: 1, a: 2 },
    ],
    [{ $set: { _id: int(1) } }, { _id: int(1) }, null],
    [{ $min: { _id: 5 } }, { _id: 1 }, null],
    [{ $set: { a: new Timestamp({ t: 0, i: 0 }) } }, {}, { a: new Timestamp({ t: 0, i: 0 }) }],
    [{ a: new Timestamp({ t: 0, i: 0 }) }, {}, { a: new Timestamp({ t: 1706933106, i: 1 }) }],
  ]);

  refusals([
    [
      { _id: 2 },
      { _id: 1 },
      66,
      /^After applying the update, the \(immutable\) field '_id' was found to have been altered to _id: 2$/,
    ],
    [{ b: 1, $set: { a: 1 } }, {}, 52, /dollar \(\$\) prefixed field '\$set'/],
    [
      { $set: { _id: 2 } },
      { _id: 1 },
      66,
      /^Performing an update on the path '_id' would modify the immutable field '_id'$/,
    ],
    [{ $set: { _id: double(1) } }, { _id: int(1) }, 66, /immutable/],
    [{ $unset: { _id: '' } }, { _id: 1 }, 66, /immutable/],
    [{ $inc: { _id: 1 } }, { _id: 1 }, 66, /immutable/],
    [{ $set: { '_id.b': 1 } }, { _id: { a: 1 } }, 66, /path '_id\.b' would modify the immutable field '_id'/],
    [{ $rename: { a: '_id' } }, { _id: 1, a: 2 }, 66, /immutable/],
  ]);

  test('a pipeline is run by whoever runs pipelines; the _id stays', () => {
    const pipeline = (stages: readonly Doc[], doc: Doc) => ({ b: stages.length, ...doc, c: 1 });
    const update = compileUpdate([{ $set: { c: 1 } }], { pipeline });
    expect(update.apply({ _id: 1 }, { isInsert: false, now: NOW })).toEqual({
      doc: { _id: 1, b: 1, c: 1 },
      changed: true,
    });
    const other = compileUpdate([], { pipeline: () => ({ _id: 2 }) });
    expect(() => other.apply({ _id: 1 }, { isInsert: false, now: NOW })).toThrow(expect.objectContaining({ code: 66 }));
    expect(() => compileUpdate([{ $set: { c: 1 } }])).toThrow(expect.objectContaining({ code: 9 }));
  });
});

describe('upserts', () => {
  test.each<[Doc, Doc]>([
    [{ a: 1 }, { a: 1 }],
    [
      { b: 2, _id: 5 },
      { _id: 5, b: 2 },
    ],
    [{ a: { $eq: 1 } }, { a: 1 }],
    [{ a: { $eq: 1, $gt: 0 } }, { a: 1 }],
    [{ a: { $in: [1] } }, { a: 1 }],
    [{ a: { $in: [1, 2] } }, {}],
    [{ a: { $all: [1] } }, { a: 1 }],
    [{ $and: [{ a: 1 }, { 'b.c': 2 }] }, { a: 1, b: { c: 2 } }],
    [{ $or: [{ a: 1, b: 2 }] }, { a: 1, b: 2 }],
    [{ $or: [{ a: 1 }, { b: 2 }] }, {}],
    [{ $nor: [{ a: 1 }] }, {}],
    [{ 'a.b': 1, 'a.c': 2 }, { a: { b: 1, c: 2 } }],
    [{ 'a.0': 1 }, { a: { 0: 1 } }],
    [{ a: { $gt: 1 }, b: { $ne: 1 }, c: { $exists: true }, d: new BSONRegExp('x') }, {}],
    [
      { a: null, b: [1] },
      { a: null, b: [1] },
    ],
    [{ a: { $elemMatch: { b: 1 } } }, {}],
    [{ a: { b: 1 } }, { a: { b: 1 } }],
    [{ $expr: { $eq: ['$a', 1] }, b: 1 }, { b: 1 }],
  ])('%j starts from %j', (filter, seed) => {
    expect(upsertSeed(filter)).toEqual(seed);
    expect(Object.keys(upsertSeed(filter))).toEqual(Object.keys(seed));
  });

  test('a filter is not changed by what is made of it', () => {
    const filter = { a: { b: 1 } };
    const seed = upsertSeed(filter);
    apply({ $set: { 'a.c': 2 } }, seed, { isInsert: true });
    expect(filter).toEqual({ a: { b: 1 } });
  });

  test.each<[Doc, RegExp]>([
    [{ a: 1, $and: [{ a: 1 }] }, /path 'a' is matched twice/],
    [{ a: { $all: [1, 2] } }, /path 'a' is matched twice/],
    [{ a: { b: 1 }, 'a.c': 1 }, /both paths 'a\.c' and 'a' are matched/],
  ])('%j is refused', (filter, message) => {
    expect(() => upsertSeed(filter)).toThrow(message);
    expect(() => upsertSeed(filter)).toThrow(expect.objectContaining({ code: 54 }));
  });

  test.each<[Doc, Doc, Doc]>([
    [{ a: 1 }, { $set: { b: 2 }, $setOnInsert: { c: 3 } }, { a: 1, b: 2, c: 3 }],
    [{ a: 1 }, { $inc: { a: 2 } }, { a: int(3) }],
    [{ a: 1 }, { $setOnInsert: { _id: 7 } }, { _id: 7, a: 1 }],
    [{ a: 1 }, { b: 2 }, { b: 2 }],
    [{ _id: 5, a: 1 }, { b: 2 }, { _id: 5, b: 2 }],
    [{ a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
  ])('%j with %j inserts %j', (filter, update, doc) => {
    const seed = upsertSeed(filter, { replacement: compileUpdate(update).kind === 'replacement' });
    const result = apply(update, seed, { isInsert: true });
    expect(plainly(result.doc)).toEqual(plainly(doc));
    expect(Object.keys(result.doc)[0]).toBe(Object.keys(doc)[0]);
  });

  test.each<[Doc, Doc, number]>([
    [{ _id: 1 }, { $set: { _id: 2 } }, 66],
    [{ a: 1 }, { $set: { _id: [1] } }, 53],
    [{ _id: [1] }, { $set: { a: 1 } }, 53],
    [{ a: 1 }, { $set: { 'a.b': 1 } }, 28],
    [{ a: 1 }, { $set: { 'b.$': 1 } }, 2],
  ])('%j with %j is refused', (filter, update, code) => {
    expect(() => apply(update, upsertSeed(filter), { isInsert: true })).toThrow(expect.objectContaining({ code }));
  });
});
