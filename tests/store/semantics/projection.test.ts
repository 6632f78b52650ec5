import { compileFilter, compileProjection, type Doc } from '../../../src/store/embedded/semantics';
import { plainly } from './plainly';
import { decimal, double } from './values';

type Row = [projection: Doc, doc: Doc, result: Doc];
function table(rows: Row[]): void {
  test.each(rows)('%j of %j', (projection, doc, result) => {
    const before = plainly(doc);
    expect(plainly(compileProjection(projection)(doc))).toEqual(plainly(result));
    expect(plainly(doc)).toEqual(before);
  });
}

const DOC = { _id: 1, a: 1, b: { x: 1, y: 2 }, c: [{ x: 1, y: 2 }, { y: 3 }, 5, [{ x: 4, z: 5 }]] };

describe('inclusion', () => {
  table([
    [{}, DOC, DOC],
    [{ a: 1 }, DOC, { _id: 1, a: 1 }],
    [{ c: 0, b: 0 }, DOC, { _id: 1, a: 1 }],
    [{ b: 1, a: 1 }, DOC, { _id: 1, a: 1, b: { x: 1, y: 2 } }],
    [{ a: true, _id: 0 }, DOC, { a: 1 }],
    [{ _id: 1 }, DOC, { _id: 1 }],
    [{ zz: 1 }, DOC, { _id: 1 }],
    [{ a: double(0.5) }, DOC, { _id: 1, a: 1 }],
    [{ a: double(Number.NaN) }, DOC, { _id: 1, a: 1 }],
    [{ 'b.x': 1 }, DOC, { _id: 1, b: { x: 1 } }],
    [{ b: { x: 1 } }, DOC, { _id: 1, b: { x: 1 } }],
    [{ 'b.zz': 1 }, DOC, { _id: 1, b: {} }],
    [{ 'a.x': 1 }, DOC, { _id: 1 }],
    [{ 'c.x': 1 }, DOC, { _id: 1, c: [{ x: 1 }, {}, [{ x: 4 }]] }],
    [{ 'c.0': 1 }, DOC, { _id: 1, c: [{}, {}, [{}]] }],
    [{ '_id.x': 1 }, { _id: { x: 1, y: 2 }, a: 1 }, { _id: { x: 1 } }],
    [
      { '_id.x': 1, a: 1 },
      { _id: { x: 1, y: 2 }, a: 1 },
      { _id: { x: 1 }, a: 1 },
    ],
  ]);
});

describe('exclusion', () => {
  table([
    [{ a: 0 }, DOC, { _id: 1, b: DOC.b, c: DOC.c }],
    [{ _id: 0 }, { _id: 1, a: 1 }, { a: 1 }],
    [{ a: false, _id: 0 }, { _id: 1, a: 1, b: 2 }, { b: 2 }],
    [
      { a: 0, _id: 1 },
      { _id: 1, a: 1, b: 2 },
      { _id: 1, b: 2 },
    ],
    [{ a: decimal('0') }, { _id: 1, a: 1 }, { _id: 1 }],
    [{ 'b.x': 0, c: 0 }, DOC, { _id: 1, a: 1, b: { y: 2 } }],
    [{ 'c.x': 0, b: 0, a: 0 }, DOC, { _id: 1, c: [{ y: 2 }, { y: 3 }, 5, [{ z: 5 }]] }],
    [{ '_id.x': 0 }, { _id: { x: 1, y: 2 }, a: 1 }, { _id: { y: 2 }, a: 1 }],
  ]);
});

