import { Int32 } from 'bson';
import { StoreError } from '../semantics';
import { compareText } from '../semantics/compare';
import { typeName } from './arithmetic';
import { boundsOf, intOf } from './arrays';
import { textFor } from './convert';
import { between, fixed, isNullish, type Maker, type Makers, variadic } from './expression';

function concat(values: Iterable<unknown>): unknown {
  let text = '';
  for (const value of values) {
    if (isNullish(value)) return null;
    if (typeof value !== 'string') throw new StoreError(16702, `$concat only supports strings, not ${typeName(value)}`);
    text += value;
  }
  return text;
}

/** Only the letters of ASCII change, as in MongoDB. */
const changed = (name: string, letters: RegExp, change: (letter: string) => string): Maker =>
  fixed(name, 1, (value) => (isNullish(value) ? '' : textFor(name, value).replace(letters, change)));

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function compareIgnoringCase(a: unknown, b: unknown): Int32 {
  const [left, right] = [a, b].map((value) => (isNullish(value) ? '' : lower(textFor('$strcasecmp', value))));
  return new Int32(compareText(left ?? '', right ?? ''));
}

function substringBytes(value: unknown, from: unknown, count: unknown): string {
  const bytes = Buffer.from(isNullish(value) ? '' : textFor('$substrBytes', value));
  const start = intOf(from, 16034, '$substrBytes: starting index must be a numeric type');
  const length = intOf(count, 16035, '$substrBytes: length must be a numeric type');
  if (start < 0) throw new StoreError(50752, `$substrBytes: starting index must be non-negative (got: ${start})`);
  const end = length < 0 ? bytes.length : Math.min(bytes.length, start + length);
  const inside = (at: number): boolean => at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80;
  if (inside(start)) throw new StoreError(28656, '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.'); // biome-ignore format: one line
  if (inside(end)) throw new StoreError(28657, '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.'); // biome-ignore format: one line
  return bytes.toString('utf8', Math.min(start, bytes.length), end);
}

function substringPoints(value: unknown, from: unknown, count: unknown): string {
  const points = [...(isNullish(value) ? '' : textFor('$substrCP', value))];
  const start = intOf(from, 34450, `$substrCP: starting index must be a numeric type (is BSON type ${typeName(from)})`);
  const length = intOf(count, 34452, `$substrCP: length must be a numeric type (is BSON type ${typeName(count)})`);
  if (length < 0) throw new StoreError(34454, '$substrCP: length must be a nonnegative integer.');
  if (start < 0) throw new StoreError(34455, '$substrCP: the starting index must be nonnegative integer.');
  return points.slice(start, start + length).join('');
}

const lengthOf = (name: string, code: number, measure: (text: string) => number): Maker =>
  fixed(name, 1, (value) => {
    if (typeof value !== 'string')
      throw new StoreError(code, `${name} requires a string argument, found: ${typeName(value)}`);
    return new Int32(measure(value));
  });

function split(text: unknown, by: unknown): unknown {
  if (isNullish(text) || isNullish(by)) return null;
  if (typeof text !== 'string') throw new StoreError(40085, `$split requires an expression that evaluates to a string as a first argument, found: ${typeName(text)}`); // biome-ignore format: one line
  if (typeof by !== 'string') throw new StoreError(40086, `$split requires an expression that evaluates to a string as a second argument, found: ${typeName(by)}`); // biome-ignore format: one line
  if (by === '') throw new StoreError(40087, '$split requires a non-empty separator');
  return text.split(by);
}

/** Places in UTF-8 bytes or in code points. */
const indexOf = (name: string, codes: [number, number], units: (text: string) => unknown[] | Buffer): Maker =>
  between(name, 2, 4, (text, part, from, to) => {
    if (isNullish(text)) return null;
    if (typeof text !== 'string')
      throw new StoreError(codes[0], `${name} requires a string as the first argument, found: ${typeName(text)}`);
    if (typeof part !== 'string')
      throw new StoreError(codes[1], `${name} requires a string as the second argument, found: ${typeName(part)}`);
    const [whole, wanted] = [units(text), units(part)];
    const [start, end] = boundsOf(name, from, to, whole.length);
    for (let i = start; i + wanted.length <= end; i += 1) {
      if (wanted.every((unit: unknown, at: number) => whole[i + at] === unit)) return new Int32(i);
    }
    return new Int32(-1);
  });

export const STRINGS: Makers = {
  $concat: variadic(concat),
  $toLower: changed('$toLower', /[A-Z]/g, (letter) => letter.toLowerCase()),
  $toUpper: changed('$toUpper', /[a-z]/g, (letter) => letter.toUpperCase()),
  $strcasecmp: fixed('$strcasecmp', 2, compareIgnoringCase),
  $substr: fixed('$substr', 3, substringBytes),
  $substrBytes: fixed('$substrBytes', 3, substringBytes),
  $substrCP: fixed('$substrCP', 3, substringPoints),
  $strLenBytes: lengthOf('$strLenBytes', 34473, (text) => Buffer.byteLength(text)),
  $strLenCP: lengthOf('$strLenCP', 34471, (text) => [...text].length),
  $split: fixed('$split', 2, split),
  $indexOfBytes: indexOf('$indexOfBytes', [40091, 40092], (text) => Buffer.from(text)),
  $indexOfCP: indexOf('$indexOfCP', [40093, 40094], (text) => [...text]),
};
