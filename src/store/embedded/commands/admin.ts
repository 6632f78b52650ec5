import { Binary, Double, Int32, Long } from 'bson';
import { type Collection, directionsOf, ID_INDEX, type IndexSpec } from '../catalogue';
import { createIndex, dropCollection, dropIndex } from '../schema';
import { compareValues, type Doc, StoreError } from '../semantics';
import { validate } from '../validate';
import { MAX_MESSAGE } from '../wire';
import {
  asDoc,
  asDocs,
  asNumber,
  type Command,
  collectionName,
  expectFields,
  isTrue,
  refuseCollation,
} from './command';

/** As a standalone MongoDB 7.0: no replica set, so the driver retries no writes and opens no transactions. */
const hello: Command = (_body, { connection }) => ({
  helloOk: true,
  ismaster: true,
  isWritablePrimary: true,
  maxBsonObjectSize: new Int32(16 * 1024 * 1024),
  maxMessageSizeBytes: new Int32(MAX_MESSAGE),
  maxWriteBatchSize: new Int32(100_000),
  localTime: new Date(),
  logicalSessionTimeoutMinutes: new Int32(30),
  connectionId: new Int32(connection),
  minWireVersion: new Int32(0),
  maxWireVersion: new Int32(21),
  readOnly: false,
  ok: 1,
});

const ok: Command = () => ({ ok: 1 });

const buildInfo: Command = () => ({
  version: '7.0.0',
  versionArray: [7, 0, 0, 0],
  modules: [],
  storageEngines: ['lmdb'],
  maxBsonObjectSize: 16 * 1024 * 1024,
  ok: 1,
});

const create: Command = async (body, { engine, db }) => {
  expectFields(body, [
    'autoIndexId',
    'collation',
    'capped',
    'timeseries',
    'validator',
    'viewOn',
    'pipeline',
    'clusteredIndex',
    'expireAfterSeconds',
    'changeStreamPreAndPostImages',
  ]);
  refuseCollation(body);
  for (const field of ['capped', 'timeseries', 'validator', 'viewOn', 'clusteredIndex']) {
    if (body[field] !== undefined && body[field] !== false)
      throw new StoreError(238, `this store has no collections with ${field}`);
  }
  await engine.ensure(db, collectionName(body));
  return { ok: 1 };
};

const drop: Command = async (body, { engine, db }) => {
  const collection = engine.catalogue.find(db, collectionName(body));
  if (!collection) return { ok: 1 };
  const nIndexesWas = collection.indexes.length;
  await dropCollection(engine, collection);
  return { nIndexesWas, ns: `${db}.${collection.name}`, ok: 1 };
};

const dropDatabase: Command = async (_body, { engine, db }) => {
  for (const collection of engine.catalogue.list(db)) await dropCollection(engine, collection);
  return { dropped: db, ok: 1 };
};

