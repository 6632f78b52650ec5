import { BSONRegExp } from 'bson';
import { compileFilter, type Doc } from '../../../src/store/embedded/semantics';
import { double } from './values';

const regex = (pattern: string, options = '') => new BSONRegExp(pattern, options);

describe('positions for the positional operator', () => {
  test.each<[Doc, Doc, number | undefined]>([
    [{ a: 2 }, { a: [1, 2] }, 1],
    [{ 'a.b': 2 }, { a: [{ b: 1 }, { b: 2 }] }, 1],
    [{ 'a.b': 2 }, { a: [{ b: [5, 2] }] }, 0],
    [{ 'a.b': 2 }, { a: { b: [5, 2] } }, 1],
    [{ a: { $elemMatch: { b: 1, c: 2 } } }, { a: [{ b: 1 }, { b: 1, c: 2 }] }, 1],
    [{ 'a.b': { $elemMatch: { $gt: 1 } } }, { a: [{ b: [0] }, { b: [0, 2] }] }, 1],
    [{ a: { $gt: 1 } }, { a: [0, 5, 9] }, 1],
    [{ x: 1, a: 2 }, { x: 1, a: [2] }, 0],
    [{ a: 1, x: 9 }, { a: [0, 1], x: [7, 8, 9] }, 2],
    [{ $or: [{ a: 7 }, { a: 2 }] }, { a: [1, 2] }, 1],
    [{ 'a.0.b': 1 }, { a: [{ b: 1 }] }, undefined],
    [{ a: { $ne: 5 } }, { a: [1] }, undefined],
    [{ a: 1 }, { a: 1 }, undefined],
    [{ a: 3 }, { a: [1] }, undefined],
    [{ a: [1] }, { a: [1] }, undefined],
    [{ a: { $exists: true } }, { a: [] }, undefined],
  ])('%j on %j', (filter, doc, position) => {
    expect(compileFilter(filter).position(doc)).toBe(position);
  });
});

describe('wrong filters', () => {
  test.each<[Doc, number, RegExp]>([
    [{ $foo: 1 }, 2, /^unknown top level operator: \$foo/],
    [{ $where: 'true' }, 2, /^unknown top level operator: \$where/],
    [{ $text: { $search: 'x' } }, 2, /^unknown top level operator: \$text/],
    [{ $jsonSchema: {} }, 2, /^unknown top level operator: \$jsonSchema/],
    [{ a: { $foo: 1 } }, 2, /^unknown operator: \$foo$/],
    [{ a: { $near: [0, 0] } }, 2, /^unknown operator: \$near$/],
    [{ a: { $gt: 1, b: 2 } }, 2, /^unknown operator: b$/],
    [{ $and: 1 }, 2, /must be an array/],
    [{ $or: [] }, 2, /must be a nonempty array/],
    [{ $nor: [1] }, 2, /entries need to be full objects/],
    [{ a: { $in: 1 } }, 2, /^\$in needs an array$/],
    [{ a: { $nin: 1 } }, 2, /^\$nin needs an array$/],
    [{ a: { $in: [{ $gt: 1 }] } }, 2, /^cannot nest \$ under \$in$/],
    [{ a: { $in: [undefined] } }, 2, /undefined/],
    [{ a: { $ne: regex('x') } }, 2, /^Can't have regex as arg to \$ne\.$/],
    [{ a: { $gt: regex('x') } }, 2, /^Can't have RegEx as arg to predicate over field 'a'\.$/],
    [{ a: { $gt: undefined } }, 2, /^cannot compare to undefined$/],
    [{ a: { $not: 1 } }, 2, /^\$not needs a regex or a document$/],
    [{ a: { $not: {} } }, 2, /^\$not cannot be empty$/],
    [{ a: { $all: 1 } }, 2, /^\$all needs an array$/],
    [{ a: { $all: [{ $gt: 1 }] } }, 2, /^no \$ expressions in \$all$/],
    [{ a: { $all: [{ $elemMatch: { b: 1 } }, 1] } }, 2, /has to be consistent/],
    [{ a: { $elemMatch: 1 } }, 2, /^\$elemMatch needs an Object$/],
    [{ a: { $elemMatch: { b: { $foo: 1 } } } }, 2, /^unknown operator: \$foo$/],
    [{ a: { $elemMatch: { $where: '1' } } }, 2, /\$where/],
    [{ a: { $size: 'x' } }, 2, /Expected a number/],
    [{ a: { $size: -1 } }, 2, /non-negative/],
    [{ a: { $size: double(1.5) } }, 2, /Expected an integer/],
    [{ a: { $type: 'foo' } }, 2, /^Unknown type name alias: foo$/],
    [{ a: { $type: 99 } }, 2, /^Invalid numerical type code: 99$/],
    [{ a: { $type: true } }, 14, /^type must be represented as a number or a string$/],
    [{ a: { $type: [] } }, 9, /^a must match at least one type$/],
    [{ a: { $mod: 1 } }, 2, /needs to be an array/],
    [{ a: { $mod: [1] } }, 2, /not enough elements/],
    [{ a: { $mod: [1, 2, 3] } }, 2, /too many elements/],
    [{ a: { $mod: ['x', 1] } }, 2, /divisor not a number/],
    [{ a: { $mod: [2, 'x'] } }, 2, /remainder not a number/],
    [{ a: { $mod: [0, 1] } }, 2, /^divisor cannot be 0$/],
    [{ a: { $bitsAllSet: 'x' } }, 2, /takes an Array, a number, or a BinData/],
    [{ a: { $bitsAllSet: -1 } }, 9, /non-negative/],
    [{ a: { $bitsAllSet: [-1] } }, 2, /must be >= 0/],
    [{ a: { $bitsAllSet: [double(1.5)] } }, 2, /must be an integer/],
    [{ a: { $regex: 5 } }, 2, /^\$regex has to be a string$/],
    [{ a: { $regex: 'x', $options: 5 } }, 2, /^\$options has to be a string$/],
    [{ a: { $options: 'i' } }, 2, /^\$options needs a \$regex$/],
    [{ a: { $regex: regex('x', 'i'), $options: 'i' } }, 51075, /options set in both/],
    [{ a: { $regex: 'x', $options: 'g' } }, 51108, /invalid flag in regex options: g/],
    [{ a: { $regex: '(' } }, 51091, /^Regular expression is invalid/],
    [{ a: { $regex: 'a\0' } }, 2, /null byte/],
    [{ a: { $regex: 'a++' } }, 51091, /possessive/],
    [{ a: { $regex: 'b(?i)a' } }, 51091, /whole pattern/],
    [{ $expr: 1 }, 2, /\$expr is not allowed/],
  ])('%j', (filter, code, message) => {
    const compile = () => compileFilter(filter);
    expect(compile).toThrow(message);
    expect(compile).toThrow(expect.objectContaining({ code }));
  });
});
