import type { Collection } from '../catalogue';
import type { Engine } from '../engine';
import { DuplicateKeyError } from '../entries';
import type { Found } from '../scan';
import {
  compileFilter,
  compileProjection,
  compileUpdate,
  type Doc,
  type Filter,
  StoreError,
  type Update,
  upsertSeed,
} from '../semantics';
import {
  asDoc,
  asDocs,
  asNumber,
  type Command,
  type Context,
  collectionName,
  expectFields,
  isTrue,
  refuseCollation,
} from './command';
import { checkHint } from './read';

/** How many documents one transaction changes at most, so that nobody waits long behind a large command. */
const CHUNK = 200;

const insert: Command = async (body, { engine, db }) => {
  expectFields(body, ['documents', 'ordered', 'bypassDocumentValidation']);
  const documents = asDocs(body['documents']);
  if (documents.length === 0)
    throw new StoreError(16, 'Write batch sizes must be between 1 and 100000. Got 0 operations.');
  const ordered = isTrue(body['ordered'] ?? true);
  const name = collectionName(body);
  await engine.ensure(db, name);
  const writeErrors: Doc[] = [];
  let n = 0;
  for (let from = 0; from < documents.length && !(ordered && writeErrors.length > 0); from += CHUNK) {
    await engine.writer.write(() => {
      const collection = existing(engine, db, name);
      for (const [i, document] of documents.slice(from, from + CHUNK).entries()) {
        const error = attempt(() => engine.documents.insert(collection, document));
        if (error) writeErrors.push(writeError(error, from + i));
        else n += 1;
        if (error && ordered) break;
      }
    });
  }
  return { n, ...(writeErrors.length > 0 && { writeErrors }), ok: 1 };
};

