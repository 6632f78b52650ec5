import { type Collection, directionsOf, ID_INDEX, type IndexSpec, refuseView } from '../catalogue';
import { createIndex, dropIndex } from '../schema';
import { compareValues, type Doc, StoreError } from '../semantics';
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

const createIndexes: Command = async (body, { engine, db }) => {
  expectFields(body, ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions']);
  const name = collectionName(body);
  const created = !engine.catalogue.find(db, name);
  const collection = await engine.ensure(db, name);
  refuseView(collection);
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
  refuseView(collection);
  const shown = collection.indexes.map((index) => shownIndex(index, collection));
  return cursors.begin(shown, `${db}.${name}`, connection, {
    batchSize: Number.POSITIVE_INFINITY,
  });
};

function shownIndex(index: IndexSpec, { options }: Collection): Doc {
  const { name, shown, unique, prepareUnique, sparse, partial, expireAfterSeconds } = index;
  const clustered = options['clusteredIndex'] as Doc | undefined;
  if (name === ID_INDEX && clustered) return { ...clustered, clustered: true };
  return {
    v: 2,
    key: shown,
    name,
    ...(unique && name !== ID_INDEX && { unique }),
    ...(prepareUnique && { prepareUnique }),
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

export const INDEX_COMMANDS: Record<string, Command> = { createIndexes, listIndexes, dropIndexes };
