import type { Collection } from '../catalogue';
import type { Engine } from '../engine';
import { evaluator, type Variables, withLet } from '../expressions';
import { updatePipeline } from '../pipeline/pipeline';
import type { Found } from '../scan';
import { compileFilter, compileUpdate, type Doc, type Filter, type Update, upsertSeed } from '../semantics';
import type { Unchecked } from '../validator';
import { asDoc, asDocs, type Context, isTrue } from './command';

/** A change of documents, read before any is found. */
export interface Change {
  unchecked: Unchecked;
  filter: Filter;
  query: Doc;
  update: Update;
  upsert: boolean;
  now: Date;
}

interface Asked {
  query: unknown;
  update: unknown;
  arrayFilters: unknown;
  upsert: boolean;
}

/** @throws StoreError for whatever is wrong with filter, update or variables */
export function changeOf(
  { query, update: given, arrayFilters, upsert }: Asked,
  body: Doc,
  { engine, db }: Context,
): Change {
  const filters = arrayFilters === undefined ? {} : { arrayFilters: asDocs(arrayFilters) };
  const variables = withLet(asDoc(body['let']));
  const pipeline = updatePipeline({ engine, db, collection: undefined, variables, sessions: () => [] });
  const update = compileUpdate(given as Doc, { ...filters, pipeline });
  const unchecked = { bypass: isTrue(body['bypassDocumentValidation'] ?? false) };
  return { query: asDoc(query), filter: filterOf(query, variables), update, upsert, now: new Date(), unchecked };
}

export const filterOf = (query: unknown, variables: Variables): Filter =>
  compileFilter(asDoc(query), { expr: evaluator(variables) });

/** @returns the document as it is now; null when it is no other */
export function apply(
  engine: Engine,
  collection: Collection,
  { key, document }: Found,
  { filter, update, now, unchecked }: Change,
): Doc | null {
  const { doc, changed } = update.apply(document, { position: () => filter.position(document), isInsert: false, now });
  if (changed) engine.documents.replace(collection, key, document, doc, unchecked);
  return changed ? doc : null;
}

/** Inserts what an upsert makes of its filter and update. */
export function insertFor(engine: Engine, collection: Collection, { query, update, now, unchecked }: Change): Doc {
  const seed = upsertSeed(query, { replacement: update.kind === 'replacement' });
  const { doc } = update.apply(seed, { isInsert: true, now });
  return engine.documents.insert(collection, doc, unchecked);
}