describe('$slice and $elemMatch', () => {
  const list = { _id: 1, a: [1, 2, 3, 4], b: 'x' };
  const nested = { _id: 1, a: [{ b: [1, 2, 3], c: 1 }, 5, [{ b: [1, 2] }]] };
  table([
    [{ a: { $slice: 2 } }, list, { _id: 1, a: [1, 2], b: 'x' }],
    [{ a: { $slice: -3 } }, list, { _id: 1, a: [2, 3, 4], b: 'x' }],
    [{ a: { $slice: [1, 2] } }, list, { _id: 1, a: [2, 3], b: 'x' }],
    [{ a: { $slice: [-2, 9] } }, list, { _id: 1, a: [3, 4], b: 'x' }],
    [{ a: { $slice: [-9, 2] } }, list, { _id: 1, a: [1, 2], b: 'x' }],
    [{ a: { $slice: [9, 2] } }, list, { _id: 1, a: [], b: 'x' }],
    [{ a: { $slice: 0 } }, list, { _id: 1, a: [], b: 'x' }],
    [{ a: { $slice: double(1.9) } }, list, { _id: 1, a: [1], b: 'x' }],
    [{ b: { $slice: 1 } }, list, list],
    [{ a: { $slice: 1 }, b: 1 }, list, { _id: 1, a: [1], b: 'x' }],
    [{ a: { $slice: 1 }, b: 0 }, list, { _id: 1, a: [1] }],
    [{ a: { $slice: 1 }, _id: 1 }, list, { _id: 1, a: [1] }],
    [{ a: { $slice: 1 }, _id: 0 }, list, { a: [1], b: 'x' }],
    [{ 'a.b': { $slice: 1 } }, nested, { _id: 1, a: [{ b: [1], c: 1 }, 5, [{ b: [1, 2] }]] }],
    [{ a: { $elemMatch: { $gt: 2 } } }, list, { _id: 1, a: [3] }],
    [{ a: { $elemMatch: { $gt: 9 } } }, list, { _id: 1 }],
    [{ a: { $elemMatch: { c: 1 } }, _id: 0 }, nested, { a: [{ b: [1, 2, 3], c: 1 }] }],
    [{ a: { $elemMatch: { $gt: 2 } }, b: 1 }, list, { _id: 1, b: 'x', a: [3] }],
    [{ a: { $elemMatch: { $gt: 9 } }, b: 0 }, list, { _id: 1 }],
    [{ b: { $elemMatch: { $gt: 'a' } } }, list, { _id: 1 }],
  ]);
});

describe('the positional element', () => {
  test.each<[Doc, Doc, Doc, Doc]>([
    [{ a: 2 }, { 'a.$': 1 }, { _id: 1, a: [1, 2, 3], b: 1 }, { _id: 1, a: [2] }],
    [{ a: { $gt: 1 } }, { 'a.$': 1, b: 1, _id: 0 }, { _id: 1, a: [1, 2, 3], b: 1 }, { a: [2], b: 1 }],
    [{ 'a.b': 2 }, { 'a.$': 1 }, { _id: 1, a: [{ b: 1 }, { b: 2, c: 3 }] }, { _id: 1, a: [{ b: 2, c: 3 }] }],
    [{ 'a.b': 2 }, { 'a.b.$': 1 }, { _id: 1, a: [{ b: 1 }, { b: 2, c: 3 }] }, { _id: 1, a: [{ b: 2 }] }],
    [{ 'a.b': 5 }, { 'a.b.$': 1 }, { _id: 1, a: { b: [4, 5] } }, { _id: 1, a: { b: [5] } }],
    [{ a: 2 }, { 'a.$': 1 }, { _id: 1, a: 2 }, { _id: 1, a: 2 }],
  ])('%j, %j', (filter, projection, doc, result) => {
    expect(compileProjection(projection, { filter: compileFilter(filter) })(doc)).toEqual(result);
  });

  test('is an error where nothing in the array matched', () => {
    const project = compileProjection({ 'a.$': 1 }, { filter: compileFilter({ a: { $exists: true } }) });
    expect(() => project({ _id: 1, a: [] })).toThrow(expect.objectContaining({ code: 51246 }));
  });
});

