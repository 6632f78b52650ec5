import { type Collection, documentPrefix, ID_INDEX, type IndexSpec, indexPrefix } from './catalogue';
import { after, type Disk } from './disk';
import {
  compileFilter,
  type Direction,
  type Doc,
  encodeFields,
  encodeKey,
  encodePrefix,
  type Filter,
  indexKeys,
  StoreError,
} from './semantics';

/** How many bytes of an entry's key its fields may take, and how many the document's id: LMDB takes 1978 in all. */
const FIELDS_MAX = 1200;
const ID_MAX = 650;

/** Where a document lies: its collection and its `_id`. */
export function documentKey(collection: Collection, id: unknown): Buffer {
  return Buffer.concat([documentPrefix(collection), encodeKey([id], [1])]);
}

/** One entry of an index; the value of its row is the key of its document. */
export interface Entry {
  index: IndexSpec;
  /** Fields only: what must be unique. */
  prefix: Buffer;
  key: Buffer;
  values: unknown[];
}

const filters = new WeakMap<Doc, Filter>();

function covers({ partial }: IndexSpec, document: Doc): boolean {
  if (!partial) return true;
  const filter = filters.get(partial) ?? compileFilter(partial);
  filters.set(partial, filter);
  return filter.matches(document);
}

/** The entries of a document in all indexes but `_id_`, which is the documents' own order. */
export function entriesOf(collection: Collection, document: Doc): Entry[] {
  const entries: Entry[] = [];
  const id = idKey(document);
  for (const index of collection.indexes) {
    if (index.name !== ID_INDEX) entries.push(...entriesIn(index, document, id));
  }
  return entries;
}

const idKey = (document: Doc): Buffer => encodeKey([document['_id']], [1], ID_MAX);

export function entriesIn(index: IndexSpec, document: Doc, id = idKey(document)): Entry[] {
  if (!covers(index, document)) return [];
  const directions = Object.values(index.key);
  const { keys, multikey } = indexKeys(document, index.key, { sparse: index.sparse });
  // Set before the commit: at worst the planner is more careful than it must be.
  if (multikey) index.multikey = true;
  return keys.map((values) => {
    const { bytes, cut } = encodeFields(values, directions, limitFor(index, values.length));
    if (cut) index.cut = true;
    const prefix = Buffer.concat([indexPrefix(index), bytes]);
    return { index, prefix, key: Buffer.concat([prefix, id]), values };
  });
}

/** The beginning of all keys whose first fields have these values. */
export function fieldsPrefix(index: IndexSpec, values: unknown[], directions: Direction[]): Buffer {
  return Buffer.concat([indexPrefix(index), encodePrefix(values, directions, limitFor(index, values.length))]);
}

/** The room for the first `count` fields: each field of an index has the same, whether the key is whole or a beginning. */
function limitFor(index: IndexSpec, count: number): number {
  return Math.floor(FIELDS_MAX / Object.keys(index.key).length) * count;
}

/** @throws StoreError 11000 when another document has the same values in a unique index */
export function checkUnique(disk: Disk, collection: Collection, entries: Entry[], own: Buffer): void {
  for (const { index, prefix, values } of entries) {
    if (!index.unique && !index.prepareUnique) continue;
    for (const { value } of disk.entries.getRange({ start: prefix, end: after(prefix) })) {
      if (!value.equals(own)) throw duplicateKey(collection, index, values);
    }
  }
}

export function duplicateKey(collection: Collection, index: IndexSpec, values: unknown[]): StoreError {
  const names = Object.keys(index.key);
  const keyValue = Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
  const shown = names.map((name, i) => `${name}: ${shownValue(values[i])}`).join(', ');
  const message = `E11000 duplicate key error collection: ${collection.db}.${collection.name} index: ${index.name} dup key: { ${shown} }`;
  return new StoreError(11000, message, { keyPattern: index.shown, keyValue });
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  const tag = (value as { _bsontype?: string })._bsontype;
  if (tag === 'ObjectId') return `ObjectId('${String(value)}')`;
  return tag ? String(value) : JSON.stringify(value);
}
