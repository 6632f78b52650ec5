import { types } from 'node:util';
import type { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, Timestamp } from 'bson';
import type { Doc } from './types';

/** What a value is in BSON, by MongoDB's type aliases; plain JS values that the engine builds itself are included. */
export type Kind =
  | 'minKey'
  | 'undefined'
  | 'null'
  | 'int'
  | 'double'
  | 'long'
  | 'decimal'
  | 'string'
  | 'symbol'
  | 'object'
  | 'array'
  | 'binData'
  | 'objectId'
  | 'bool'
  | 'date'
  | 'timestamp'
  | 'regex'
  | 'javascript'
  | 'javascriptWithScope'
  | 'maxKey';

const WRAPPED: Readonly<Record<string, Kind>> = {
  Int32: 'int',
  Double: 'double',
  Long: 'long',
  Decimal128: 'decimal',
  ObjectId: 'objectId',
  Binary: 'binData',
  Timestamp: 'timestamp',
  BSONRegExp: 'regex',
  BSONSymbol: 'symbol',
  MinKey: 'minKey',
  MaxKey: 'maxKey',
  DBRef: 'object',
};

/** Kind of any value. bson's classes are known by `_bsontype` on their prototype, so that a field of that name is none. */
export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return Number.isInteger(value) && (value | 0) === value && !Object.is(value, -0) ? 'int' : 'double';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'long';
    case 'object':
      return value === null ? 'null' : kindOfObject(value);
    default:
      return 'undefined';
  }
}

function kindOfObject(value: object): Kind {
  const tag = (value as { _bsontype?: unknown })._bsontype;
  if (typeof tag === 'string' && !Object.hasOwn(value, '_bsontype')) {
    if (tag === 'Code') return (value as Code).scope ? 'javascriptWithScope' : 'javascript';
    return WRAPPED[tag] ?? 'object';
  }
  if (Array.isArray(value)) return 'array';
  if (types.isDate(value)) return 'date';
  if (types.isUint8Array(value)) return 'binData';
  if (types.isRegExp(value)) return 'regex';
  return 'object';
}

/** True for embedded documents (a DBRef is one). */
export function isDocument(value: unknown): value is Doc {
  return typeof value === 'object' && value !== null && kindOfObject(value) === 'object';
}

/** The fields of an embedded document in order; a DBRef is spelled out as `$ref`, `$id`, `$db` and its other fields. */
export function fieldsOf(value: Doc): Doc {
  if ((value as { _bsontype?: unknown })._bsontype !== 'DBRef' || Object.hasOwn(value, '_bsontype')) return value;
  const ref = value as { collection?: unknown; oid?: unknown; db?: unknown; fields?: Doc };
  const db = ref.db === undefined ? {} : { $db: ref.db };
  return { $ref: ref.collection, $id: ref.oid, ...db, ...ref.fields };
}

export function isNumber(kind: Kind): boolean {
  return kind === 'int' || kind === 'double' || kind === 'long' || kind === 'decimal';
}

/** An int or a double as a JS number. */
export function plainNumber(value: unknown): number {
  return typeof value === 'number' ? value : (value as Int32 | Double).value;
}

/** An int or a long as a bigint. */
export function wholeNumber(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  const long = value as Long;
  return typeof long === 'object' && long._bsontype === 'Long' ? long.toBigInt() : BigInt(plainNumber(value));
}

/** The 16 bytes of a decimal, little-endian. */
export function decimalBytes(value: unknown): Uint8Array {
  return (value as Decimal128).bytes;
}

/** Text of a string or a symbol. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : String((value as { value: unknown }).value);
}

export function regexOf(value: unknown): { pattern: string; options: string } {
  if (types.isRegExp(value)) return { pattern: value.source, options: nativeOptions(value) };
  const regex = value as BSONRegExp;
  return { pattern: regex.pattern, options: [...regex.options].sort().join('') };
}

function nativeOptions(regex: RegExp): string {
  return `${regex.ignoreCase ? 'i' : ''}${regex.multiline ? 'm' : ''}${regex.dotAll ? 's' : ''}`;
}

export function binaryOf(value: unknown): { subtype: number; bytes: Uint8Array } {
  if (types.isUint8Array(value)) return { subtype: 0, bytes: value };
  const binary = value as Binary;
  return { subtype: binary.sub_type, bytes: binary.buffer.subarray(0, binary.position) };
}

/** A timestamp as an unsigned 64-bit integer. */
export function timestampBits(value: unknown): bigint {
  return BigInt.asUintN(64, (value as Timestamp).toBigInt());
}

export function objectIdBytes(value: unknown): Uint8Array {
  return (value as { id: Uint8Array }).id;
}
