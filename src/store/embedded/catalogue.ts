import { type Disk, idBytes } from './disk';
import { type Direction, type Doc, StoreError } from './semantics';
import { readDocument, writeDocument } from './wire';

export interface IndexSpec {
  id: number;
  name: string;
  key: Record<string, Direction>;
  /** The key as the client wrote it, for `listIndexes`; `key` is read off it. */
  shown: Doc;
  unique: boolean;
  sparse: boolean;
  partial?: Doc;
  expireAfterSeconds?: number;
  /** Some document has an array on one of the fields: then the index serves no sort and only one bound of a range. */
  multikey: boolean;
  /** Some key was too long and is cut: then the index serves no sort. */
  cut: boolean;
  /** Doubles are refused from now on, though some may be there: half the way to `unique` (`collMod`). */
  prepareUnique?: boolean;
}

export interface Collection {
  id: number;
  db: string;
  name: string;
  uuid: string;
  indexes: IndexSpec[];
  /** As the client gave them: `validator`, `clusteredIndex`, `timeseries` … */
  options: Doc;
  /** A view: a pipeline on another collection. */
  view?: { on: string; pipeline: Doc[] };
}

export const ID_INDEX = '_id_';

/** What there is: collections and their indexes, in memory as they are on disk. Changed inside exclusive writes only. */
export class Catalogue {
  private readonly collections = new Map<string, Collection>();
  private nextId = 1;

  constructor(private readonly disk: Disk) {
    for (const { key, value } of disk.catalogue.getRange({})) {
      if (key.toString().startsWith('collection ')) this.load(value);
    }
  }

  private load(bytes: Buffer): void {
    const collection = collectionOf(readDocument(bytes));
    this.collections.set(keyOf(collection.db, collection.name), collection);
    this.nextId = Math.max(this.nextId, collection.id + 1, ...collection.indexes.map(({ id }) => id + 1));
  }

  find(db: string, name: string): Collection | undefined {
    return this.collections.get(keyOf(db, name));
  }

  list(db?: string): Collection[] {
    return [...this.collections.values()].filter((one) => db === undefined || one.db === db);
  }

  newId(): number {
    this.nextId += 1;
    return this.nextId - 1;
  }

  /** Puts a collection as it shall be on disk; memory follows by `remember` after the commit. */
  put(collection: Collection): void {
    const key = Buffer.from(`collection ${keyOf(collection.db, collection.name)}`);
    this.disk.catalogue.put(key, writeDocument({ ...collection }));
  }

  remember(collection: Collection): void {
    this.collections.set(keyOf(collection.db, collection.name), collection);
  }

  remove({ db, name }: Collection): void {
    this.disk.catalogue.remove(Buffer.from(`collection ${keyOf(db, name)}`));
  }

  forget({ db, name }: Collection): void {
    this.collections.delete(keyOf(db, name));
  }
}

const keyOf = (db: string, name: string): string => `${db}.${name}`;

/** Numbers come back as BSON's types; the client's own documents (`shown`, `partial`) keep them. */
function collectionOf({ id, db, name, uuid, indexes, options, view }: Doc): Collection {
  const specs = (indexes as Doc[]).map(indexOf);
  return {
    id: Number(id),
    db: String(db),
    name: String(name),
    uuid: String(uuid),
    indexes: specs,
    options: (options ?? {}) as Doc,
    ...(view ? { view: view as { on: string; pipeline: Doc[] } } : {}),
  };
}

function indexOf({
  id,
  name,
  shown,
  unique,
  sparse,
  partial,
  expireAfterSeconds,
  multikey,
  cut,
  prepareUnique,
}: Doc): IndexSpec {
  return {
    id: Number(id),
    name: String(name),
    shown: shown as Doc,
    key: directionsOf(shown as Doc),
    unique: unique === true,
    sparse: sparse === true,
    ...(partial ? { partial: partial as Doc } : {}),
    ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds: Number(expireAfterSeconds) }),
    multikey: multikey === true,
    cut: cut === true,
    ...(prepareUnique === true ? { prepareUnique: true } : {}),
  };
}

/** The directions of an index's fields. @throws StoreError 67 for kinds of index that this store doesn't have */
export function directionsOf(shown: Doc): Record<string, Direction> {
  const fields = Object.entries(shown).map(([path, given]) => {
    const direction = Number(given);
    if (typeof given === 'string' || Number.isNaN(direction) || direction === 0 || path.includes('$')) {
      throw new StoreError(67, `this store has no index on ${path}: ${String(given)}`);
    }
    return [path, direction > 0 ? 1 : -1] as const;
  });
  if (fields.length === 0) throw new StoreError(67, 'Index keys cannot be an empty object');
  return Object.fromEntries(fields);
}

/** @throws StoreError 73 for a name that MongoDB wouldn't take */
export function checkNames(db: string, name: string): void {
  if (!/^[^/\\. "$*<>:|?\0]{1,63}$/.test(db)) throw new StoreError(73, `Invalid database name: '${db}'`);
  if (name === '' || name.startsWith('.') || /[$\0]/.test(name) || name.startsWith('system.')) {
    throw new StoreError(73, `Invalid collection name: ${name}`);
  }
}

export const documentPrefix = (collection: Collection): Buffer => idBytes(collection.id);
export const indexPrefix = (index: IndexSpec): Buffer => idBytes(index.id);

/** @throws StoreError 166 for a view, which has no documents of its own */
export function refuseView({ db, name, view }: Collection): void {
  if (view) throw new StoreError(166, `Namespace ${db}.${name} is a view, not a collection`);
}
