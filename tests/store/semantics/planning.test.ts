import { BSONRegExp } from 'bson';
import fc from 'fast-check';
import { compileFilter, type Doc, filterShape, implies } from '../../../src/store/embedded/semantics';
import { double, int, long } from './values';

test('the shape of a filter: its necessary conditions by path', () => {
  const shape = filterShape({
    a: 1,
    b: { $gt: 2, $lte: 9 },
    $and: [{ a: { $in: [1, 2] } }, { c: { $exists: true } }],
    d: { $exists: false },
    e: new BSONRegExp('^x'),
    f: { $size: 1 },
  });
  expect(shape.complete).toBe(true);
  expect(shape.paths.get('a')).toEqual([
    { op: 'eq', value: 1 },
    { op: 'in', value: [1, 2] },
  ]);
  expect(shape.paths.get('b')).toEqual([
    { op: 'gt', value: 2 },
    { op: 'lte', value: 9 },
  ]);
  expect(shape.paths.get('c')).toEqual([{ op: 'exists', value: true }]);
  expect(shape.paths.get('d')).toEqual([{ op: 'exists', value: false }]);
  expect(shape.paths.get('e')?.[0]?.op).toBe('regex');
  expect(shape.paths.get('f')?.[0]?.op).toBe('other');
  expect(filterShape({ a: 1, $or: [{ b: 1 }, { c: 1 }] }).complete).toBe(false);
  expect(filterShape({ a: { $ne: 1 } }).complete).toBe(false);
});

test.each<[Doc, Doc, boolean]>([
  [{ a: 1 }, {}, true],
  [{ a: 1 }, { a: 1 }, true],
  [{ a: 1, b: 2 }, { a: 1 }, true],
  [{ a: 1 }, { a: 2 }, false],
  [{ b: 1 }, { a: 1 }, false],
  [{ a: 5 }, { a: { $gt: 3 } }, true],
  [{ a: 3 }, { a: { $gt: 3 } }, false],
  [{ a: 'x' }, { a: { $gt: 3 } }, false],
  [{ a: { $gt: 5 } }, { a: { $gt: 3 } }, true],
  [{ a: { $gt: 3 } }, { a: { $gte: 3 } }, true],
  [{ a: { $gte: 3 } }, { a: { $gt: 3 } }, false],
  [{ a: { $lt: 3 } }, { a: { $gt: 1 } }, false],
  [{ a: { $in: [5, 6] } }, { a: { $gt: 3 } }, true],
  [{ a: { $in: [5, 1] } }, { a: { $gt: 3 } }, false],
  [{ a: { $in: [1, 2] } }, { a: { $in: [1, 2, 3] } }, true],
  [{ a: { $in: [5, new BSONRegExp('x')] } }, { a: { $gt: 3 } }, false],
  [{ a: 1 }, { a: { $exists: true } }, true],
  [{ a: null }, { a: { $exists: true } }, false],
  [{ a: { $gt: 1 } }, { a: { $exists: true } }, true],
  [{ a: { $gte: null } }, { a: { $exists: true } }, false],
  [{ a: { $exists: false } }, { a: { $exists: true } }, false],
  [{ a: new BSONRegExp('x') }, { a: { $exists: true } }, true],
  [{ a: int(1) }, { a: { $type: 'int' } }, false],
  [{ a: int(1) }, { a: { $type: 'number' } }, true],
  [{ a: new Date(5) }, { a: { $type: 'date' } }, true],
  [{ a: { $type: 'string' } }, { a: { $type: 'string' } }, true],
  [{ $or: [{ a: 1 }, { a: 2 }] }, { a: { $gt: 0 } }, false],
  [{ a: 1 }, { $or: [{ a: 1 }] }, false],
  [{ a: long(5) }, { a: double(5) }, true],
])('%j implies %j: %s', (filter, partial, result) => {
  expect(implies(filter, partial)).toBe(result);
});

test('what implies is believed of holds on random documents', () => {
  const value = fc.constantFrom<unknown>(null, 0, 1, 2, 3, double(1), double(2.5), 'a', 'b', true);
  const condition = fc.oneof(
    value.map((v): unknown => v),
    fc.tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte', '$eq'), value).map(([op, v]): unknown => ({ [op]: v })),
    fc.array(value, { minLength: 1, maxLength: 3 }).map((list): unknown => ({ $in: list })),
    fc.boolean().map((there): unknown => ({ $exists: there })),
    fc.constantFrom('int', 'number', 'string', 'bool').map((type): unknown => ({ $type: type })),
  );
  const field = fc.oneof(value, fc.array(value, { maxLength: 3 }));
  const filter = fc.record({ a: condition, b: condition }, { requiredKeys: [] });
  const doc = fc.record({ a: field, b: field }, { requiredKeys: [] });
  let believed = 0;
  fc.assert(
    fc.property(filter, filter, fc.array(doc, { minLength: 10, maxLength: 10 }), (given, partial, docs) => {
      if (!implies(given, partial)) return;
      believed += 1;
      const [strict, wide] = [compileFilter(given), compileFilter(partial)];
      for (const one of docs) if (strict.matches(one)) expect(wide.matches(one)).toBe(true);
    }),
    { numRuns: 5000 },
  );
  expect(believed).toBeGreaterThan(100);
});
