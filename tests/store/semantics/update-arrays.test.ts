import { BSONRegExp } from 'bson';
import type { Doc } from '../../../src/store/embedded/semantics';
import { apply, refusals, table } from './update-tables';
import { double } from './values';

describe('$push and $addToSet', () => {
  const each = (clauses: Doc): Doc => ({ $push: { a: { $each: [9], ...clauses } } });
  table([
    [{ $push: { a: 1 } }, {}, { a: [1] }],
    [{ $push: { a: [2] } }, { a: [1] }, { a: [1, [2]] }],
    [{ $push: { 'a.b': 1 } }, {}, { a: { b: [1] } }],
    [{ $push: { 'a.0': 2 } }, { a: [[1]] }, { a: [[1, 2]] }],
    [{ $push: { a: { $each: [1, 2] } } }, { a: [0] }, { a: [0, 1, 2] }],
    [{ $push: { a: { $each: [] } } }, {}, { a: [] }],
    [{ $push: { a: { $each: [] } } }, { a: [1] }, null],
    [{ $push: { a: { b: 1 } } }, { a: [] }, { a: [{ b: 1 }] }],
    [{ $push: { a: { $slice: 1 } } }, { a: [] }, { a: [{ $slice: 1 }] }],
    [each({ $slice: 2 }), { a: [1, 2, 3] }, { a: [1, 2] }],
    [each({ $slice: -2 }), { a: [1, 2, 3] }, { a: [3, 9] }],
    [each({ $slice: 0 }), { a: [1] }, { a: [] }],
    [each({ $position: 0 }), { a: [1, 2] }, { a: [9, 1, 2] }],
    [each({ $position: -1 }), { a: [1, 2] }, { a: [1, 9, 2] }],
    [each({ $position: -9 }), { a: [1, 2] }, { a: [9, 1, 2] }],
    [each({ $position: -3 }), { a: [1, 2] }, { a: [9, 1, 2] }],
    [each({ $position: 9 }), { a: [1, 2] }, { a: [1, 2, 9] }],
    [each({ $sort: 1 }), { a: [10, 1, 'x', null] }, { a: [null, 1, 9, 10, 'x'] }],
    [each({ $sort: -1 }), { a: [10, 1] }, { a: [10, 9, 1] }],
    [each({ $sort: 1, $slice: 2, $position: 0 }), { a: [10, 1] }, { a: [1, 9] }],
    [
      { $push: { a: { $each: [{ b: 2, c: 1 }], $sort: { b: -1, c: 1 } } } },
      { a: [{ b: 1 }, { b: 2, c: 5 }, 7] },
      { a: [{ b: 2, c: 1 }, { b: 2, c: 5 }, { b: 1 }, 7] },
    ],
    [
      { $push: { a: { $each: [], $sort: { 'b.c': 1 } } } },
      { a: [{ b: { c: 2 } }, { b: { c: 1 } }] },
      { a: [{ b: { c: 1 } }, { b: { c: 2 } }] },
    ],
    [{ $push: { a: { $each: [], $slice: 1 } } }, { a: [1, 2] }, { a: [1] }],
    [{ $addToSet: { a: 1 } }, { a: [double(1)] }, null],
    [{ $addToSet: { a: 2 } }, { a: [1] }, { a: [1, 2] }],
    [
      { $addToSet: { a: { b: 1, c: 2 } } },
      { a: [{ c: 2, b: 1 }] },
      {
        a: [
          { c: 2, b: 1 },
          { b: 1, c: 2 },
        ],
      },
    ],
    [{ $addToSet: { a: { $each: [1, 2, 2, 3] } } }, { a: [1] }, { a: [1, 2, 3] }],
    [{ $addToSet: { a: [1] } }, { a: [1] }, { a: [1, [1]] }],
    [{ $addToSet: { a: { $each: [] } } }, {}, { a: [] }],
  ]);

  test('what is sorted or pushed counts as changed even if it comes out the same', () => {
    expect(apply({ $push: { a: { $each: [], $sort: 1 } } }, { a: [1, 2] }).changed).toBe(true);
    expect(apply(each({ $slice: 1 }), { a: [1] }).changed).toBe(true);
  });

  refusals([
    [
      { $push: { a: 1 } },
      { _id: 3, a: 5 },
      2,
      /^The field 'a' must be an array but is of type int in document \{_id: 3\}$/,
    ],
    [{ $push: { a: 1 } }, { a: 'x' }, 2, /must be an array but is of type string in document \{no id\}/],
    [{ $push: { a: { $each: 1 } } }, {}, 2, /must be an array but it was of type: int/],
    [each({ $foo: 1 }), {}, 2, /^Unrecognized clause in \$push: \$foo$/],
    [each({ $slice: 'x' }), {}, 2, /The value for \$slice must be an integer value/],
    [each({ $slice: double(1.5) }), {}, 2, /The value for \$slice/],
    [each({ $position: 'x' }), {}, 2, /The value for \$position/],
    [each({ $sort: 2 }), {}, 2, /must be either 1 or -1/],
    [each({ $sort: 'x' }), {}, 2, /The \$sort is invalid/],
    [each({ $sort: {} }), {}, 2, /The \$sort pattern is empty/],
    [each({ $sort: { b: 2 } }), {}, 2, /must be either 1 or -1/],
    [
      { $addToSet: { a: 1 } },
      { a: 5 },
      2,
      /^Cannot apply \$addToSet to non-array field\. Field named 'a' has non-array type int$/,
    ],
    [{ $addToSet: { a: { $each: 1 } } }, {}, 14, /must be an array but it was of type int/],
    [{ $addToSet: { a: { $each: [1], b: 1 } } }, {}, 2, /unexpected fields after \$each/],
  ]);
});

