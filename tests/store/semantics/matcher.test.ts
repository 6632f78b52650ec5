import { Binary, BSONRegExp, BSONSymbol, DBRef, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { compileFilter, type Doc } from '../../../src/store/embedded/semantics';
import { decimal, double, int, long } from './values';

const NAN = double(Number.NaN);
const OID = new ObjectId('5f0000000000000000000001');
const regex = (pattern: string, options = '') => new BSONRegExp(pattern, options);
const bin = (bytes: number[], subtype = 0) => new Binary(Buffer.from(bytes), subtype);

/** Filter, values of field `a` that match, values that don't; `MISSING` stands for a document without the field. */
const MISSING = Symbol('no field');
type Row = [filter: Doc, matching: unknown[], others: unknown[]];
const docOf = (value: unknown): Doc => (value === MISSING ? { x: 1 } : { a: value });

function table(rows: Row[]): void {
  test.each(rows)('%j', (filter, matching, others) => {
    const compiled = compileFilter(filter);
    for (const value of matching) expect([value, compiled.matches(docOf(value))]).toEqual([value, true]);
    for (const value of others) expect([value, compiled.matches(docOf(value))]).toEqual([value, false]);
  });
}

describe('equality', () => {
  table([
    [{ a: 1 }, [1, double(1), long(1), decimal('1.00'), [1], [2, 1]], [2, '1', true, null, MISSING, [[1]], { b: 1 }]],
    [{ a: 0 }, [0, double(-0), decimal('-0'), decimal('0E+3')], [false, null, '']],
    [{ a: decimal('10') }, [10, long(10), decimal('1E+1')], [decimal('9'), '10']],
    [{ a: decimal('0.1') }, [decimal('0.10')], [double(0.1)]],
    [{ a: long(2n ** 53n + 1n) }, [decimal('9007199254740993')], [double(2 ** 53), long(2n ** 53n)]],
    [{ a: NAN }, [NAN, decimal('NaN'), [NAN]], [0, null, MISSING, double(Number.POSITIVE_INFINITY)]],
    [{ a: 'x' }, ['x', new BSONSymbol('x'), ['x']], ['X', '', regex('x')]],
    [{ a: null }, [null, undefined, MISSING, [null], [1, null]], [0, '', false, [], [[]], {}]],
    [{ a: true }, [true, [true]], [1, 'true', false]],
    [{ a: new Date(5) }, [new Date(5)], [new Date(6), 5, new Timestamp({ t: 5, i: 0 })]],
    [{ a: OID }, [new ObjectId(OID.toHexString())], [OID.toHexString()]],
    [{ a: bin([1, 2]) }, [bin([1, 2])], [bin([1, 2], 4), bin([1, 3]), bin([0xc3, 0x28])]],
    [{ a: bin([0xff]) }, [bin([0xff])], [bin([0xfe]), bin([0xef, 0xbf, 0xbd])]],
    [
      { a: { b: 1, c: 2 } },
      [{ b: double(1), c: 2 }, [{ b: 1, c: 2 }]],
      [{ c: 2, b: 1 }, { b: 1 }, { b: 1, c: 2, d: 3 }],
    ],
    [{ a: {} }, [{}, [{}]], [{ b: 1 }, [], null]],
    [{ a: [] }, [[], [[]]], [[1], null, MISSING, {}]],
    [
      { a: [1, 2] },
      [
        [1, 2],
        [[1, 2], 3],
        [double(1), 2],
      ],
      [[2, 1], [1], [1, 2, 3], 1],
    ],
    [{ a: new MinKey() }, [new MinKey()], [null, MISSING]],
    [{ a: new DBRef('c', OID) }, [new DBRef('c', OID), { $ref: 'c', $id: OID }], [new DBRef('d', OID), OID]],
    [{ a: { $eq: null } }, [null, MISSING], [0]],
    [{ a: { $eq: regex('x') } }, [regex('x')], ['x', regex('x', 'i')]],
    [{ a: { $eq: { $gt: 1 } } }, [{ $gt: 1 }], [2]],
    [{ a: { $ne: 1 } }, [2, null, MISSING, '1', [2]], [1, double(1), [1, 2]]],
    [{ a: { $ne: null } }, [1, [], {}, false], [null, MISSING, [null]]],
  ]);
});

describe('order stays within the type of the argument', () => {
  table([
    [
      { a: { $gt: 1 } },
      [2, double(1.5), decimal('1.1'), [0, 2]],
      [1, 'x', null, new Date(5), MISSING, [], { b: 5 }, NAN],
    ],
    [{ a: { $gte: 1 } }, [1, long(1), decimal('1')], [double(0.5), '2', NAN]],
    [
      { a: { $lt: 10 } },
      [9, decimal('9'), long(-5), double(Number.NEGATIVE_INFINITY)],
      [10, decimal('10'), null, NAN, '1'],
    ],
    [{ a: { $gt: decimal('9') } }, [decimal('10'), 10], [decimal('5')]],
    [{ a: { $gt: long(9) } }, [long(10)], [long(8)]],
    [{ a: { $lte: NAN } }, [NAN, decimal('NaN')], [0, null]],
    [{ a: { $gte: NAN } }, [NAN], [0, 5]],
    [{ a: { $lt: NAN } }, [], [NAN, 0]],
    [{ a: { $gte: null } }, [null, MISSING, [null]], [0, 'x', []]],
    [{ a: { $gt: null } }, [], [null, MISSING, 0]],
    [{ a: { $lte: null } }, [null, MISSING], [0]],
    [{ a: { $gt: 'b' } }, ['c', '\u{1f600}'], ['a', 'B', 5]],
    [{ a: { $gt: '\uffff' } }, ['\u{10000}'], ['a']],
    [{ a: { $gte: true } }, [true], [false, 1]],
    [{ a: { $gt: new Date(5) } }, [new Date(6)], [new Date(5), 6, new Timestamp({ t: 9, i: 9 })]],
    [{ a: { $gt: { b: 1 } } }, [{ b: 2 }, { b: 1, c: 1 }, { c: 1 }], [{ b: 1 }, 5]],
    [{ a: { $gt: [1] } }, [[2], [1, 0], [[2]]], [[1], 5, [0, 9]]],
    [{ a: { $lt: [2] } }, [[1, 5], []], [[2], 1]],
    [{ a: { $gt: new MinKey() } }, [1, null, 'x', MISSING, new MaxKey()], [new MinKey()]],
    [{ a: { $lt: new MaxKey() } }, [1, MISSING, new MinKey()], [new MaxKey()]],
    [{ a: { $gte: new MaxKey() } }, [new MaxKey()], [1]],
    [{ a: { $gt: 0, $lt: 2 } }, [1, [-1, 5]], [0, 2, [5]]],
    [{ a: { $not: { $gt: 1 } } }, [1, 'x', null, MISSING, []], [2, [0, 2]]],
    [{ a: { $not: { $gt: 1, $lt: 5 } } }, [1, 5, MISSING], [2]],
  ]);
});

describe('lists', () => {
  const many = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  table([
    [{ a: { $in: [1, 'x'] } }, [1, double(1), 'x', [5, 'x']], [2, null, MISSING, ['y']]],
    [{ a: { $in: [null] } }, [null, MISSING, [null]], [0, []]],
    [{ a: { $in: [] } }, [], [1, null, MISSING, []]],
    [{ a: { $in: [regex('^b'), 1] } }, ['bc', 1, ['x', 'b'], regex('^b')], ['cb', 2]],
    [{ a: { $in: [[1, 2]] } }, [[1, 2], [[1, 2]]], [1, [2, 1]]],
    [{ a: { $in: many } }, [1, double(10), decimal('3.0'), [99, 5]], [11, '1', null, MISSING]],
    [{ a: { $in: [...many, null] } }, [MISSING, null, undefined, 3], ['x', 0]],
    [{ a: { $in: [...many, [1], regex('z')] } }, [[1], 'xyz', [[1]]], ['x', 11]],
    [{ a: { $nin: [1, 2] } }, [3, null, MISSING, 'x', []], [1, [1], [3, 2]]],
    [{ a: { $nin: [null] } }, [1, []], [null, MISSING]],
    [
      { a: { $all: [1, 2] } },
      [
        [1, 2],
        [2, 3, 1],
      ],
      [[1], 1, null, []],
    ],
    [{ a: { $all: [1] } }, [1, [1], [2, 1]], [[2], [[1]]]],
    [{ a: { $all: [[1, 2]] } }, [[1, 2], [[1, 2]]], [[2, 1]]],
    [{ a: { $all: [] } }, [], [[], 1, MISSING]],
    [{ a: { $all: [null] } }, [null, MISSING, [null]], [1]],
    [{ a: { $all: [regex('^x'), 'y'] } }, [['xa', 'y']], [['xa'], ['y'], 'y']],
    [
      { a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } },
      [[{ b: 1 }, { b: 2 }]],
      [[{ b: 1 }], { b: 1 }],
    ],
    [
      { a: { $size: 2 } },
      [
        [1, 2],
        [[], []],
      ],
      [[1], 2, MISSING, [[1, 2]]],
    ],
    [{ a: { $size: 0 } }, [[]], [MISSING, null, [[]]]],
    [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, [[2], [0, 2]], [[0, 5], 2, [], MISSING]],
    [{ a: { $elemMatch: { b: 1, c: 2 } } }, [[{ b: 1, c: 2 }]], [[{ b: 1 }, { c: 2 }], { b: 1, c: 2 }]],
    [{ a: { $elemMatch: { b: null } } }, [[{}], [{ b: null }], [[]]], [[{ b: 1 }], [1], []]],
    [{ a: { $elemMatch: {} } }, [[{}], [[]]], [[1], [], MISSING]],
    [{ a: { $elemMatch: { $elemMatch: { $gt: 1 } } } }, [[[2]], [[0, 2]]], [[2], [[1]]]],
    [{ a: { $elemMatch: { 0: 1 } } }, [[[1]], [{ 0: 1 }]], [[1]]],
    [{ a: { $elemMatch: { $in: [1, regex('^x')] } } }, [[1], ['xy']], [['y'], 1]],
    [{ a: { $elemMatch: { $not: { $gt: 1 } } } }, [[1], ['x']], [[2], []]],
    [{ a: { $elemMatch: { $or: [{ b: 1 }, { c: 2 }] } } }, [[{ c: 2 }]], [[{ b: 2 }], [1]]],
    [{ a: { $elemMatch: { b: { $exists: false } } } }, [[{ c: 1 }]], [[{ b: 1 }], [1]]],
    [{ a: { $elemMatch: { $ne: 1 } } }, [[2], [1, 2]], [[1], []]],
  ]);
});

