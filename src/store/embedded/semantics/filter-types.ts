import { CODE, StoreError } from './errors';
import type { Test } from './filter-tree';
import { MISSING } from './types';
import { isNumber, type Kind, kindOf, textOf } from './values';
import { toWhole } from './whole';

/** BSON type numbers (bsonspec.org); `dbPointer` (12) can be asked for and matches nothing that this store holds. */
const NUMBERS: Readonly<Record<string, Kind | 'dbPointer'>> = {
  '-1': 'minKey',
  '1': 'double',
  '2': 'string',
  '3': 'object',
  '4': 'array',
  '5': 'binData',
  '6': 'undefined',
  '7': 'objectId',
  '8': 'bool',
  '9': 'date',
  '10': 'null',
  '11': 'regex',
  '12': 'dbPointer',
  '13': 'javascript',
  '14': 'symbol',
  '15': 'javascriptWithScope',
  '16': 'int',
  '17': 'timestamp',
  '18': 'long',
  '19': 'decimal',
  '127': 'maxKey',
};
const NAMES: ReadonlySet<string> = new Set(Object.values(NUMBERS));

/** `$type`: a name, a number, "number" for all four numeric types, or a list of these. */
export function typeTest(path: string, argument: unknown): Test {
  const asked = new Set((Array.isArray(argument) ? argument : [argument]).map(typeName));
  if (asked.size === 0) throw new StoreError(CODE.FailedToParse, `${path} must match at least one type`);
  return (value) => {
    if (value === MISSING) return false;
    const kind = kindOf(value);
    return asked.has(kind) || (asked.has('number') && isNumber(kind));
  };
}

function typeName(argument: unknown): string {
  const kind = kindOf(argument);
  if (kind === 'string' || kind === 'symbol') {
    const name = textOf(argument);
    if (name !== 'number' && !NAMES.has(name)) throw new StoreError(CODE.BadValue, `Unknown type name alias: ${name}`);
    return name;
  }
  if (!isNumber(kind)) throw new StoreError(CODE.TypeMismatch, 'type must be represented as a number or a string');
  const name = NUMBERS[String(toWhole(argument))];
  if (name === undefined) throw new StoreError(CODE.BadValue, `Invalid numerical type code: ${String(argument)}`);
  return name;
}