/** Runs a change of one document; what MongoDB would report for that document alone is returned, anything else thrown. */
function attempt(change: () => void): StoreError | null {
  try {
    change();
    return null;
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
}

function writeError(error: StoreError, index: number): Doc {
  const { code, message } = error;
  const details = error instanceof DuplicateKeyError ? { keyPattern: error.keyPattern, keyValue: error.keyValue } : {};
  return { index, code, errmsg: message, ...details };
}

/** Dropped between the command and its turn: made again by the next try. */
function existing(engine: Engine, db: string, name: string): Collection {
  const collection = engine.catalogue.find(db, name);
  if (!collection) throw new StoreError(112, 'the collection was dropped meanwhile; try again');
  return collection;
}

interface Change {
  filter: Filter;
  query: Doc;
  update: Update;
  upsert: boolean;
  now: Date;
}

const update: Command = async (body, context) => {
  expectFields(body, ['updates', 'ordered', 'bypassDocumentValidation', 'let']);
  const ordered = isTrue(body['ordered'] ?? true);
  const result = { n: 0, nModified: 0 };
  const upserted: Doc[] = [];
  const writeErrors: Doc[] = [];
  for (const [index, one] of asDocs(body['updates']).entries()) {
    try {
      const done = await updateOne(collectionName(body), one, context);
      result.n += done.matched;
      result.nModified += done.modified;
      if (done.upserted !== undefined) upserted.push({ index, _id: done.upserted });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      writeErrors.push(writeError(error, index));
      if (ordered) break;
    }
  }
  return { ...result, ...(upserted.length > 0 && { upserted }), ...(writeErrors.length > 0 && { writeErrors }), ok: 1 };
};

interface Updated {
  matched: number;
  modified: number;
  upserted?: unknown;
}

const UPDATE = ['q', 'u', 'upsert', 'multi', 'arrayFilters', 'hint', 'collation'];

async function updateOne(name: string, one: Doc, { engine, db }: Context): Promise<Updated> {
  for (const field of Object.keys(one)) {
    if (!UPDATE.includes(field))
      throw new StoreError(40415, `BSON field 'update.updates.${field}' is an unknown field.`);
  }
  refuseCollation(one);
  checkHint(one, engine.catalogue.find(db, name));
  const change = changeOf(one['q'], one['u'], one['arrayFilters'], isTrue(one['upsert'] ?? false));
  if (isTrue(one['multi'] ?? false)) return updateMany(name, change, engine, db);
  if (change.upsert) await engine.ensure(db, name);
  return engine.writer.write(() => {
    const collection = change.upsert ? existing(engine, db, name) : engine.catalogue.find(db, name);
    const [found] = collection ? engine.find(collection, { filter: change.query, limit: 1 }, change.filter) : [];
    if (collection && found) return { matched: 1, modified: apply(engine, collection, found, change) ? 1 : 0 };
    if (!collection || !change.upsert) return { matched: 0, modified: 0 };
    return { matched: 1, modified: 0, upserted: insertFor(engine, collection, change)['_id'] };
  });
}

function changeOf(query: unknown, given: unknown, arrayFilters: unknown, upsert: boolean): Change {
  const filters = arrayFilters === undefined ? {} : { arrayFilters: asDocs(arrayFilters) };
  const update = compileUpdate(given as Doc, filters);
  return { query: asDoc(query), filter: compileFilter(asDoc(query)), update, upsert, now: new Date() };
}

/** Which documents match is settled first, so that a changed one is not met again; each is matched anew at its turn. */
async function updateMany(name: string, change: Change, engine: Engine, db: string): Promise<Updated> {
  if (change.update.kind === 'replacement')
    throw new StoreError(9, 'multi update is not supported for replacement-style update');
  const collection = engine.catalogue.find(db, name);
  const keys = [...engine.find(collection, { filter: change.query }, change.filter)].map(({ key }) => key);
  if (keys.length === 0 && change.upsert) return upsertWhenNoneMatches(name, change, engine, db);
  const result = { matched: 0, modified: 0 };
  for (let from = 0; from < keys.length; from += CHUNK) {
    await engine.writer.write(() => {
      const now = engine.catalogue.find(db, name);
      if (!now) return;
      for (const key of keys.slice(from, from + CHUNK)) {
        const found = engine.documents.find(key);
        if (!found || !change.filter.matches(found.document)) continue;
        result.matched += 1;
        if (apply(engine, now, found, change)) result.modified += 1;
      }
    });
  }
  return result;
}

async function upsertWhenNoneMatches(name: string, change: Change, engine: Engine, db: string): Promise<Updated> {
  await engine.ensure(db, name);
  return engine.writer.write(() => {
    const collection = existing(engine, db, name);
    const [found] = engine.find(collection, { filter: change.query, limit: 1 }, change.filter);
    if (found) return { matched: 1, modified: apply(engine, collection, found, change) ? 1 : 0 };
    return { matched: 1, modified: 0, upserted: insertFor(engine, collection, change)['_id'] };
  });
}

/** @returns whether the document is another now */
function apply(
  engine: Engine,
  collection: Collection,
  { key, document }: Found,
  { filter, update, now }: Change,
): Doc | null {
  const { doc, changed } = update.apply(document, { position: () => filter.position(document), isInsert: false, now });
  if (changed) engine.documents.replace(collection, key, document, doc);
  return changed ? doc : null;
}

function insertFor(engine: Engine, collection: Collection, { query, update, now }: Change): Doc {
  const seed = upsertSeed(query, { replacement: update.kind === 'replacement' });
  const { doc } = update.apply(seed, { isInsert: true, now });
  return engine.documents.insert(collection, doc);
}

const remove: Command = async (body, { engine, db }) => {
  expectFields(body, ['deletes', 'ordered', 'let']);
  let n = 0;
  for (const one of asDocs(body['deletes'])) {
    refuseCollation(one);
    const query = asDoc(one['q']);
    const filter = compileFilter(query);
    n +=
      asNumber(one['limit'], 0) === 1
        ? await deleteOne(engine, db, body, query, filter)
        : await deleteMany(engine, db, body, query, filter);
  }
  return { n, ok: 1 };
};

function deleteOne(engine: Engine, db: string, body: Doc, query: Doc, filter: Filter): Promise<number> {
  return engine.writer.write(() => {
    const collection = engine.catalogue.find(db, collectionName(body));
    const [found] = collection ? engine.find(collection, { filter: query, limit: 1 }, filter) : [];
    if (!collection || !found) return 0;
    engine.documents.remove(collection, found.key, found.document);
    return 1;
  });
}

async function deleteMany(engine: Engine, db: string, body: Doc, query: Doc, filter: Filter): Promise<number> {
  const name = collectionName(body);
  const keys = [...engine.find(engine.catalogue.find(db, name), { filter: query }, filter)].map(({ key }) => key);
  let n = 0;
  for (let from = 0; from < keys.length; from += CHUNK) {
    await engine.writer.write(() => {
      const collection = engine.catalogue.find(db, name);
      for (const key of collection ? keys.slice(from, from + CHUNK) : []) {
        const document = engine.documents.find(key)?.document;
        if (!collection || !document || !filter.matches(document)) continue;
        engine.documents.remove(collection, key, document);
        n += 1;
      }
    });
  }
  return n;
}

const FIND_AND_MODIFY = ['query', 'sort', 'remove', 'update', 'new', 'fields', 'upsert', 'arrayFilters', 'hint', 'collation', 'bypassDocumentValidation']; // biome-ignore format: a list of names

const findAndModify: Command = async (body, { engine, db }) => {
  expectFields(body, FIND_AND_MODIFY);
  refuseCollation(body);
  const name = collectionName(body);
  const [removes, upsert] = [isTrue(body['remove'] ?? false), isTrue(body['upsert'] ?? false)];
  if (removes === (body['update'] !== undefined))
    throw new StoreError(9, 'Either an update or remove=true must be specified');
  const query = asDoc(body['query']);
  const change = removes ? null : changeOf(query, body['update'], body['arrayFilters'], upsert);
  const filter = change?.filter ?? compileFilter(query);
  const project = compileProjection(asDoc(body['fields']), { filter });
  if (upsert) await engine.ensure(db, name);
  const show = (document: Doc | null) => (document ? project(document) : null);
  return engine.writer.write(() => {
    const collection = engine.catalogue.find(db, name);
    const [found] = collection
      ? engine.find(collection, { filter: query, sort: asDoc(body['sort']), limit: 1 }, filter)
      : [];
    if (collection && found && change) {
      const after = apply(engine, collection, found, change) ?? found.document;
      const value = show(isTrue(body['new'] ?? false) ? after : found.document);
      return { lastErrorObject: { n: 1, updatedExisting: true }, value, ok: 1 };
    }
    if (collection && found) {
      engine.documents.remove(collection, found.key, found.document);
      return { lastErrorObject: { n: 1 }, value: show(found.document), ok: 1 };
    }
    if (!collection || !change?.upsert) return notFound(removes);
    const made = insertFor(engine, collection, change);
    const value = isTrue(body['new'] ?? false) ? show(made) : null;
    return { lastErrorObject: { n: 1, updatedExisting: false, upserted: made['_id'] }, value, ok: 1 };
  });
};

const notFound = (removes: boolean): Doc => ({
  lastErrorObject: removes ? { n: 0 } : { n: 0, updatedExisting: false },
  value: null,
  ok: 1,
});

export const WRITE_COMMANDS: Record<string, Command> = {
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
};
