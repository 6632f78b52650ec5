import { Int32 } from 'bson';
import { compareValues, type Doc, MISSING, StoreError } from '../semantics';
import { equalValues } from '../semantics/compare';
import { setField } from '../semantics/path';
import { compileSort } from '../semantics/sort';
import { fieldsOf, isDocument, isNumber, kindOf, plainNumber } from '../semantics/values';
import { toWhole } from '../semantics/whole';
import { typeName } from './arithmetic';
import { between, fixed, isNullish, type Maker, type Makers, named, namedArguments, variadic } from './expression';

/** A number as a 32-bit integer. @throws StoreError with this code and these words otherwise */
export function intOf(value: unknown, code: number, words: string): number {
  const whole = toWhole(value);
  if (typeof whole !== 'bigint' || whole !== BigInt.asIntN(32, whole)) throw new StoreError(code, words);
  return Number(whole);
}

function elementAt(array: unknown, index: unknown): unknown {
  if (isNullish(array) || isNullish(index)) return null;
  if (!Array.isArray(array))
    throw new StoreError(28689, `$arrayElemAt's first argument must be an array, but is ${typeName(array)}`);
  if (!isNumber(kindOf(index)))
    throw new StoreError(28690, `$arrayElemAt's second argument must be a numeric value, but is ${typeName(index)}`);
  const at = intOf(index, 28691, `$arrayElemAt's second argument must be representable as a 32-bit integer`);
  const place = at < 0 ? array.length + at : at;
  return place >= 0 && place < array.length ? array[place] : MISSING;
}

const end = (name: string, at: number): Maker =>
  fixed(name, 1, (array) => {
    if (isNullish(array)) return null;
    if (!Array.isArray(array))
      throw new StoreError(28689, `${name}'s argument must be an array, but is ${typeName(array)}`);
    return array.length === 0 ? MISSING : array.at(at);
  });

function concatenated(arrays: Iterable<unknown>): unknown {
  const all: unknown[][] = [];
  for (const one of arrays) {
    if (isNullish(one)) return null;
    if (!Array.isArray(one)) throw new StoreError(28664, `$concatArrays only supports arrays, not ${typeName(one)}`);
    all.push(one);
  }
  return all.flat(1);
}

function contains(value: unknown, array: unknown): boolean {
  if (!Array.isArray(array)) {
    throw new StoreError(40081, `$in requires an array as a second argument, found: ${typeName(array)}`);
  }
  return value !== MISSING && array.some((one) => equalValues(one, value));
}

function indexOf(array: unknown, wanted: unknown, from: unknown, to: unknown): unknown {
  if (isNullish(array)) return null;
  if (!Array.isArray(array)) {
    throw new StoreError(40090, `$indexOfArray requires an array as a first argument, found: ${typeName(array)}`);
  }
  const [start, stop] = boundsOf('$indexOfArray', from, to, array.length);
  for (let i = start; i < stop; i += 1) if (wanted !== MISSING && equalValues(array[i], wanted)) return new Int32(i);
  return new Int32(-1);
}

/** @throws StoreError 40096 for what is no whole number, 40097 for a negative one */
export function boundsOf(name: string, from: unknown, to: unknown, length: number): [number, number] {
  const bound = (value: unknown, otherwise: number): number => {
    if (value === undefined) return otherwise;
    const words = `${name} requires an integral ${otherwise === 0 ? 'starting' : 'ending'} index, found a value of type: ${typeName(value)}`;
    const at = intOf(value, 40096, words);
    if (at < 0) throw new StoreError(40097, `${name} requires a nonnegative index, found: ${at}`);
    return at;
  };
  return [bound(from, 0), Math.min(length, bound(to, length))];
}

function size(array: unknown): Int32 {
  if (!Array.isArray(array)) {
    throw new StoreError(17124, `The argument to $size must be an array, but was of type: ${typeName(array)}`);
  }
  return new Int32(array.length);
}

function slice(array: unknown, first: unknown, second: unknown): unknown {
  if (isNullish(array) || first === null || first === MISSING || second === null || second === MISSING) return null;
  if (!Array.isArray(array)) throw new StoreError(28724, `First argument to $slice must be an array, but is of type: ${typeName(array)}`); // biome-ignore format: one line
  const a = intOf(
    first,
    28725,
    `Second argument to $slice must be a numeric value, but is of type: ${typeName(first)}`,
  );
  if (second === undefined) return a >= 0 ? array.slice(0, a) : array.slice(a);
  const n = intOf(second, 28727, `Third argument to $slice must be numeric, but is of type: ${typeName(second)}`);
  if (n <= 0) throw new StoreError(28729, `Third argument to $slice must be positive: ${n}`);
  const start = a >= 0 ? a : Math.max(0, array.length + a);
  return array.slice(start, start + n);
}

function reversed(array: unknown): unknown {
  if (isNullish(array)) return null;
  if (!Array.isArray(array))
    throw new StoreError(34435, `The argument to $reverseArray must be an array, but was of type: ${typeName(array)}`);
  return [...array].reverse();
}

const RANGE_MAX = 1_000_000;

