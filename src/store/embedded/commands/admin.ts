import { Binary, Double } from 'bson';
import { type Collection, ID_INDEX } from '../catalogue';
import type { Engine } from '../engine';
import { dropCollection, renameCollection } from '../schema';
import { compareValues, compileFilter, type Doc, kindOf, StoreError } from '../semantics';
import { databaseSize } from '../stats';
import { validatorOf } from '../validator';
import { asDoc, asDocs, type Command, collectionName, expectFields, isTrue, refuseCollation } from './command';

/** Collections and databases: made, listed, renamed, dropped. */
const CREATE = ['autoIndexId', 'idIndex', 'collation', 'capped', 'timeseries', 'validator', 'validationLevel', 'validationAction', 'viewOn', 'pipeline', 'clusteredIndex', 'expireAfterSeconds', 'changeStreamPreAndPostImages', 'encryptedFields']; // biome-ignore format: a list of names

const create: Command = async (body, { engine, db }) => {
  expectFields(body, CREATE);
  refuseCollation(body);
  const name = collectionName(body);
  const made = { options: optionsOf(body), ...viewOf(body) };
  const known = engine.catalogue.find(db, name);
  if (known && !sameCollection(known, made)) {
    throw new StoreError(48, `namespace ${db}.${name} already exists, but with different options: ${JSON.stringify(known.options)}`); // biome-ignore format: one line
  }
  await engine.ensure(db, name, made);
  return { ok: 1 };
};

type Made = Pick<Collection, 'options' | 'view'>;

function sameCollection(a: Made, b: Made): boolean {
  const shown = ({ options, view }: Made): Doc => ({ options, view: view ? { ...view } : null });
  return compareValues(shown(a), shown(b)) === 0;
}

function viewOf(body: Doc): Pick<Collection, 'view'> {
  const { viewOn, pipeline } = body;
  if (viewOn === undefined) {
    if (pipeline !== undefined) throw new StoreError(72, "'pipeline' requires 'viewOn' to also be specified");
    return {};
  }
  if (typeof viewOn !== 'string') throw new StoreError(14, "BSON field 'create.viewOn' is the wrong type");
  return { view: { on: viewOn, pipeline: asDocs(pipeline) } };
}

/** @throws StoreError 238 for kinds of collections that this store hasn't, 72 for options that can't be */
function optionsOf(body: Doc): Doc {
  for (const field of ['capped', 'timeseries', 'encryptedFields', 'expireAfterSeconds']) {
    if (body[field] !== undefined && body[field] !== false)
      throw new StoreError(238, `this store has no collections with ${field}`);
  }
  const { clusteredIndex: clustered, changeStreamPreAndPostImages: images } = body;
  return {
    ...validationOf(body),
    ...(clustered !== undefined && clustered !== false && { clusteredIndex: clusteredIndexOf(asDoc(clustered)) }),
    ...(images !== undefined && { changeStreamPreAndPostImages: asDoc(images) }),
  };
}

/** The documents of every collection lie in the order of `_id` here, so that one may say so. */
function clusteredIndexOf({ key, unique, name = ID_INDEX, v }: Doc): Doc {
  if (compareValues(asDoc(key), { _id: 1 }) !== 0)
    throw new StoreError(197, 'The clusteredIndex option is only supported for the _id field, with {key: {_id: 1}}');
  if (!isTrue(unique ?? false)) throw new StoreError(5979700, 'The clusteredIndex option requires unique: true to be specified'); // biome-ignore format: one line
  return { v: v ?? 2, key, name, unique: true };
}

/** A validator as it is kept. @throws StoreError for a filter that can't be read, 238 for other levels than strict */
export function validationOf({ validator, validationLevel: level, validationAction: action }: Doc): Doc {
  if (level !== undefined && level !== 'strict') throw new StoreError(238, `this store has no validation level ${String(level)}`); // biome-ignore format: one line
  if (action !== undefined && action !== 'error') throw new StoreError(238, `this store has no validation action ${String(action)}`); // biome-ignore format: one line
  if (validator === undefined) return {};
  if (kindOf(validator) !== 'object') throw new StoreError(14, "BSON field 'create.validator' is the wrong type");
  validatorOf(asDoc(validator));
  if (Object.keys(asDoc(validator)).length === 0) return {};
  return { validator: asDoc(validator), validationLevel: 'strict', validationAction: 'error' };
}