describe('$pop, $pull and $pullAll', () => {
  const docs = [{ b: 1, c: 1 }, { b: 2 }, 5];
  table([
    [{ $pop: { a: 1 } }, { a: [1, 2] }, { a: [1] }],
    [{ $pop: { a: -1 } }, { a: [1, 2] }, { a: [2] }],
    [{ $pop: { a: double(1) } }, { a: [1] }, { a: [] }],
    [{ $pop: { a: 1 } }, { a: [] }, null],
    [{ $pop: { a: 1 } }, {}, null],
    [{ $pull: { a: 1 } }, { a: [1, 2, double(1), [1]] }, { a: [2, [1]] }],
    [{ $pull: { a: 9 } }, { a: [1] }, null],
    [{ $pull: { a: 1 } }, {}, null],
    [{ $pull: { a: null } }, { a: [null, 1] }, { a: [1] }],
    [{ $pull: { a: [1, 2] } }, { a: [[1, 2], [2, 1], 1] }, { a: [[2, 1], 1] }],
    [{ $pull: { a: { $gte: 2 } } }, { a: [1, 2, 'x', 3] }, { a: [1, 'x'] }],
    [{ $pull: { a: { $in: [1, 'x'] } } }, { a: [1, 2, 'x'] }, { a: [2] }],
    [{ $pull: { a: { $ne: 1 } } }, { a: [1, 2, [1]] }, { a: [1, [1]] }],
    [{ $pull: { a: { b: 1 } } }, { a: docs }, { a: [{ b: 2 }, 5] }],
    [{ $pull: { a: { b: { $gt: 1 } } } }, { a: docs }, { a: [{ b: 1, c: 1 }, 5] }],
    [{ $pull: { a: { c: { $exists: false } } } }, { a: docs }, { a: [{ b: 1, c: 1 }, 5] }],
    [{ $pull: { a: {} } }, { a: docs }, { a: [5] }],
    [{ $pull: { a: { $or: [{ b: 1 }, { b: 2 }] } } }, { a: docs }, { a: [5] }],
    [{ $pull: { a: new BSONRegExp('^x') } }, { a: ['xa', 'ax', 1] }, { a: ['ax', 1] }],
    [{ $pull: { 'a.b': 1 } }, { a: { b: [1, 2] } }, { a: { b: [2] } }],
    [{ $pullAll: { a: [1, 'x'] } }, { a: [1, 2, 'x', double(1)] }, { a: [2] }],
    [{ $pullAll: { a: [{ b: 1 }] } }, { a: [{ b: 1 }, { b: 1, c: 1 }] }, { a: [{ b: 1, c: 1 }] }],
    [{ $pullAll: { a: [] } }, { a: [1] }, null],
  ]);

  refusals([
    [{ $pop: { a: 1 } }, { a: 5 }, 14, /^Path 'a' contains an element of non-array type 'int'$/],
    [{ $pop: { a: 'x' } }, {}, 9, /^Expected a number in: a: "x"$/],
    [{ $pop: { a: 2 } }, {}, 9, /^\$pop expects 1 or -1, found: 2$/],
    [{ $pop: { 'a.b': 1 } }, { a: 5 }, 28, /^Cannot use the part \(b\) of \(a\.b\) to traverse/],
    [{ $pull: { a: 1 } }, { a: 5 }, 2, /^Cannot apply \$pull to a non-array value$/],
    [{ $pull: { 'a.b': 1 } }, { a: [] }, 28, /Cannot use the part/],
    [{ $pull: { a: { $foo: 1 } } }, {}, 2, /\$foo/],
    [{ $pullAll: { a: 1 } }, {}, 2, /^\$pullAll requires an array argument but was given a int$/],
    [{ $pullAll: { a: [1] } }, { a: 'x' }, 2, /non-array value/],
  ]);
});
