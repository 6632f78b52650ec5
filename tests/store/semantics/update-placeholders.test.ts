import type { Doc } from '../../../src/store/embedded/semantics';
import { plainly } from './plainly';
import { apply } from './update-tables';

describe('placeholders', () => {
  const people = () => ({
    a: [
      { n: 1, q: [1, 5] },
      { n: 2, q: [5] },
      { n: 3, q: [] },
    ],
  });
  test.each<[Doc, Doc, Doc, Doc]>([
    [{ a: 2 }, { $set: { 'a.$': 9 } }, { a: [1, 2, 2] }, { a: [1, 9, 2] }],
    [{ 'a.n': 2 }, { $set: { 'a.$.n': 9 } }, { a: [{ n: 1 }, { n: 2 }] }, { a: [{ n: 1 }, { n: 9 }] }],
    [{ 'a.n': 2 }, { $set: { 'a.$.n': 9, 'a.$.at': 1 } }, { a: [{ n: 2 }] }, { a: [{ n: 9, at: 1 }] }],
    [{ 'a.n': 2 }, { $inc: { 'a.$.n': 1 }, $set: { b: 1 } }, { a: [{ n: 2 }] }, { a: [{ n: 3 }], b: 1 }],
    [{ a: { $gt: 1 } }, { $unset: { 'a.$': '' } }, { a: [1, 5] }, { a: [1, null] }],
    [
      { a: { $elemMatch: { n: 1, m: 2 } } },
      { $set: { 'a.$.x': 1 } },
      { a: [{ n: 1 }, { n: 1, m: 2 }] },
      { a: [{ n: 1 }, { n: 1, m: 2, x: 1 }] },
    ],
    [
      { 'a.b.n': 2 },
      { $set: { 'a.b.$.n': 9 } },
      { a: { b: [{ n: 1 }, { n: 2 }] } },
      { a: { b: [{ n: 1 }, { n: 9 }] } },
    ],
  ])('%j: %j', (filter, update, before, after) => {
    expect(plainly(apply(update, before, { filter }).doc)).toEqual(plainly(after));
  });

  test.each<[Doc, Doc[], Doc]>([
    [
      { $inc: { 'a.$[].n': 10 } },
      [],
      {
        a: [
          { n: 11, q: [1, 5] },
          { n: 12, q: [5] },
          { n: 13, q: [] },
        ],
      },
    ],
    [
      { $set: { 'a.$[x].n': 0 } },
      [{ 'x.n': { $gte: 2 } }],
      {
        a: [
          { n: 1, q: [1, 5] },
          { n: 0, q: [5] },
          { n: 0, q: [] },
        ],
      },
    ],
    [
      { $set: { 'a.$[x].q.$[y]': 0 } },
      [{ 'x.n': 1 }, { y: 5 }],
      {
        a: [
          { n: 1, q: [1, 0] },
          { n: 2, q: [5] },
          { n: 3, q: [] },
        ],
      },
    ],
    [
      { $push: { 'a.$[x].q': 7 } },
      [{ $or: [{ 'x.n': 2 }, { 'x.n': 3 }] }],
      {
        a: [
          { n: 1, q: [1, 5] },
          { n: 2, q: [5, 7] },
          { n: 3, q: [7] },
        ],
      },
    ],
    [
      { $unset: { 'a.$[].q': '' }, $set: { 'a.$[x].z': 1 } },
      [{ 'x.n': 3 }],
      { a: [{ n: 1 }, { n: 2 }, { n: 3, z: 1 }] },
    ],
    [
      { $pull: { 'a.$[].q': 5 } },
      [],
      {
        a: [
          { n: 1, q: [1] },
          { n: 2, q: [] },
          { n: 3, q: [] },
        ],
      },
    ],
  ])('%j with %j', (update, arrayFilters, after) => {
    expect(plainly(apply(update, people(), { arrayFilters }).doc)).toEqual(plainly(after));
  });

  test('no element chosen, nothing changed', () => {
    const doc = people();
    const result = apply({ $set: { 'a.$[x].n': 0 } }, doc, { arrayFilters: [{ 'x.n': 99 }] });
    expect(result).toEqual({ doc, changed: false });
  });

  test.each<[Doc, Doc[], Doc, number, RegExp]>([
    [
      { $set: { 'a.$': 1 } },
      [],
      { a: [1] },
      2,
      /^The positional operator did not find the match needed from the query\.$/,
    ],
    [{ $set: { 'a.$.b.$': 1 } }, [], {}, 2, /^Too many positional/],
    [{ $set: { $: 1 } }, [], {}, 2, /in the first position in path '\$'/],
    [{ $set: { '$[]': 1 } }, [], {}, 2, /in the first position in path '\$\[\]'/],
    [
      { $set: { 'a.$[]': 1 } },
      [],
      {},
      2,
      /^The path 'a' must exist in the document in order to apply array updates\.$/,
    ],
    [{ $unset: { 'a.$[]': 1 } }, [], {}, 2, /must exist/],
    [{ $set: { 'a.$[]': 1 } }, [], { a: 5 }, 2, /^Cannot apply array updates to non-array element a: 5$/],
    [{ $set: { 'a.$[x]': 1 } }, [], {}, 2, /^No array filter found for identifier 'x' in path 'a\.\$\[x\]'$/],
    [{ $set: { a: 1 } }, [{ x: 1 }], {}, 9, /^The array filter for identifier 'x' was not used in the update/],
    [{ $set: { 'a.$[x]': 1 } }, [{ x: 1 }, { x: 2 }], {}, 9, /Found multiple array filters with the same/],
    [{ $set: { 'a.$[x]': 1 } }, [{ x: 1, y: 2 }], {}, 9, /Expected a single top-level field name, found 'x' and 'y'/],
    [{ $set: { 'a.$[x]': 1 } }, [{}], {}, 9, /without a top-level field name/],
    [{ $set: { 'a.$[X]': 1 } }, [{ X: 1 }], {}, 2, /beginning with a lowercase letter, found 'X'/],
    [{ $set: { 'a.$[x]': 1 } }, [{ x: { $foo: 1 } }], {}, 2, /unknown operator: \$foo/],
    [{ $set: { 'a.$[x]': 1, 'a.$[y]': 2 } }, [{ x: 1 }, { y: 1 }], { a: [1] }, 40, /conflict at 'a\.0'/],
    [{ $set: { 'a.$[].b': 1, 'a.0.c': 2 } }, [], {}, 40, /conflict at 'a'/],
    [{ b: 1 }, [{ x: 1 }], {}, 9, /arrayFilters/],
  ])('refused: %j with %j on %j', (update, arrayFilters, doc, code, message) => {
    const run = () => apply(update, doc, { arrayFilters });
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
