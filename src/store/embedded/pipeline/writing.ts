import type { Collection } from '../catalogue';
import { withLet } from '../expressions';
import { createIndex, dropCollection, renameCollection } from '../schema';
import { compileUpdate, type Doc, isDocument, StoreError } from '../semantics';
import { updatePipeline } from './pipeline';
import { nameAndArgument, type Place } from './stage';

/** `$out` and `$merge`: the last stage, which writes what comes into a collection. */
export type Sink = (documents: Iterable<Doc>, place: Place) => Promise<void>;

/** How many documents one transaction writes at most. */
const CHUNK = 200;

/** The sink of a pipeline, when its last stage is one. @throws StoreError 40601 for one before the end */
export function sinkOf(stages: readonly Doc[]): { sink: Sink | null; before: readonly Doc[] } {
  const writes = (stage: Doc | undefined) => (stage ? ['$out', '$merge'].includes(nameAndArgument(stage)[0]) : false);
  const early = stages.slice(0, -1).find(writes);
  if (early) throw new StoreError(40601, `${nameAndArgument(early)[0]} can only be the final stage in the pipeline`);
  const last = stages.at(-1);
  if (!last || !writes(last)) return { sink: null, before: stages };
  const [name, argument] = nameAndArgument(last);
  return { sink: name === '$out' ? out(argument) : merge(argument), before: stages.slice(0, -1) };
}

function* chunks(documents: Iterable<Doc>): Generator<Doc[]> {
  let chunk: Doc[] = [];
  for (const document of documents) {
    chunk.push(document);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

interface Target {
  db: string;
  coll: string;
}

function targetOf(argument: unknown, place: Place, stage: string): Target {
  if (typeof argument === 'string') return { db: place.db, coll: argument };
  const { db = place.db, coll } = isDocument(argument) ? argument : {};
  if (typeof db !== 'string' || typeof coll !== 'string')
    throw new StoreError(16990, `${stage} only supports a string or object argument`);
  return { db, coll };
}

/** Everything goes into a new collection, which then takes the place and the indexes of the old one. */
function out(argument: unknown): Sink {
  return async (documents, place) => {
    const { engine } = place;
    const { db, coll } = targetOf(argument, place, '$out');
    const held = [...documents];
    const temporary = `tmp.agg_out.${process.pid}.${Date.now()}.${Math.floor(Math.random() * 1e9)}`;
    const indexes = engine.catalogue.find(db, coll)?.indexes ?? [];
    try {
      await engine.ensure(db, temporary);
      for (const index of indexes) await createIndex(engine, db, temporary, { ...index, multikey: false, cut: false });
      for (const chunk of chunks(held)) await insertAll(place, db, temporary, chunk);
      await renameCollection(engine, { db, name: temporary }, { db, name: coll });
    } catch (error) {
      const left = engine.catalogue.find(db, temporary);
      if (left) await dropCollection(engine, left);
      throw error;
    }
  };
}

async function insertAll({ engine }: Place, db: string, name: string, documents: Doc[]): Promise<void> {
  await engine.writer.write(() => {
    const collection = existing(engine.catalogue.find(db, name));
    for (const document of documents) engine.documents.insert(collection, document);
  });
}

function existing(collection: Collection | undefined): Collection {
  if (!collection) throw new StoreError(112, 'the collection was dropped meanwhile; try again');
  return collection;
}

const MERGE = ['into', 'on', 'whenMatched', 'whenNotMatched', 'let'];
const MATCHED = ['replace', 'keepExisting', 'merge', 'fail'];
const NOT_MATCHED = ['insert', 'discard', 'fail'];

interface Merge {
  on: string[];
  whenMatched: unknown;
  whenNotMatched: unknown;
  given: Doc;
}

function merge(argument: unknown): Sink {
  const spec: Doc = typeof argument === 'string' ? { into: argument } : isDocument(argument) ? argument : {};
  for (const name of Object.keys(spec)) if (!MERGE.includes(name)) throw new StoreError(40415, `BSON field '$merge.${name}' is an unknown field.`); // biome-ignore format: one line
  const { whenMatched = 'merge', whenNotMatched = 'insert' } = spec;
  if (!Array.isArray(whenMatched) && !MATCHED.includes(String(whenMatched)))
    throw new StoreError(2, `Enumeration value '${String(whenMatched)}' for field 'whenMatched' is not a valid value.`);
  if (!NOT_MATCHED.includes(String(whenNotMatched)))
    throw new StoreError(2, `Enumeration value '${String(whenNotMatched)}' for field '$merge.whenNotMatched' is not a valid value.`); // biome-ignore format: one line
  const on = [spec['on'] ?? '_id'].flat().map(String);
  return async (documents, place) => {
    const { db, coll } = targetOf(spec['into'], place, '$merge');
    const target = await place.engine.ensure(db, coll);
    checkUniqueOn(target, on);
    const how: Merge = { on, whenMatched, whenNotMatched, given: isDocument(spec['let']) ? spec['let'] : {} };
    // What is merged into the collection that is read is settled before the first write.
    for (const chunk of chunks([...documents])) {
      await place.engine.writer.write(() => {
        const collection = existing(place.engine.catalogue.find(db, coll));
        for (const document of chunk) mergeOne(document, collection, how, place);
      });
    }
  };
}

function checkUniqueOn({ indexes }: Collection, on: string[]): void {
  const fits = indexes.some(({ unique, partial, key }) => {
    const fields = Object.keys(key);
    return unique && !partial && fields.length === on.length && fields.every((field) => on.includes(field));
  });
  if (!fits) throw new StoreError(51183, 'Cannot find index to verify that join fields will be unique');
}

function mergeOne(document: Doc, collection: Collection, how: Merge, place: Place): void {
  const { engine } = place;
  const filter = Object.fromEntries(how.on.map((field) => [field, { $eq: document[field] }]));
  const [found] = how.on.some((field) => !(field in document)) ? [] : engine.find(collection, { filter, limit: 1 });
  if (!found) {
    if (how.whenNotMatched === 'discard') return;
    if (how.whenNotMatched === 'fail')
      throw new StoreError(13113, '$merge could not find a matching document in the target collection for at least one document in the source collection'); // biome-ignore format: one line
    engine.documents.insert(collection, document);
    return;
  }
  if (how.whenMatched === 'keepExisting') return;
  if (how.whenMatched === 'fail') {
    engine.documents.insert(collection, { ...document });
    return;
  }
  const { doc, changed } = updateFor(document, how, place).apply(found.document, { isInsert: false, now: new Date() });
  if (changed) engine.documents.replace(collection, found.key, found.document, doc);
}

function updateFor(document: Doc, { whenMatched, given }: Merge, place: Place) {
  if (whenMatched === 'replace') return compileUpdate(document);
  const variables = withLet(given, { values: new Map([...place.variables.values, ['new', document]]) }, document);
  const stages = Array.isArray(whenMatched) ? (whenMatched as Doc[]) : [{ $replaceWith: { $mergeObjects: ['$$ROOT', '$$new'] } }]; // biome-ignore format: one line
  return compileUpdate(stages, { pipeline: updatePipeline({ ...place, variables }) });
}
