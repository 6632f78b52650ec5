import { type Collection, checkNames, documentPrefix, ID_INDEX, type IndexSpec, indexPrefix } from './catalogue';
import { after } from './disk';
import type { Engine } from './engine';
import { checkUnique, entriesIn } from './entries';
import { everything } from './scan';
import { compareValues, type Doc, StoreError } from './semantics';

/** Changes of what there is. Each is a transaction of its own; memory follows once it is on disk. */

/** @throws StoreError 85 or 86 when an index of this key or name is another, 11000 when a unique one finds doubles */
export async function createIndex(
  engine: Engine,
  db: string,
  name: string,
  spec: Omit<IndexSpec, 'id'>,
): Promise<void> {
  await engine.writer.change(() => {
    const collection = engine.catalogue.find(db, name);
    if (!collection) throw new StoreError(26, `ns not found ${db}.${name}`);
    if (isThere(collection, spec)) return null;
    const index: IndexSpec = { ...spec, id: engine.catalogue.newId() };
    fill(engine, collection, index);
    const next = { ...collection, indexes: [...collection.indexes, index] };
    engine.catalogue.put(next);
    return next;
  }, remembered(engine));
}

function isThere(collection: Collection, spec: Omit<IndexSpec, 'id'>): boolean {
  const { indexes } = collection;
  const sameKey = indexes.find((one) => compareValues(one.shown, spec.shown) === 0);
  const sameName = indexes.find((one) => one.name === spec.name);
  if (sameName && sameName !== sameKey) {
    throw new StoreError(86, `An existing index has the same name as the requested index: ${spec.name}`);
  }
  if (!sameKey) return false;
  if (sameKey.name === ID_INDEX || sameOptions(sameKey, spec)) {
    if (sameKey.name !== spec.name && sameKey.name !== ID_INDEX) {
      throw new StoreError(85, `Index already exists with a different name: ${sameKey.name}`);
    }
    return true;
  }
  throw new StoreError(sameName ? 86 : 85, `An equivalent index already exists with other options: ${sameKey.name}`);
}

function sameOptions(a: Omit<IndexSpec, 'id'>, b: Omit<IndexSpec, 'id'>): boolean {
  const options = ({ unique, sparse, partial, expireAfterSeconds }: Omit<IndexSpec, 'id'>): Doc => ({
    unique,
    sparse,
    partial: partial ?? null,
    expireAfterSeconds: expireAfterSeconds ?? null,
  });
  return compareValues(options(a), options(b)) === 0;
}

/** Document by document, so that memory holds one; a unique index that finds doubles is taken out again. */
function fill(engine: Engine, collection: Collection, index: IndexSpec): void {
  const prefix = documentPrefix(collection);
  try {
    for (const { key, document } of everything(engine.disk, { start: prefix, end: after(prefix) })) {
      const entries = entriesIn(index, document);
      checkUnique(engine.disk, collection, entries, key);
      for (const entry of entries) engine.disk.entries.put(entry.key, key);
    }
  } catch (error) {
    removeRange(engine, 'entries', indexPrefix(index));
    throw error;
  }
}

/** What memory learns once a collection is on disk as it is now. */
const remembered =
  (engine: Engine) =>
  (changed: Collection | null): void => {
    if (changed) engine.catalogue.remember(changed);
  };

export async function dropIndex(engine: Engine, db: string, name: string, index: string): Promise<void> {
  await engine.writer.change(() => {
    const collection = engine.catalogue.find(db, name);
    const victim = collection?.indexes.find((one) => one.name === index);
    if (!collection || !victim) return null;
    removeRange(engine, 'entries', indexPrefix(victim));
    const next = { ...collection, indexes: collection.indexes.filter((one) => one !== victim) };
    engine.catalogue.put(next);
    return next;
  }, remembered(engine));
}

export async function dropCollection(engine: Engine, collection: Collection): Promise<void> {
  await engine.writer.change(
    () => {
      removeAll(engine, collection);
      engine.catalogue.remove(collection);
    },
    () => engine.catalogue.forget(collection),
  );
}

function removeAll(engine: Engine, collection: Collection): void {
  removeRange(engine, 'documents', documentPrefix(collection));
  for (const index of collection.indexes) removeRange(engine, 'entries', indexPrefix(index));
}

/** Gives a collection another name; whatever had that name is dropped in the same transaction. */
export async function renameCollection(engine: Engine, from: Name, to: Name): Promise<void> {
  await engine.writer.change(
    () => {
      const collection = engine.catalogue.find(from.db, from.name);
      if (!collection) throw new StoreError(26, `Source collection ${from.db}.${from.name} does not exist`);
      checkNames(to.db, to.name);
      const before = engine.catalogue.find(to.db, to.name);
      if (before) removeAll(engine, before);
      const renamed = { ...collection, ...to };
      engine.catalogue.remove(collection);
      engine.catalogue.put(renamed);
      return { collection, renamed };
    },
    ({ collection, renamed }) => {
      engine.catalogue.forget(collection);
      engine.catalogue.remember(renamed);
    },
  );
}

type Name = Pick<Collection, 'db' | 'name'>;

/** Puts a collection with other options or indexes (`collMod`). `change` runs inside the transaction. */
export async function changeCollection(
  engine: Engine,
  at: Name,
  change: (now: Collection) => Collection,
): Promise<void> {
  await engine.writer.change(() => {
    const collection = engine.catalogue.find(at.db, at.name);
    if (!collection) throw new StoreError(26, `ns does not exist: ${at.db}.${at.name}`);
    const next = change(collection);
    engine.catalogue.put(next);
    return next;
  }, remembered(engine));
}

/** The documents that have doubles in an index: by value, the `_id`s of those that share it. */
export function doublesIn(engine: Engine, collection: Collection, index: IndexSpec): unknown[][] {
  const groups = new Map<string, unknown[]>();
  const prefix = documentPrefix(collection);
  for (const { document } of everything(engine.disk, { start: prefix, end: after(prefix) })) {
    const values = new Set(entriesIn(index, document).map((entry) => entry.prefix.toString('latin1')));
    for (const value of values) groups.set(value, [...(groups.get(value) ?? []), document['_id']]);
  }
  return [...groups.values()].filter((ids) => ids.length > 1);
}

const REMOVED_AT_ONCE = 1000;

function removeRange(engine: Engine, table: 'documents' | 'entries', prefix: Buffer): void {
  const range = { start: prefix, end: after(prefix), limit: REMOVED_AT_ONCE };
  for (;;) {
    const keys = [...engine.disk[table].getKeys(range)].map((key) => Buffer.from(key));
    for (const key of keys) engine.disk[table].remove(key);
    if (keys.length < REMOVED_AT_ONCE) return;
  }
}