function range(from: unknown, to: unknown, by: unknown): unknown {
  const start = intOf(from, 34443, `$range requires a numeric starting value, found value of type: ${typeName(from)}`);
  const stop = intOf(to, 34445, `$range requires a numeric ending value, found value of type: ${typeName(to)}`);
  const step = by === undefined ? 1 : intOf(by, 34447, `$range requires a numeric step value, found value of type:${typeName(by)}`); // biome-ignore format: one line
  if (step === 0) throw new StoreError(34449, '$range requires a non-zero step value');
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (count > RANGE_MAX) throw new StoreError(146, `$range of more than ${RANGE_MAX} numbers`);
  return Array.from({ length: count }, (_, i) => new Int32(start + i * step));
}

function toObject(array: unknown): unknown {
  if (isNullish(array)) return null;
  if (!Array.isArray(array))
    throw new StoreError(40386, `$arrayToObject requires an array input, found: ${typeName(array)}`);
  const doc: Doc = {};
  for (const item of array) {
    const [name, value] = pairOf(item);
    if (typeof name !== 'string') throw new StoreError(40395, `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${typeName(name)}`); // biome-ignore format: one line
    setField(doc, name, value);
  }
  return doc;
}

function pairOf(item: unknown): [unknown, unknown] {
  if (Array.isArray(item)) {
    if (item.length !== 2) throw new StoreError(40397, `$arrayToObject requires an array of size 2 arrays,found array of size: ${item.length}`); // biome-ignore format: one line
    return [item[0], item[1]];
  }
  if (!isDocument(item)) throw new StoreError(40398, `Unrecognised input type format for $arrayToObject: ${typeName(item)}`); // biome-ignore format: one line
  const { k, v, ...more } = fieldsOf(item);
  if (!('k' in item && 'v' in item) || Object.keys(more).length > 0) {
    throw new StoreError(40392, '$arrayToObject requires an object with keys of `k` and `v`');
  }
  return [k, v];
}

function toArray(value: unknown): unknown {
  if (isNullish(value)) return null;
  if (!isDocument(value)) throw new StoreError(40390, `$objectToArray requires a document input, found: ${typeName(value)}`); // biome-ignore format: one line
  return Object.entries(fieldsOf(value)).map(([k, v]) => ({ k, v }));
}

const sortArray: Maker = (argument, compiler) => {
  const given = namedArguments('$sortArray', argument, ['input', 'sortBy']);
  const input = compiler.compile(given['input']);
  const sortBy = given['sortBy'];
  const order = isDocument(sortBy) ? documentOrder(sortBy) : valueOrder(sortBy);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    if (!Array.isArray(array)) {
      throw new StoreError(2942504, `The input argument to $sortArray must be an array, but was of type: ${typeName(array)}`); // biome-ignore format: one line
    }
    return [...array].sort(order);
  };
};

function documentOrder(spec: Doc): (a: unknown, b: unknown) => number {
  const compare = compileSort(spec);
  const asDocument = (value: unknown): Doc => (isDocument(value) ? value : {});
  return (a, b) => compare(asDocument(a), asDocument(b));
}

function valueOrder(direction: unknown): (a: unknown, b: unknown) => number {
  const sign = isNumber(kindOf(direction)) ? plainNumber(direction) : 0;
  if (sign !== 1 && sign !== -1) throw new StoreError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)'); // biome-ignore format: one line
  return (a, b) => compareValues(a, b) * sign;
}

const zip = named('$zip', { required: ['inputs'], optional: ['useLongestLength', 'defaults'] }, (values) => {
  const { inputs, useLongestLength: longest, defaults } = values;
  if (!Array.isArray(inputs)) throw new StoreError(34461, 'inputs must be an array of expressions');
  if (inputs.some(isNullish)) return null;
  if (!inputs.every(Array.isArray)) throw new StoreError(34468, '$zip found a non-array expression in input');
  const lengths = (inputs as unknown[][]).map((one) => one.length);
  const length = longest === true ? Math.max(...lengths) : Math.min(...lengths);
  const fill = (i: number): unknown => (Array.isArray(defaults) ? defaults[i] : null);
  return Array.from({ length }, (_, at) =>
    (inputs as unknown[][]).map((one, i) => (at < one.length ? one[at] : fill(i))),
  );
});

export const ARRAYS: Makers = {
  $arrayElemAt: fixed('$arrayElemAt', 2, elementAt),
  $first: end('$first', 0),
  $last: end('$last', -1),
  $concatArrays: variadic(concatenated),
  $in: fixed('$in', 2, contains),
  $indexOfArray: between('$indexOfArray', 2, 4, indexOf),
  $isArray: fixed('$isArray', 1, (value) => Array.isArray(value)),
  $size: fixed('$size', 1, size),
  $slice: between('$slice', 2, 3, slice),
  $reverseArray: fixed('$reverseArray', 1, reversed),
  $range: between('$range', 2, 3, range),
  $arrayToObject: fixed('$arrayToObject', 1, toObject),
  $objectToArray: fixed('$objectToArray', 1, toArray),
  $sortArray: sortArray,
  $zip: zip,
};