describe('paths', () => {
  table([
    [
      { 'a.b': 1 },
      [{ b: 1 }, { b: [1] }, [{ b: 1 }], [{ b: 2 }, { b: 1 }], [5, { b: 1 }]],
      [1, [1], [[{ b: 1 }]], { b: 2 }],
    ],
    [{ 'a.b': null }, [{}, 1, null, MISSING, [{}], [{ b: 1 }, {}], { b: null }], [[], [1], [[]], { b: 1 }, [{ b: 1 }]]],
    [{ 'a.b': { $exists: false } }, [1, MISSING, [1], [], [{ c: 1 }]], [{ b: null }, [{ b: 1 }, {}]]],
    [{ 'a.b': { $exists: true } }, [{ b: null }, [{}, { b: 1 }]], [1, [], {}, MISSING]],
    [{ 'a.b': { $ne: 1 } }, [{ b: 2 }, 1, [], [1]], [{ b: 1 }, [{ b: 2 }, { b: 1 }]]],
    [{ 'a.b': { $ne: null } }, [{ b: 1 }, [], [1], [{ b: 1 }]], [{}, 1, [{ b: 1 }, {}]]],
    [{ 'a.b': { $nin: [null, 1] } }, [{ b: 2 }, []], [{}, [{ b: 1 }], MISSING]],
    [{ 'a.0': 1 }, [[1, 2], { 0: 1 }, [{ 0: 1 }], [[5], { 0: 1 }]], [[2, 1], 1, [[1]], { '00': 1 }]],
    [{ 'a.00': 1 }, [{ '00': 1 }], [[1]]],
    [{ 'a.1.b': 2 }, [[0, { b: 2 }], { 1: { b: 2 } }, [[], [{ b: 2 }]], [{ 1: { b: 2 } }]], [[{ b: 2 }, 0]]],
    [{ 'a.0.b': null }, [[{}], { 0: 1 }, [{ b: 1, 0: {} }]], [[], [1], [{ b: 1 }].slice(1)]],
    [{ 'a.0': [1, 2] }, [[[1, 2]]], [[1, 2]]],
    [{ 'a.0.0': 1 }, [[[1]], { 0: [1] }], [[1], [[2]]]],
    [{ 'a.b.c': 1 }, [{ b: { c: 1 } }, [{ b: [{ c: 1 }] }], { b: [{ c: [1] }] }], [{ b: 1 }, { b: { c: 2 } }]],
    [{ 'a.b': { $size: 1 } }, [{ b: [1] }, [{ b: [1] }]], [{ b: 1 }, [{ b: 1 }]]],
    [{ 'a.b': { $elemMatch: { $gt: 1 } } }, [{ b: [2] }, [{ b: [0] }, { b: [2] }]], [{ b: 2 }, [{ b: 2 }]]],
    [{ 'a.b': 1, 'a.c': 2 }, [[{ b: 1 }, { c: 2 }], { b: 1, c: 2 }], [[{ b: 1 }]]],
    [{ 'a.constructor': { $exists: true } }, [{ constructor: 1 }], [{}, 'x', [1]]],
  ]);
});