describe('computed fields', () => {
  const expr = (expression: unknown) => (doc: Doc) =>
    typeof expression === 'string' ? doc[expression.slice(1)] : [expression];
  test.each<[Doc, Doc, Doc]>([
    [{ z: '$a' }, { _id: 1, a: 5, b: 6 }, { _id: 1, z: 5 }],
    [
      { z: '$a', b: 1 },
      { _id: 1, a: 5, b: 6 },
      { _id: 1, b: 6, z: 5 },
    ],
    [{ z: '$none' }, { _id: 1, a: 5 }, { _id: 1 }],
    [{ a: '$b', _id: 0 }, { _id: 1, a: 5, b: 6 }, { a: 6 }],
    [{ z: { $add: [1] } }, { _id: 1 }, { _id: 1, z: [{ $add: [1] }] }],
    [{ 'a.z': '$b' }, { _id: 1, a: { x: 1 }, b: 2 }, { _id: 1, a: { z: 2 } }],
    [
      { 'a.z': '$b', 'a.x': 1 },
      { _id: 1, a: [{ x: 1 }, 5], b: 2 },
      { _id: 1, a: [{ x: 1, z: 2 }, { z: 2 }] },
    ],
    [{ 'a.z': '$b' }, { _id: 1, b: 2 }, { _id: 1, a: { z: 2 } }],
  ])('%j of %j', (projection, doc, result) => {
    const projected = compileProjection(projection, { expr })(doc);
    expect(plainly(projected)).toEqual(plainly(result));
  });
});

describe('wrong projections', () => {
  const filter = compileFilter({ a: 1 });
  test.each<[Doc, number, RegExp]>([
    [{ a: 1, b: 0 }, 31254, /^Cannot do exclusion on field b in inclusion projection$/],
    [{ a: 0, b: 1 }, 31253, /^Cannot do inclusion on field b in exclusion projection$/],
    [{ a: { x: 1, y: 0 } }, 31254, /exclusion/],
    [{ a: 1, 'a.x': 1 }, 31249, /^Path collision at a\.x remaining portion x$/],
    [{ 'a.x': 1, a: 1 }, 31250, /^Path collision at a$/],
    [{ a: {} }, 51270, /empty sub-projection/],
    [{ '': 1 }, 40352, /empty string/],
    [{ 'a.': 1 }, 40353, /must not end with/],
    [{ 'a..b': 1 }, 15998, /may not be empty/],
    [{ $a: 1 }, 16410, /may not start with '\$'/],
    [{ a: { $slice: [1, 0] } }, 28724, /must be positive/],
    [{ a: { $elemMatch: 1 } }, 31274, /object required/],
    [{ 'a.b': { $elemMatch: { c: 1 } } }, 31275, /nested field/],
    [{ 'a.$': 1, b: { $elemMatch: { c: 1 } } }, 31255, /positional operator and \$elemMatch/],
    [{ b: { $elemMatch: { c: 1 } }, 'a.$': 1 }, 31256, /positional operator and \$elemMatch/],
    [{ 'a.$': 1, 'a.b.$': 1 }, 31276, /more than one positional/],
    [{ 'b.$': 1 }, 31277, /does not match the query/],
    [{ 'a.$.b': 1 }, 31394, /in the middle of a path/],
    [{ 'a.$': 0 }, 31395, /exclusion/],
    [{ 'a.$': 1, b: 0 }, 31254, /exclusion/],
    [{ 'a.$': { x: 1 } }, 31271, /sub object/],
    [{ 'a.$': 'x' }, 31308, /literal/],
    [{ a: { $foo: 1 } }, 31325, /^Unknown expression/],
  ])('%j', (projection, code, message) => {
    const compile = () => compileProjection(projection, { filter });
    expect(compile).toThrow(message);
    expect(compile).toThrow(expect.objectContaining({ code }));
  });

  test('a computed field in an exclusion, a position without a filter', () => {
    const expr = () => () => 1;
    expect(() => compileProjection({ a: 0, b: '$c' }, { expr })).toThrow(expect.objectContaining({ code: 31310 }));
    expect(() => compileProjection({ a: 0, b: { $add: [] } }, { expr })).toThrow(
      expect.objectContaining({ code: 31252 }),
    );
    expect(() => compileProjection({ 'a.$': 1 })).toThrow(expect.objectContaining({ code: 51050 }));
  });
});
