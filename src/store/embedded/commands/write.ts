import { type Collection, refuseView } from '../catalogue';
import type { Engine } from '../engine';
import { withLet } from '../expressions';
import { type Doc, type Filter, StoreError } from '../semantics';
import { apply, type Change, changeOf, filterOf, insertFor } from './change';
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
import { findAndModify } from './find-and-modify';
import { checkHint } from './read';

/** How many documents one transaction changes at most, so that nobody waits long behind a large command. */
const CHUNK = 200;

const insert: Command = async (body, { engine, db }) => {
  expectFields(body, ['documents', 'ordered', 'bypassDocumentValidation']);
  const unchecked = { bypass: isTrue(body['bypassDocumentValidation'] ?? false) };
  const documents = asDocs(body['documents']);
  if (documents.length === 0)
    throw new StoreError(16, 'Write batch sizes must be between 1 and 100000. Got 0 operations.');
  const ordered = isTrue(body['ordered'] ?? true);
  const name = collectionName(body);
  refuseView(await engine.ensure(db, name));
  const writeErrors: Doc[] = [];
  let n = 0;
  for (let from = 0; from < documents.length && !(ordered && writeErrors.length > 0); from += CHUNK) {
    await engine.writer.write(() => {
      const collection = existing(engine, db, name);
      for (const [i, document] of documents.slice(from, from + CHUNK).entries()) {
        const error = attempt(() => engine.documents.insert(collection, document, unchecked));
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
  const { code, message, details } = error;
  return { index, code, errmsg: message, ...details };
}

/** Dropped between the command and its turn: made again by the next try. */
function existing(engine: Engine, db: string, name: string): Collection {
  const collection = engine.catalogue.find(db, name);
  if (!collection) throw new StoreError(112, 'the collection was dropped meanwhile; try again');
  return collection;
}

const update: Command = async (body, context) => {
  expectFields(body, ['updates', 'ordered', 'bypassDocumentValidation', 'let']);
  const ordered = isTrue(body['ordered'] ?? true);
  const result = { n: 0, nModified: 0 };
  const upserted: Doc[] = [];
  const writeErrors: Doc[] = [];
  for (const [index, one] of asDocs(body['updates']).entries()) {
    try {
      const done = await updateOne(body, one, context);
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

async function updateOne(body: Doc, one: Doc, context: Context): Promise<Updated> {
  const { engine, db } = context;
  const name = collectionName(body);
  for (const field of Object.keys(one)) {
    if (!UPDATE.includes(field))
      throw new StoreError(40415, `BSON field 'update.updates.${field}' is an unknown field.`);
  }
  refuseCollation(one);
  checkHint(one, engine.catalogue.find(db, name));
  const { q: query, u: update, arrayFilters } = one;
  const change = changeOf({ query, update, arrayFilters, upsert: isTrue(one['upsert'] ?? false) }, body, context);
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

const remove: Command = async (body, { engine, db }) => {
  expectFields(body, ['deletes', 'ordered', 'let']);
  const variables = withLet(asDoc(body['let']));
  let n = 0;
  for (const one of asDocs(body['deletes'])) {
    refuseCollation(one);
    const query = asDoc(one['q']);
    checkHint(one, engine.catalogue.find(db, collectionName(body)));
    const filter = filterOf(query, variables);
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

export const WRITE_COMMANDS: Record<string, Command> = {
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
};
