import { Double, Int32, Long } from 'bson';
import { type Collection, documentPrefix, ID_INDEX, indexPrefix } from './catalogue';
import { after, type Table } from './disk';
import type { Engine } from './engine';
import type { Doc } from './semantics';

/** What collections take, counted when it is asked for. */
interface Sizes {
  rows: number;
  bytes: number;
}

/** Rows below a prefix, and the bytes of their keys or values as they are stored. */
function sizesIn(table: Table, prefix: Buffer, of: 'key' | 'value' | 'both'): Sizes {
  const sizes: Sizes = { rows: 0, bytes: 0 };
  for (const { key, value } of table.getRange({ start: prefix, end: after(prefix) })) {
    sizes.rows += 1;
    if (of !== 'value') sizes.bytes += key.length;
    if (of !== 'key') sizes.bytes += value.length;
  }
  return sizes;
}

/** A whole number as MongoDB answers it: an int, or a long where it must be. */
export const number = (n: number): Int32 | Long => (n < 2 ** 31 ? new Int32(n) : Long.fromNumber(n));

interface Measured {
  count: number;
  size: number;
  /** Documents with their keys: LMDB keeps them side by side, so that nothing else is "storage". */
  storage: number;
  indexes: Record<string, number>;
}

function measure(engine: Engine, collection: Collection): Measured {
  const documents = sizesIn(engine.disk.documents, documentPrefix(collection), 'value');
  const keys = sizesIn(engine.disk.documents, documentPrefix(collection), 'key');
  const indexes = collection.indexes.map((index) => {
    // The documents lie in the order of `_id`: that index takes no room of its own.
    const own = index.name === ID_INDEX;
    return [index.name, own ? 0 : sizesIn(engine.disk.entries, indexPrefix(index), 'both').bytes] as const;
  });
  const storage = documents.bytes + keys.bytes;
  return { count: documents.rows, size: documents.bytes, storage, indexes: Object.fromEntries(indexes) };
}

const sum = (numbers: number[]): number => numbers.reduce((total, n) => total + n, 0);

/** `collStats`. @param scale sizes are divided by it and cut, as in MongoDB */
export function statsOf(engine: Engine, collection: Collection, scale: number): Doc {
  const { count, size, storage, indexes } = measure(engine, collection);
  const scaled = (bytes: number) => number(Math.floor(bytes / scale));
  const totalIndexSize = sum(Object.values(indexes));
  return {
    size: scaled(size),
    count: number(count),
    ...(count > 0 && { avgObjSize: number(Math.floor(size / count)) }),
    numOrphanDocs: new Int32(0),
    storageSize: scaled(storage),
    totalIndexSize: scaled(totalIndexSize),
    totalSize: scaled(storage + totalIndexSize),
    indexSizes: Object.fromEntries(Object.entries(indexes).map(([name, bytes]) => [name, scaled(bytes)])),
    capped: false,
    nindexes: new Int32(collection.indexes.length),
    indexBuilds: [],
    scaleFactor: number(scale),
  };
}

/** `dbStats`, over all collections of a database. */
export function databaseStats(engine: Engine, db: string, scale: number): Doc {
  const all = engine.catalogue.list(db);
  const collections = all.filter(({ view }) => !view);
  const measured = collections.map((one) => measure(engine, one));
  const scaled = (bytes: number) => new Double(bytes / scale);
  const objects = sum(measured.map(({ count }) => count));
  const dataSize = sum(measured.map(({ size }) => size));
  const storageSize = sum(measured.map(({ storage }) => storage));
  const indexSize = sum(measured.flatMap(({ indexes }) => Object.values(indexes)));
  return {
    db,
    collections: Long.fromNumber(collections.length),
    views: Long.fromNumber(all.length - collections.length),
    objects: Long.fromNumber(objects),
    avgObjSize: new Double(objects === 0 ? 0 : dataSize / objects),
    dataSize: scaled(dataSize),
    storageSize: scaled(storageSize),
    indexes: Long.fromNumber(sum(collections.map(({ indexes }) => indexes.length))),
    indexSize: scaled(indexSize),
    totalSize: scaled(storageSize + indexSize),
    scaleFactor: Long.fromNumber(scale),
    ok: 1,
  };
}

/** Bytes of a database, for `listDatabases`. */
export function databaseSize(engine: Engine, db: string): number {
  const measured = engine.catalogue.list(db).map((one) => measure(engine, one));
  return sum(measured.map(({ storage, indexes }) => storage + sum(Object.values(indexes))));
}