describe('existence and type', () => {
  table([
    [{ a: { $exists: true } }, [null, 0, [], undefined], [MISSING]],
    [{ a: { $exists: false } }, [MISSING], [null, undefined]],
    [{ a: { $exists: 0 } }, [MISSING], [1]],
    [{ a: { $exists: decimal('0') } }, [MISSING], [1]],
    [{ a: { $exists: 'no' } }, [1], [MISSING]],
    [{ a: { $type: 'number' } }, [1, double(1), long(1), decimal('1'), [1]], ['1', null, MISSING, []]],
    [{ a: { $type: 'int' } }, [1], [double(1), long(1), decimal('1')]],
    [{ a: { $type: 1 } }, [double(1), NAN, 1.5], [1, long(1)]],
    [{ a: { $type: double(16) } }, [1], [double(1)]],
    [{ a: { $type: 'decimal' } }, [decimal('1')], [1]],
    [{ a: { $type: 18 } }, [long(1)], [1, new Timestamp({ t: 1, i: 1 })]],
    [{ a: { $type: 'timestamp' } }, [new Timestamp({ t: 1, i: 1 })], [long(1), new Date()]],
    [{ a: { $type: 'string' } }, ['', ['x', 1]], [1, new BSONSymbol('x')]],
    [{ a: { $type: 'object' } }, [{}, [{}], new DBRef('c', OID)], [[], null]],
    [{ a: { $type: 'array' } }, [[], [1], [[]]], [{}, 1]],
    [{ a: { $type: 'objectId' } }, [OID, [OID]], ['x']],
    [{ a: { $type: 'binData' } }, [bin([1])], ['x']],
    [{ a: { $type: 'bool' } }, [false], [0]],
    [{ a: { $type: 'date' } }, [new Date()], [1]],
    [{ a: { $type: 'null' } }, [null, [null]], [MISSING, undefined, 0]],
    [{ a: { $type: 'undefined' } }, [undefined], [MISSING, null]],
    [{ a: { $type: 'regex' } }, [regex('x')], ['x']],
    [{ a: { $type: ['string', 10] } }, ['x', null], [1]],
    [{ a: { $type: -1 } }, [new MinKey()], [new MaxKey()]],
    [{ a: { $type: 127 } }, [new MaxKey()], [new MinKey()]],
    [{ a: { $not: { $type: 'string' } } }, [1, MISSING, []], ['x', ['x']]],
  ]);
});

