import { Timestamp } from 'bson';
import { NOW, refusals, table } from './update-tables';
import { decimal, double, int, long } from './values';

describe('$set and $unset', () => {
  table([
    [{ $set: { a: 1 } }, {}, { a: 1 }],
    [{ $set: { a: int(1) } }, { a: int(1) }, null],
    [{ $set: { a: double(1) } }, { a: int(1) }, { a: double(1) }],
    [{ $set: { a: { c: 2, b: 1 } } }, { a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }],
    [{ $set: { a: { b: 1, c: 2 } } }, { a: { b: 1, c: 2 } }, null],
    [{ $set: { a: [1, 2] } }, { a: [2, 1] }, { a: [1, 2] }],
    [{ $set: { 'a.b.c': 1 } }, {}, { a: { b: { c: 1 } } }],
    [{ $set: { 'a.b': 1 } }, { a: { c: 2 } }, { a: { c: 2, b: 1 } }],
    [{ $set: { 'a.0': 9 } }, { a: [1, 2] }, { a: [9, 2] }],
    [{ $set: { 'a.3': 9 } }, { a: [1] }, { a: [1, null, null, 9] }],
    [{ $set: { 'a.0': 9 } }, {}, { a: { 0: 9 } }],
    [{ $set: { 'a.0.b': 9 } }, { a: [] }, { a: [{ b: 9 }] }],
    [{ $set: { 'a.1.b': 9 } }, { a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }, { b: 9 }] }],
    [{ $set: { z: 1, b: 2, a: 3 } }, { m: 0 }, { m: 0, a: 3, b: 2, z: 1 }],
    [{ $set: { 'q.z': 1, 'q.a': 2 } }, {}, { q: { a: 2, z: 1 } }],
    [{ $set: { 'a.$x': 1 } }, {}, { a: { $x: 1 } }],
    [{ $set: { a: { 'x.y': 1, $z: 2 } } }, {}, { a: { 'x.y': 1, $z: 2 } }],
    [{ $set: { a: null } }, { a: null }, null],
    [{ $set: { a: double(-0) } }, { a: double(0) }, { a: double(-0) }],
    [{ $set: { a: decimal('1.0') } }, { a: decimal('1.00') }, { a: decimal('1.0') }],
    [{ $set: { constructor: 1 } }, {}, { constructor: 1 }],
    [{ $set: {} }, { a: 1 }, null],
    [{ $unset: { a: '' } }, { a: 1, b: 2 }, { b: 2 }],
    [{ $unset: { a: '' } }, { b: 2 }, null],
    [{ $unset: { 'a.b': '' } }, { a: { b: 1, c: 2 } }, { a: { c: 2 } }],
    [{ $unset: { 'a.b': '' } }, { a: 1 }, null],
    [{ $unset: { 'a.b': '' } }, { a: [{ b: 1 }] }, null],
    [{ $unset: { 'a.0': '' } }, { a: [1, 2] }, { a: [null, 2] }],
    [{ $unset: { 'a.5': '' } }, { a: [1] }, null],
    [{ $setOnInsert: { a: 1, 'b.c': 2 } }, { b: 1 }, null],
    [{ $setOnInsert: { a: 1 } }, { a: 5 }, null],
  ]);

  refusals([
    [{ $set: { 'a.b': 1 } }, { a: 5 }, 28, /^Cannot create field 'b' in element \{a: 5\}$/],
    [{ $set: { 'a.b': 1 } }, { a: null }, 28, /Cannot create field 'b' in element \{a: null\}/],
    [{ $set: { 'a.b': 1 } }, { a: 'x' }, 28, /Cannot create field 'b' in element \{a: "x"\}/],
    [{ $set: { 'a.b': 1 } }, { a: [] }, 28, /Cannot create field 'b' in element \{a: \[\]\}/],
    [{ $set: { 'a.b': 1 } }, { a: [{ b: 1 }] }, 28, /Cannot create field 'b' in element \{a: \[ \{ b: 1 \} \]\}/],
    [{ $set: { 'a.0.b': 1 } }, { a: [5] }, 28, /Cannot create field 'b' in element \{0: 5\}/],
    [{ $set: { 'a.1500001': 1 } }, { a: [] }, 155, /backfill/],
    [{ $set: { '': 1 } }, {}, 56, /^An empty update path is not valid\.$/],
    [{ $set: { 'a..b': 1 } }, {}, 56, /contains an empty field name/],
    [{ $set: { 'a.': 1 } }, {}, 56, /contains an empty field name/],
    [{ $set: { $a: 1 } }, {}, 52, /dollar \(\$\) prefixed field '\$a'/],
    [{ $set: 1 }, {}, 9, /Modifiers operate on fields but we found type int instead/],
    [{ $foo: { a: 1 } }, {}, 9, /^Unknown modifier: \$foo\./],
    [{ $set: { a: 1 }, b: 1 }, {}, 9, /^Unknown modifier: b\./],
  ]);
});

