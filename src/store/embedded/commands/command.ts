import { Double, Int32, Long } from 'bson';
import type { Activity } from '../activity';
import type { Cursors } from '../cursors';
import type { Engine } from '../engine';
import { type Doc, StoreError } from '../semantics';
import type { Sessions } from '../sessions';
import type { BatchReply } from '../wire';

/** What a command has at hand. */
export interface Context {
  engine: Engine;
  cursors: Cursors;
  sessions: Sessions;
  activity: Activity;
  db: string;
  /** The connection that asks: its cursors end with it. */
  connection: number;
}

export type Command = (body: Doc, context: Context) => Promise<Doc | BatchReply> | Doc | BatchReply;

/** Fields that any command may carry and that change nothing here: one server, one writer, every write durable. */
const COMMON = new Set([
  '$db', 'lsid', '$clusterTime', '$readPreference', 'readConcern', 'writeConcern', 'maxTimeMS', 'comment', 'apiVersion',
  'apiStrict', 'apiDeprecationErrors', '$audit', '$client',
]); // biome-ignore format: a list of names

/**
 * Refuses what this store doesn't do, instead of passing over it.
 * @throws StoreError 40415 for a field that the command doesn't have here, 20 for a transaction
 */
export function expectFields(body: Doc, fields: string[]): void {
  const [command] = Object.keys(body);
  if ('txnNumber' in body || 'startTransaction' in body) {
    throw new StoreError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
  }
  const known = new Set([command, ...fields]);
  for (const name of Object.keys(body)) {
    if (!known.has(name) && !COMMON.has(name))
      throw new StoreError(40415, `BSON field '${command}.${name}' is an unknown field.`);
  }
}

/** The collection that a command names in its first field. */
export function collectionName(body: Doc): string {
  const [name] = Object.values(body);
  if (typeof name !== 'string') throw new StoreError(73, 'collection name has invalid type');
  return name;
}

export const asDoc = (value: unknown): Doc => (typeof value === 'object' && value !== null ? (value as Doc) : {});
export const asDocs = (value: unknown): Doc[] => (Array.isArray(value) ? (value as Doc[]) : []);

export function asNumber(value: unknown, fallback: number): number {
  if (typeof value === 'number') return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long) return value.toNumber();
  return fallback;
}

export const isTrue = (value: unknown): boolean => value === true || (value !== false && asNumber(value, 0) !== 0);

/** Refuses a collation other than the simple one: strings compare by their bytes here. */
export function refuseCollation(body: Doc): void {
  const { collation } = body;
  if (collation !== undefined && asDoc(collation)['locale'] !== 'simple') {
    throw new StoreError(238, 'this store compares strings by their bytes only: no collation');
  }
}