describe('regular expressions', () => {
  table([
    [{ a: regex('^ab') }, ['abc', ['x', 'ab'], regex('^ab'), new BSONSymbol('abc')], ['cab', 1, null, MISSING, ['x']]],
    [{ a: regex('AB', 'i') }, ['xaby'], ['ac', regex('AB')]],
    [{ a: { $regex: 'a.c', $options: 's' } }, ['a\nc', 'abc'], ['ac']],
    [{ a: { $regex: 'a.c' } }, ['abc', 'a\rc', 'a\u2028c', 'a\u{1f600}c'], ['a\nc']],
    [{ a: { $regex: '^b', $options: 'm' } }, ['a\nb', 'b'], ['ab', 'a\rb']],
    [{ a: { $regex: 'a$' } }, ['ba', 'a\n'], ['ab', 'a\nb', 'a\n\n']],
    [{ a: { $regex: 'a$', $options: 'm' } }, ['a\nb'], ['a\rb']],
    [{ a: { $regex: 'a b # c', $options: 'x' } }, ['ab'], ['a b']],
    [{ a: { $options: 'i', $regex: 'X' } }, ['x'], ['y']],
    [{ a: { $regex: regex('x', 'i') } }, ['X'], ['y']],
    [{ a: { $regex: '\\Aab\\z' } }, ['ab'], ['ab\n', 'xab']],
    [{ a: { $regex: 'ab\\Z' } }, ['ab', 'ab\n'], ['abc']],
    [{ a: { $regex: '(?i)AB' } }, ['ab'], ['ac']],
    [{ a: { $regex: '[[:digit:]]+x' } }, ['12x'], ['x', ':x']],
    [{ a: { $regex: '\\-\\@\\#' } }, ['-@#'], ['-@']],
    [{ a: { $regex: '[\\w-]+@' } }, ['a-b@'], ['@']],
    [{ a: { $regex: '[]x]' } }, [']', 'x'], ['[']],
    [{ a: { $regex: 'a{,2}' } }, ['a{,2}'], ['aa']],
    [{ a: { $regex: '{a}' } }, ['{a}'], ['a']],
    [{ a: { $regex: '(?P<n>a)\\k{n}' } }, ['aa'], ['a']],
    [{ a: { $regex: '\\Qa.b\\E' } }, ['a.b'], ['axb']],
    [{ a: { $regex: '\\x{1F600}|\\x41' } }, ['\u{1f600}', 'A'], ['x']],
    [{ a: { $regex: '^.$' } }, ['\u{1f600}', 'é'], ['ab']],
    [{ a: { $regex: '\\h\\R' } }, ['\t\r\n', ' \n'], ['\n']],
    [{ a: { $regex: '(?#comment)a(?=b)(?!bc)' } }, ['ab'], ['abc', 'a']],
    [{ a: { $regex: '' } }, ['', 'x'], [1, MISSING]],
    [{ a: { $not: regex('x') } }, ['y', 1, MISSING], ['x', ['y', 'x']]],
    [{ a: { $not: { $regex: 'x', $options: 'i' } } }, ['y'], ['X']],
  ]);
});

