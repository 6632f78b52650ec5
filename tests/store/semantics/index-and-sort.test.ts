import { MinKey } from 'bson';
import { compileSort, type Direction, type Doc, indexKeys } from '../../../src/store/embedded/semantics';
import { sortKey } from '../../../src/store/embedded/semantics/sort';
import { double } from './values';

const up: Direction = 1;

describe('index keys', () => {
  test.each<[Record<string, Direction>, Doc, unknown[][], boolean]>([
    [{ a: up }, { a: 1 }, [[1]], false],
    [{ a: up }, {}, [[null]], false],
    [{ a: up }, { a: null }, [[null]], false],
    [{ a: up }, { a: [3, 1, double(1), 3] }, [[1], [3]], true],
    [{ a: up }, { a: [] }, [[undefined]], true],
    [{ a: up }, { a: [1] }, [[1]], true],
    [{ a: up }, { a: [[1, 2], 3] }, [[3], [[1, 2]]], true],
    [{ a: up }, { a: [[]] }, [[[]]], true],
    [{ a: up }, { a: { b: 1 } }, [[{ b: 1 }]], false],
    [{ 'a.b': up }, { a: { b: 1 } }, [[1]], false],
    [{ 'a.b': up }, { a: 5 }, [[null]], false],
    [{ 'a.b': up }, { a: [] }, [[null]], true],
    [{ 'a.b': up }, { a: [5] }, [[null]], true],
    [{ 'a.b': up }, { a: [{ b: 1 }, {}, 5] }, [[null], [1]], true],
    [{ 'a.b': up }, { a: [{ b: [1, 2] }, { b: 3 }] }, [[1], [2], [3]], true],
    [{ 'a.b': up }, { a: [{ b: [] }] }, [[undefined]], true],
    [{ 'a.b': up }, { a: [[{ b: 1 }]] }, [[null]], true],
    [{ 'a.b': up }, { a: { b: [1, 2] } }, [[1], [2]], true],
    [{ 'a.0': up }, { a: [7, 8] }, [[7]], false],
    [{ 'a.0': up }, { a: [[1, 2]] }, [[[1, 2]]], false],
    [{ 'a.0.b': up }, { a: [{ b: 1 }, { b: 2 }] }, [[1]], false],
    [{ 'a.5': up }, { a: [7] }, [[null]], true],
    [
      { a: up, b: up },
      { a: [1, 2], b: 3 },
      [
        [1, 3],
        [2, 3],
      ],
      true,
    ],
    [{ a: up, b: up }, { b: 3 }, [[null, 3]], false],
    [
      { 'a.b': up, 'a.c': up },
      { a: [{ b: 1, c: 2 }, { b: 3 }] },
      [
        [1, 2],
        [3, null],
      ],
      true,
    ],
    [
      { 'a.b': up, x: up },
      { a: [{ b: 1 }, { b: 2 }], x: 0 },
      [
        [1, 0],
        [2, 0],
      ],
      true,
    ],
    [{ a: up, 'a.b': up }, { a: [{ b: 1 }] }, [[{ b: 1 }, 1]], true],
  ])('%j of %j', (spec, doc, keys, multikey) => {
    const result = indexKeys(doc, spec);
    expect(result).toEqual({ keys: expect.any(Array), multikey });
    expect(new Set(result.keys.map((key) => JSON.stringify(key, spell)))).toEqual(
      new Set(keys.map((key) => JSON.stringify(key, spell))),
    );
    expect(result.keys).toHaveLength(keys.length);
  });
  const spell = (_name: string, value: unknown) => (value === undefined ? 'undefined' : value);

  test('parallel arrays are refused', () => {
    const spec = { a: up, b: up };
    expect(() => indexKeys({ a: [1], b: [2] }, spec)).toThrow(expect.objectContaining({ code: 171 }));
    expect(() => indexKeys({ a: [], b: [] }, spec)).toThrow(expect.objectContaining({ code: 171 }));
    const deep = { 'a.b': up, 'a.c': up };
    expect(() => indexKeys({ a: [{ b: [1], c: [2] }] }, deep)).toThrow(expect.objectContaining({ code: 171 }));
  });

  test('a name that is a position and a field as well is refused', () => {
    expect(() => indexKeys({ a: [{ 0: 1 }] }, { 'a.0': up })).toThrow(expect.objectContaining({ code: 16746 }));
  });

  test('a sparse index leaves out what has none of its fields', () => {
    expect(indexKeys({ x: 1 }, { a: up }, { sparse: true }).keys).toEqual([]);
    expect(indexKeys({ a: null }, { a: up }, { sparse: true }).keys).toEqual([[null]]);
    expect(indexKeys({ b: 1 }, { a: up, b: up }, { sparse: true }).keys).toEqual([[null, 1]]);
    expect(indexKeys({ a: [{ b: 1 }, {}] }, { 'a.b': up }, { sparse: true }).keys).toEqual([[1]]);
  });
});

describe('sort', () => {
  const sorted = (spec: Doc, values: unknown[]) =>
    values
      .map((a, id) => (a === 'none' ? { id } : { id, a }))
      .sort(compileSort(spec))
      .map((doc) => doc.id);

  test.each<[Doc, unknown[], number[]]>([
    [{ a: 1 }, ['none', 5, 'x', null, new MinKey()], [4, 0, 3, 1, 2]],
    [{ a: -1 }, [1, 3, 2], [1, 2, 0]],
    [{ a: 1 }, [[5, 1], 3, [2]], [0, 2, 1]],
    [{ a: -1 }, [[5, 1], 3, [2]], [0, 1, 2]],
    [{ a: 1 }, [null, [], 'none', 1], [1, 0, 2, 3]],
    [{ a: 1 }, [[[0]], 9, [{ b: 1 }]], [1, 2, 0]],
    [{ 'a.b': 1 }, [[{ b: 3 }, { b: 1 }], { b: 2 }, 5], [2, 0, 1]],
    [{ 'a.b': -1 }, [[{ b: 3 }, { b: 1 }], { b: 4 }, {}], [1, 0, 2]],
    [
      { 'a.0': 1 },
      [
        [9, 0],
        [1, 5],
      ],
      [1, 0],
    ],
    [{ a: 1, id: -1 }, [1, 1, 0], [2, 1, 0]],
  ])('%j of %j', (spec, values, order) => {
    expect(sorted(spec, values)).toEqual(order);
  });

  test('fields below one array are taken from one element', () => {
    const doc = {
      a: [
        { b: 1, c: 9 },
        { b: 5, c: 0 },
      ],
    };
    expect(sortKey(doc, { 'a.b': 1, 'a.c': 1 })).toEqual([1, 9]);
    expect(sortKey(doc, { 'a.c': 1, 'a.b': -1 })).toEqual([0, 5]);
  });

  test.each<[Doc, number]>([
    [{ a: 0 }, 15975],
    [{ a: 2 }, 15975],
    [{ a: double(1.5) }, 15975],
    [{ a: 'x' }, 15974],
    [{ a: { $meta: 'textScore' } }, 17312],
    [{ '': 1 }, 40352],
    [{ 'a..b': 1 }, 15998],
    [{ $a: 1 }, 16410],
  ])('%j is refused', (spec, code) => {
    expect(() => compileSort(spec)).toThrow(expect.objectContaining({ code }));
  });

  test('by two arrays is refused', () => {
    const compare = compileSort({ a: 1, b: 1 });
    expect(() => compare({ a: [1], b: [1] }, {})).toThrow(expect.objectContaining({ code: 2 }));
  });
});