describe('arithmetic', () => {
  table([
    [{ $inc: { a: 1 } }, {}, { a: 1 }],
    [{ $inc: { a: int(2) } }, { a: int(1) }, { a: int(3) }],
    [{ $inc: { a: int(0) } }, { a: int(1) }, null],
    [{ $inc: { a: long(0) } }, { a: int(1) }, { a: long(1) }],
    [{ $inc: { a: double(1) } }, { a: int(1) }, { a: double(2) }],
    [{ $inc: { a: int(1) } }, { a: double(0.5) }, { a: double(1.5) }],
    [{ $inc: { a: int(1) } }, { a: long(1) }, { a: long(2) }],
    [{ $inc: { a: int(1) } }, { a: int(2147483647) }, { a: long(2147483648) }],
    [{ $inc: { a: int(-1) } }, { a: int(-2147483648) }, { a: long(-2147483649) }],
    [{ $inc: { a: double(1) } }, { a: long(2n ** 53n) }, { a: double(2 ** 53) }],
    [{ $inc: { a: int(1) } }, { a: decimal('0.1') }, { a: decimal('1.1') }],
    [{ $inc: { a: decimal('0.1') } }, { a: int(1) }, { a: decimal('1.1') }],
    [{ $inc: { a: double(0.1) } }, { a: decimal('0.2') }, { a: decimal('0.300000000000000') }],
    [{ $inc: { a: double(0) } }, { a: decimal('1.0') }, null],
    [{ $inc: { a: decimal('1E-40') } }, { a: decimal('1') }, null],
    [{ $inc: { a: decimal('1E-40') } }, { a: int(1) }, { a: decimal('1.000000000000000000000000000000000') }],
    [{ $inc: { a: decimal('NaN') } }, { a: int(1) }, { a: decimal('NaN') }],
    [{ $inc: { a: decimal('1E+6144') } }, { a: decimal('9E+6144') }, { a: decimal('Infinity') }],
    [{ $inc: { 'a.b': 1 } }, { a: { b: 1 } }, { a: { b: 2 } }],
    [{ $inc: { 'a.1': 5 } }, { a: [1, 2] }, { a: [1, 7] }],
    [{ $mul: { a: int(3) } }, { a: int(2) }, { a: int(6) }],
    [{ $mul: { a: int(3) } }, {}, { a: int(0) }],
    [{ $mul: { a: double(3) } }, {}, { a: double(0) }],
    [{ $mul: { a: long(3) } }, {}, { a: long(0) }],
    [{ $mul: { a: int(65536) } }, { a: int(65536) }, { a: long(4294967296) }],
    [{ $mul: { a: decimal('0.5') } }, { a: decimal('3') }, { a: decimal('1.5') }],
    [{ $mul: { a: double(0.5) } }, { a: int(3) }, { a: double(1.5) }],
    [{ $mul: { a: double(1) } }, { a: decimal('1.0') }, null],
    [{ $mul: { a: double(1) } }, { a: double(-0) }, null],
    [{ $mul: { a: int(1) } }, { a: double(Number.NaN) }, { a: double(Number.NaN) }],
    [{ $mul: { a: double(Number.NaN) } }, {}, { a: double(Number.NaN) }],
    [{ $min: { a: 5 } }, { a: 9 }, { a: 5 }],
    [{ $min: { a: 5 } }, { a: 3 }, null],
    [{ $min: { a: 5 } }, {}, { a: 5 }],
    [{ $min: { a: 5 } }, { a: 'x' }, { a: 5 }],
    [{ $max: { a: 5 } }, { a: 'x' }, null],
    [{ $max: { a: double(5) } }, { a: int(5) }, null],
    [{ $max: { a: decimal('10') } }, { a: decimal('9') }, { a: decimal('10') }],
    [{ $max: { a: new Date(9) } }, { a: 5 }, { a: new Date(9) }],
    [{ $max: { a: null } }, {}, { a: null }],
    [{ $bit: { a: { and: int(6) } } }, { a: int(3) }, { a: int(2) }],
    [{ $bit: { a: { or: int(4), xor: int(1) } } }, { a: int(1) }, { a: int(4) }],
    [{ $bit: { a: { or: long(1) } } }, { a: int(2) }, { a: long(3) }],
    [{ $bit: { a: { or: int(5) } } }, {}, { a: int(5) }],
    [{ $bit: { a: { and: int(1) } } }, { a: int(1) }, null],
  ]);

  refusals([
    [{ $inc: { a: 'x' } }, {}, 14, /^Cannot increment with non-numeric argument: \{a: "x"\}$/],
    [{ $inc: { a: null } }, {}, 14, /^Cannot increment/],
    [{ $mul: { a: [] } }, {}, 14, /^Cannot multiply with non-numeric argument: \{a: \[\]\}$/],
    [
      { $inc: { 'b.a': 1 } },
      { _id: 7, b: { a: 'x' } },
      14,
      /^Cannot apply \$inc to a value of non-numeric type\. \{_id: 7\} has the field 'a' of non-numeric type string$/,
    ],
    [{ $inc: { a: 1 } }, { a: null }, 14, /non-numeric type null/],
    [{ $inc: { a: 1 } }, { a: true }, 14, /non-numeric type bool/],
    [
      { $inc: { a: int(1) } },
      { _id: 1, a: long(2n ** 63n - 1n) },
      2,
      /^Failed to apply \$inc operations to current value/,
    ],
    [{ $inc: { 'a.b': 1 } }, { a: 1 }, 28, /Cannot create field/],
    [{ $bit: { a: { and: 1 } } }, { a: 'x' }, 2, /non-integral type/],
    [{ $bit: { a: { and: double(1.5) } } }, {}, 2, /must be an Integer/],
    [{ $bit: { a: { foo: 1 } } }, {}, 2, /only supports 'and', 'or', and 'xor'/],
    [{ $bit: { a: {} } }, {}, 2, /at least one bitwise operation/],
    [{ $bit: { a: 1 } }, {}, 2, /is not compatible with a int/],
  ]);
});