describe('arithmetic and bits', () => {
  table([
    [
      { a: { $mod: [2, 1] } },
      [1, double(3.7), decimal('3.7'), long(5), [2, 3]],
      [2, 'x', NAN, null, MISSING, double(1e300)],
    ],
    [{ a: { $mod: [3, -1] } }, [-1, -4], [1, 2]],
    [{ a: { $mod: [double(2.9), 0] } }, [2, 4], [3]],
    [{ a: { $bitsAllSet: 5 } }, [5, 7, long(13), double(5), decimal('5'), -1, [5]], [4, double(5.5), 'x', MISSING]],
    [{ a: { $bitsAllSet: [0, 2] } }, [5, bin([5])], [1, bin([1]), bin([])]],
    [{ a: { $bitsAnySet: 6 } }, [2, 4], [1, 0]],
    [{ a: { $bitsAllClear: 6 } }, [1, 8, 0], [2, -1]],
    [{ a: { $bitsAnyClear: [63] } }, [1, bin([1])], [-1]],
    [{ a: { $bitsAllSet: [200] } }, [-1], [1, bin([255])]],
    [{ a: { $bitsAllSet: [] } }, [0, 1, bin([])], ['x']],
    [{ a: { $bitsAnySet: [] } }, [], [0, 1]],
    [{ a: { $bitsAllSet: bin([0, 1]) } }, [256, bin([0, 1])], [1, bin([0])]],
  ]);
});

describe('logic', () => {
  table([
    [{}, [1, MISSING], []],
    [{ $and: [{ a: { $gt: 1 } }, { a: { $lt: 5 } }] }, [2, [0, 9]], [1, 5]],
    [{ $or: [{ a: 1 }, { x: 1 }] }, [1, MISSING], [2]],
    [{ $nor: [{ a: 1 }, { a: 'x' }] }, [2, MISSING], [1, 'x', [1]]],
    [{ $comment: 'why', a: 1 }, [1], [2]],
    [{ a: { $not: { $not: { $gt: 1 } } } }, [2], [1]],
    [{ $and: [{ $or: [{ a: 1 }, { a: 2 }] }, { a: { $ne: 2 } }] }, [1], [2, 3]],
  ]);

  test('$expr goes to whoever evaluates expressions', () => {
    const filter = compileFilter({ $expr: { $gt: ['$a', 1] }, x: 1 }, { expr: () => (doc) => int(Number(doc['a'])) });
    expect(filter.matches({ a: 1, x: 1 })).toBe(true);
    expect(filter.matches({ a: 0, x: 1 })).toBe(false);
  });
});