const drop: Command = async (body, { engine, db }) => {
  const collection = engine.catalogue.find(db, collectionName(body));
  if (!collection) return { ok: 1 };
  const nIndexesWas = collection.indexes.length;
  await dropCollection(engine, collection);
  return { ...(!collection.view && { nIndexesWas }), ns: `${db}.${collection.name}`, ok: 1 };
};

const dropDatabase: Command = async (_body, { engine, db }) => {
  const collections = engine.catalogue.list(db);
  for (const collection of collections) await dropCollection(engine, collection);
  return { ...(collections.length > 0 && { dropped: db }), ok: 1 };
};

const renameCollectionCommand: Command = async (body, { engine, db }) => {
  expectFields(body, ['to', 'dropTarget', 'stayTemp']);
  if (db !== 'admin') throw new StoreError(13, 'renameCollection may only be run against the admin database.');
  const [from, to] = [namespaceOf(body['renameCollection']), namespaceOf(body['to'])];
  if (from.db === to.db && from.name === to.name) throw new StoreError(20, "Can't rename a collection to itself");
  if (engine.catalogue.find(to.db, to.name) && !isTrue(body['dropTarget'] ?? false))
    throw new StoreError(48, `target namespace exists: ${to.db}.${to.name}`);
  await renameCollection(engine, from, to);
  return { ok: 1 };
};

function namespaceOf(value: unknown): { db: string; name: string } {
  const [db = '', ...name] = String(value).split('.');
  if (typeof value !== 'string' || name.length === 0) throw new StoreError(73, `Invalid namespace specified '${String(value)}'`); // biome-ignore format: one line
  return { db, name: name.join('.') };
}

const listCollections: Command = (body, { engine, db, cursors, connection }) => {
  expectFields(body, ['filter', 'nameOnly', 'authorizedCollections', 'cursor']);
  const filter = compileFilter(asDoc(body['filter']));
  const found = engine.catalogue.list(db).map(shownCollection).filter(filter.matches);
  const documents = isTrue(body['nameOnly'] ?? false) ? found.map(({ name, type }) => ({ name, type })) : found;
  return cursors.begin(documents, `${db}.$cmd.listCollections`, connection, {
    single: true,
    batchSize: Number.POSITIVE_INFINITY,
  });
};

function shownCollection({ name, view, options, uuid }: Collection): Doc {
  if (view) {
    const shown = { viewOn: view.on, pipeline: view.pipeline };
    return { name, type: 'view', options: shown, info: { readOnly: true } };
  }
  const id = new Binary(Buffer.from(uuid.replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID);
  const clustered = options['clusteredIndex'] !== undefined;
  return {
    name,
    type: 'collection',
    options,
    info: { readOnly: false, uuid: id },
    ...(!clustered && { idIndex: { v: 2, key: { _id: 1 }, name: ID_INDEX } }),
  };
}

const listDatabases: Command = (body, { engine, db }) => {
  expectFields(body, ['filter', 'nameOnly', 'authorizedDatabases']);
  if (db !== 'admin') throw new StoreError(13, 'listDatabases may only be run against the admin database.');
  const filter = compileFilter(asDoc(body['filter']));
  const nameOnly = isTrue(body['nameOnly'] ?? false);
  const names = [...new Set(engine.catalogue.list().map((one) => one.db))].sort();
  const all = names.map((name) => (nameOnly ? { name } : sizedDatabase(engine, name))).filter(filter.matches);
  if (nameOnly) return { databases: all, ok: 1 };
  const totalSize = all.reduce((sum, one) => sum + Number((one as Doc)['sizeOnDisk'] ?? 0), 0);
  return { databases: all, totalSize: new Double(totalSize), totalSizeMb: new Double(Math.floor(totalSize / 2 ** 20)), ok: 1 }; // biome-ignore format: one line
};

function sizedDatabase(engine: Engine, name: string): Doc {
  return { name, sizeOnDisk: new Double(databaseSize(engine, name)), empty: false };
}

export const ADMIN_COMMANDS: Record<string, Command> = {
  create,
  drop,
  dropDatabase,
  renameCollection: renameCollectionCommand,
  listCollections,
  listDatabases,
};