describe('$currentDate and $rename', () => {
  table([
    [{ $currentDate: { a: true } }, {}, { a: NOW }],
    [{ $currentDate: { a: { $type: 'date' } } }, { a: 1 }, { a: NOW }],
    [{ $currentDate: { a: { $type: 'timestamp' } } }, {}, { a: new Timestamp({ t: 1706933106, i: 1 }) }],
    [{ $rename: { a: 'b' } }, { a: 1 }, { b: 1 }],
    [{ $rename: { a: 'b' } }, { a: 1, b: 2, c: 3 }, { b: 1, c: 3 }],
    [{ $rename: { a: 'b' } }, { c: 1 }, null],
    [{ $rename: { 'a.b': 'c.d' } }, { a: { b: 1 } }, { a: {}, c: { d: 1 } }],
    [{ $rename: { a: 'b.c' }, $set: { d: 1 } }, { a: 1 }, { b: { c: 1 }, d: 1 }],
  ]);

  refusals([
    [{ $currentDate: { a: 1 } }, {}, 2, /int is not valid type for \$currentDate/],
    [{ $currentDate: { a: { $type: 'x' } } }, {}, 2, /is required to be 'date' or 'timestamp'/],
    [{ $currentDate: { a: { b: 1 } } }, {}, 2, /Unrecognized \$currentDate option: b/],
    [{ $rename: { a: 1 } }, {}, 2, /must be a string: a: 1/],
    [{ $rename: { a: 'a' } }, {}, 2, /must differ/],
    [{ $rename: { a: 'a.b' } }, {}, 2, /must not be on the same path/],
    [{ $rename: { 'a.$': 'b' } }, {}, 2, /source field for \$rename may not be dynamic/],
    [{ $rename: { a: 'b.$[]' } }, {}, 2, /destination field for \$rename may not be dynamic/],
    [
      { $rename: { 'a.0': 'b' } },
      { _id: 1, a: [1] },
      2,
      /source field cannot be an array element, 'a\.0' in doc with _id: 1/,
    ],
    [{ $rename: { b: 'a.0' } }, { a: [1], b: 2 }, 2, /destination field cannot be an array element/],
    [
      { $rename: { 'a.b': 'c' } },
      { a: 1 },
      28,
      /^Cannot use the part \(b\) of \(a\.b\) to traverse the element \(\{a: 1\}\)$/,
    ],
    [{ $rename: { _id: 'b' } }, { _id: 1 }, 66, /immutable field '_id'/],
  ]);
});

describe('conflicts', () => {
  refusals([
    [{ $set: { a: 1 }, $inc: { a: 1 } }, {}, 40, /^Updating the path 'a' would create a conflict at 'a'$/],
    [{ $set: { a: 1, 'a.b': 2 } }, {}, 40, /^Updating the path 'a\.b' would create a conflict at 'a'$/],
    [{ $set: { 'a.b': 1 }, $unset: { a: '' } }, {}, 40, /^Updating the path 'a' would create a conflict at 'a'$/],
    [{ $set: { b: 1 }, $rename: { a: 'b' } }, {}, 40, /conflict at 'b'/],
    [{ $rename: { a: 'b', b: 'c' } }, {}, 40, /conflict at 'b'/],
    [{ $push: { a: 1 }, $pull: { a: 2 } }, {}, 40, /conflict at 'a'/],
    [{ $setOnInsert: { a: 1 }, $set: { a: 2 } }, {}, 40, /conflict at 'a'/],
  ]);
});