const listCollections: Command = (body, { engine, db, cursors, connection }) => {
  const { name } = asDoc(body['filter']);
  const found = engine.catalogue.list(db).filter((one) => name === undefined || one.name === name);
  const documents = found.map((one) => ({
    name: one.name,
    type: 'collection',
    options: {},
    info: { readOnly: false, uuid: new Binary(Buffer.from(one.uuid.replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID) },
    idIndex: { v: 2, key: { _id: 1 }, name: ID_INDEX },
  }));
  return cursors.begin(documents, `${db}.$cmd.listCollections`, connection, {
    single: true,
    batchSize: Number.POSITIVE_INFINITY,
  });
};

const listDatabases: Command = (_body, { engine }) => {
  const names = [...new Set(engine.catalogue.list().map(({ db }) => db))].sort();
  const databases = names.map((name) => ({ name, sizeOnDisk: new Double(0), empty: false }));
  return { databases, totalSize: new Double(0), ok: 1 };
};

const createIndexes: Command = async (body, { engine, db }) => {
  expectFields(body, ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions']);
  const name = collectionName(body);
  const created = !engine.catalogue.find(db, name);
  const collection = await engine.ensure(db, name);
  const numIndexesBefore = collection.indexes.length;
  for (const spec of asDocs(body['indexes'])) await createIndex(engine, db, name, indexSpec(spec));
  const now = engine.catalogue.find(db, name)?.indexes.length ?? numIndexesBefore;
  return { numIndexesBefore, numIndexesAfter: now, createdCollectionAutomatically: created, ok: 1 };
};

const INDEX_OPTIONS = [
  'key',
  'name',
  'unique',
  'sparse',
  'background',
  'v',
  'partialFilterExpression',
  'expireAfterSeconds',
  'collation',
  'ns',
];

/** @throws StoreError 67 or 197 for what this store's indexes can't do */
function indexSpec(spec: Doc): Omit<IndexSpec, 'id'> {
  for (const field of Object.keys(spec)) {
    if (!INDEX_OPTIONS.includes(field))
      throw new StoreError(197, `The field '${field}' is not valid for an index specification`);
  }
  refuseCollation(spec);
  const shown = asDoc(spec['key']);
  const partial = spec['partialFilterExpression'];
  const expire = spec['expireAfterSeconds'];
  return {
    name: String(spec['name'] ?? Object.entries(shown).flat().join('_')),
    shown,
    key: directionsOf(shown),
    unique: isTrue(spec['unique'] ?? false),
    sparse: isTrue(spec['sparse'] ?? false),
    ...(partial === undefined ? {} : { partial: asDoc(partial) }),
    ...(expire === undefined ? {} : { expireAfterSeconds: asNumber(expire, 0) }),
    multikey: false,
    cut: false,
  };
}

const listIndexes: Command = (body, { engine, db, cursors, connection }) => {
  const name = collectionName(body);
  const collection = engine.catalogue.find(db, name);
  if (!collection) throw new StoreError(26, `ns does not exist: ${db}.${name}`);
  return cursors.begin(collection.indexes.map(shownIndex), `${db}.${name}`, connection, {
    batchSize: Number.POSITIVE_INFINITY,
  });
};

function shownIndex({ name, shown, unique, sparse, partial, expireAfterSeconds }: IndexSpec): Doc {
  return {
    v: 2,
    key: shown,
    name,
    ...(unique && name !== ID_INDEX && { unique }),
    ...(sparse && { sparse }),
    ...(partial && { partialFilterExpression: partial }),
    ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
  };
}

const dropIndexes: Command = async (body, { engine, db }) => {
  const name = collectionName(body);
  const collection = engine.catalogue.find(db, name);
  if (!collection) throw new StoreError(26, `ns not found ${db}.${name}`);
  const wanted = body['index'];
  const victims =
    wanted === '*' ? collection.indexes.filter((one) => one.name !== ID_INDEX) : [namedIndex(collection, wanted)];
  const nIndexesWas = collection.indexes.length;
  for (const victim of victims) await dropIndex(engine, db, name, victim.name);
  return { nIndexesWas, ok: 1 };
};

function namedIndex(collection: Collection, wanted: unknown): IndexSpec {
  const found = collection.indexes.find(
    ({ name, shown }) => name === wanted || (typeof wanted === 'object' && compareValues(shown, wanted) === 0),
  );
  if (!found) throw new StoreError(27, `index not found with name [${String(wanted)}]`);
  if (found.name === ID_INDEX) throw new StoreError(72, 'cannot drop _id index');
  return found;
}

const validateCommand: Command = (body, { engine, db }) => {
  const name = collectionName(body);
  const collection = engine.catalogue.find(db, name);
  if (!collection) throw new StoreError(26, `Collection '${db}.${name}' does not exist to validate.`);
  return { ns: `${db}.${name}`, ...validate(engine.disk, collection), ok: 1 };
};

const collStats: Command = (body, { engine, db }) => {
  const name = collectionName(body);
  const collection = engine.catalogue.find(db, name);
  const count = collection ? engine.count(collection) : 0;
  return { ns: `${db}.${name}`, count: Long.fromNumber(count), nindexes: collection?.indexes.length ?? 0, ok: 1 };
};

const serverStatus: Command = (_body, { engine }) => ({
  process: 'gatefold',
  pid: Long.fromNumber(process.pid),
  uptime: new Double(process.uptime()),
  localTime: new Date(),
  store: {
    writes: Long.fromNumber(engine.writer.done.writes),
    transactions: Long.fromNumber(engine.writer.done.transactions),
  },
  ok: 1,
});

export const ADMIN_COMMANDS: Record<string, Command> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: ok,
  endSessions: ok,
  buildInfo,
  buildinfo: buildInfo,
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  createIndexes,
  listIndexes,
  dropIndexes,
  validate: validateCommand,
  collStats,
  serverStatus,
};
