import type { Long } from 'bson';
import type { Row } from '../cursors';
import type { Query } from '../engine';
import { evaluator, withLet } from '../expressions';
import { runPipeline } from '../pipeline/pipeline';
import type { Place } from '../pipeline/stage';
import { sinkOf } from '../pipeline/writing';
import {
  compareValues,
  compileFilter,
  compileProjection,
  type Doc,
  encodeValue,
  MISSING,
  StoreError,
  splitPath,
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
import { explained } from './explain';
import { valuesAt } from './values-at';

const FIND = ['filter', 'sort', 'projection', 'skip', 'limit', 'batchSize', 'singleBatch', 'hint', 'collation', 'noCursorTimeout', 'allowDiskUse', 'allowPartialResults', 'let']; // biome-ignore format: a list of names

const find: Command = (body, context) => {
  expectFields(body, FIND);
  refuseCollation(body);
  const name = collectionName(body);
  const query = queryOf(body);
  const batchSize = body['batchSize'] === undefined ? undefined : asNumber(body['batchSize'], 0);
  const options = { ...(batchSize !== undefined && { batchSize }), single: isTrue(body['singleBatch'] ?? false) };
  return context.cursors.begin(documentsOf(body, query, context), `${context.db}.${name}`, context.connection, options);
};

/** Where a command reads: its collection, or none, with the variables of its `let`. */
export function placeOf(body: Doc, { engine, db, sessions }: Context): Place {
  const [name] = Object.values(body);
  const collection = typeof name === 'string' ? engine.catalogue.find(db, name) : undefined;
  return { engine, db, collection, variables: withLet(asDoc(body['let'])), sessions: () => sessions.list() };
}

export function queryOf(body: Doc): Query {
  const limit = asNumber(body['limit'], 0);
  return {
    filter: asDoc(body['filter']),
    sort: asDoc(body['sort']),
    skip: asNumber(body['skip'], 0),
    // An old driver's negative limit is a limit with one batch.
    limit: limit === 0 ? Number.POSITIVE_INFINITY : Math.abs(limit),
  };
}

function documentsOf(body: Doc, query: Query, context: Context): Iterable<Row> {
  const place = placeOf(body, context);
  const expr = evaluator(place.variables);
  const filter = compileFilter(query.filter, { expr });
  const project = compileProjection(asDoc(body['projection']), { filter, expr });
  if (place.collection?.view) return viewed(query, place, project);
  checkHint(body, place.collection);
  const found = place.engine.find(place.collection, query, filter);
  const whole = Object.keys(asDoc(body['projection'])).length === 0;
  return (function* () {
    for (const one of found) yield whole ? one.bytes : project(one.document);
  })();
}

/** A query of a view is more stages of its pipeline. */
function* viewed(query: Query, place: Place, project: (document: Doc) => Doc): Generator<Doc> {
  for (const document of runPipeline(stagesOf(query), place)) yield project(document);
}

function stagesOf({ filter, sort = {}, skip = 0, limit = Number.POSITIVE_INFINITY }: Query): Doc[] {
  return [
    { $match: filter },
    ...(Object.keys(sort).length > 0 ? [{ $sort: sort }] : []),
    ...(skip > 0 ? [{ $skip: skip }] : []),
    ...(Number.isFinite(limit) ? [{ $limit: limit }] : []),
  ];
}

/** Documents that a query finds, in a collection or a view. */
function* foundBy(query: Query, place: Place): Generator<Doc> {
  if (place.collection?.view) yield* runPipeline(stagesOf(query), place);
  else {
    const filter = compileFilter(query.filter, { expr: evaluator(place.variables) });
    for (const { document } of place.engine.find(place.collection, query, filter)) yield document;
  }
}

/** A hint may not change what is found, so all it needs is an index of that name or key. */
export function checkHint(body: Doc, collection: ReturnType<Context['engine']['catalogue']['find']>): void {
  const { hint } = body;
  if (hint === undefined || !collection) return;
  const known = collection.indexes.some(
    ({ name, shown }) => name === hint || (typeof hint === 'object' && compareValues(shown, hint) === 0),
  );
  const natural = typeof hint === 'object' && hint !== null && '$natural' in hint;
  if (!known && !natural)
    throw new StoreError(
      2,
      'error processing query: planner returned error :: hint provided does not correspond to an existing index',
    );
}

const getMore: Command = (body, { cursors }) => {
  expectFields(body, ['collection', 'batchSize']);
  const batchSize = body['batchSize'] === undefined ? undefined : asNumber(body['batchSize'], 0);
  return cursors.next(body['getMore'] as Long, batchSize);
};

const killCursors: Command = (body, { cursors }) => cursors.kill(asDocs(body['cursors']) as unknown as Long[]);

const count: Command = (body, context) => {
  expectFields(body, ['query', 'limit', 'skip', 'hint', 'collation', 'fields']);
  refuseCollation(body);
  const { engine } = context;
  collectionName(body);
  const place = placeOf(body, context);
  const { collection } = place;
  checkHint(body, collection);
  const filter = asDoc(body['query']);
  if (!collection) return { n: 0, ok: 1 };
  const [skip, limit] = [asNumber(body['skip'], 0), Math.abs(asNumber(body['limit'], 0))];
  if (Object.keys(filter).length === 0 && !collection.view) {
    const rest = Math.max(0, engine.count(collection) - skip);
    return { n: limit === 0 ? rest : Math.min(rest, limit), ok: 1 };
  }
  let n = 0;
  for (const _ of foundBy({ filter, skip, limit: limit || Number.POSITIVE_INFINITY }, place)) n += 1;
  return { n, ok: 1 };
};

/** The answer is one document. */
const DISTINCT_MAX = 16 * 1024 * 1024;

const distinct: Command = (body, context) => {
  expectFields(body, ['key', 'query', 'collation', 'hint']);
  refuseCollation(body);
  const { key } = body;
  if (typeof key !== 'string')
    throw new StoreError(14, "BSON field 'distinct.key' is the wrong type, expected type 'string'");
  const values = new Map<string, unknown>();
  let bytes = 0;
  collectionName(body);
  const place = placeOf(body, context);
  checkHint(body, place.collection);
  for (const document of foundBy({ filter: asDoc(body['query']) }, place)) {
    for (const value of valuesAt(document, splitPath(key))) {
      if (value === MISSING) continue;
      const name = encodeValue(value).toString('latin1');
      if (!values.has(name)) bytes += name.length;
      if (bytes > DISTINCT_MAX) throw new StoreError(17217, 'distinct too big, 16mb cap');
      if (!values.has(name)) values.set(name, value);
    }
  }
  return { values: [...values.values()].sort(compareValues), ok: 1 };
};

const AGGREGATE = ['pipeline', 'cursor', 'hint', 'allowDiskUse', 'collation', 'let', 'bypassDocumentValidation', 'explain']; // biome-ignore format: a list of names

const aggregate: Command = async (body, context) => {
  expectFields(body, AGGREGATE);
  refuseCollation(body);
  const { db, cursors, connection } = context;
  const { pipeline, cursor } = body;
  if (!Array.isArray(pipeline))
    throw new StoreError(14, "BSON field 'aggregate.pipeline' is the wrong type, expected type 'array'");
  if (isTrue(body['explain'] ?? false)) return explained(body, context);
  if (cursor === undefined) throw new StoreError(9, "The 'cursor' option is required, except for aggregate with the explain argument"); // biome-ignore format: one line
  const place = placeOf(body, context);
  checkHint(body, place.collection);
  const name = typeof body['aggregate'] === 'string' ? collectionName(body) : '$cmd.aggregate';
  const { sink, before } = sinkOf(pipeline as Doc[]);
  const documents = runPipeline(before, place);
  if (sink) await sink(documents, place);
  const size = asDoc(cursor)['batchSize'];
  const options = size === undefined ? {} : { batchSize: asNumber(size, 0) };
  return cursors.begin(sink ? [] : documents, `${db}.${name}`, connection, options);
};

export const READ_COMMANDS: Record<string, Command> = {
  find,
  getMore,
  killCursors,
  count,
  distinct,
  aggregate,
};
