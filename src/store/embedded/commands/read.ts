import type { Long } from 'bson';
import { aggregate } from '../aggregate';
import type { Row } from '../cursors';
import type { Query } from '../engine';
import type { Cost } from '../scan';
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
import { valuesAt } from './values-at';

const FIND = ['filter', 'sort', 'projection', 'skip', 'limit', 'batchSize', 'singleBatch', 'hint', 'collation', 'noCursorTimeout', 'allowDiskUse', 'allowPartialResults']; // biome-ignore format: a list of names

const find: Command = (body, context) => {
  expectFields(body, FIND);
  refuseCollation(body);
  const name = collectionName(body);
  const query = queryOf(body);
  const batchSize = body['batchSize'] === undefined ? undefined : asNumber(body['batchSize'], 0);
  const options = { ...(batchSize !== undefined && { batchSize }), single: isTrue(body['singleBatch'] ?? false) };
  return context.cursors.begin(
    documentsOf(body, query, context, name),
    `${context.db}.${name}`,
    context.connection,
    options,
  );
};

function queryOf(body: Doc): Query {
  const limit = asNumber(body['limit'], 0);
  return {
    filter: asDoc(body['filter']),
    sort: asDoc(body['sort']),
    skip: asNumber(body['skip'], 0),
    // An old driver's negative limit is a limit with one batch.
    limit: limit === 0 ? Number.POSITIVE_INFINITY : Math.abs(limit),
  };
}

function documentsOf(body: Doc, query: Query, { engine, db }: Context, name: string): Iterable<Row> {
  const filter = compileFilter(query.filter);
  const project = compileProjection(asDoc(body['projection']), { filter });
  checkHint(body, engine.catalogue.find(db, name));
  const found = engine.find(engine.catalogue.find(db, name), query, filter);
  const whole = Object.keys(asDoc(body['projection'])).length === 0;
  return (function* () {
    for (const one of found) yield whole ? one.bytes : project(one.document);
  })();
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

const count: Command = (body, { engine, db }) => {
  expectFields(body, ['query', 'limit', 'skip', 'hint', 'collation']);
  refuseCollation(body);
  const collection = engine.catalogue.find(db, collectionName(body));
  const filter = asDoc(body['query']);
  if (!collection) return { n: 0, ok: 1 };
  const [skip, limit] = [asNumber(body['skip'], 0), Math.abs(asNumber(body['limit'], 0))];
  if (Object.keys(filter).length === 0) {
    const rest = Math.max(0, engine.count(collection) - skip);
    return { n: limit === 0 ? rest : Math.min(rest, limit), ok: 1 };
  }
  let n = 0;
  for (const _ of engine.find(collection, { filter, skip, limit: limit || Number.POSITIVE_INFINITY })) n += 1;
  return { n, ok: 1 };
};

/** The answer is one document. */
const DISTINCT_MAX = 16 * 1024 * 1024;

const distinct: Command = (body, { engine, db }) => {
  expectFields(body, ['key', 'query', 'collation']);
  refuseCollation(body);
  const { key } = body;
  if (typeof key !== 'string')
    throw new StoreError(14, "BSON field 'distinct.key' is the wrong type, expected type 'string'");
  const values = new Map<string, unknown>();
  let bytes = 0;
  for (const { document } of engine.find(engine.catalogue.find(db, collectionName(body)), {
    filter: asDoc(body['query']),
  })) {
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

const aggregateCommand: Command = (body, context) => {
  expectFields(body, ['pipeline', 'cursor', 'hint', 'allowDiskUse', 'collation', 'let', 'bypassDocumentValidation']);
  refuseCollation(body);
  if (Object.keys(asDoc(body['let'])).length > 0) throw new StoreError(238, 'this store has no variables of let');
  const name = collectionName(body);
  const documents = aggregate(
    asDocs(body['pipeline']),
    context.engine,
    context.engine.catalogue.find(context.db, name),
  );
  const size = asDoc(body['cursor'])['batchSize'];
  const options = size === undefined ? {} : { batchSize: asNumber(size, 0) };
  return context.cursors.begin(documents, `${context.db}.${name}`, context.connection, options);
};

const explain: Command = (body, { engine, db }) => {
  const inner = asDoc(body['explain']);
  const [command] = Object.keys(inner);
  const name = collectionName(inner);
  const filter = asDoc(inner['filter'] ?? inner['query'] ?? asDoc(asDocs(inner['pipeline'])[0])['$match']);
  const query: Query = { ...queryOf(inner), filter };
  const collection = engine.catalogue.find(db, name);
  const compiled = compileFilter(filter);
  const plan = collection && engine.plan(collection, query, compiled);
  const scanStage = plan?.index
    ? {
        stage: 'FETCH',
        inputStage: {
          stage: 'IXSCAN',
          indexName: plan.index.name,
          keyPattern: plan.index.shown,
          isMultiKey: plan.index.multikey,
        },
      }
    : { stage: collection ? 'COLLSCAN' : 'EOF' };
  const winningPlan = plan?.sorted === false ? { stage: 'SORT', inputStage: scanStage } : scanStage;
  const cost: Cost = { keysExamined: 0, docsExamined: 0 };
  let nReturned = 0;
  for (const _ of engine.find(collection, query, compiled, cost)) nReturned += 1;
  return {
    explainVersion: '1',
    command,
    queryPlanner: { namespace: `${db}.${name}`, parsedQuery: filter, winningPlan, rejectedPlans: [] },
    executionStats: {
      executionSuccess: true,
      nReturned,
      totalKeysExamined: cost.keysExamined,
      totalDocsExamined: cost.docsExamined,
    },
    ok: 1,
  };
};

export const READ_COMMANDS: Record<string, Command> = {
  find,
  getMore,
  killCursors,
  count,
  distinct,
  aggregate: aggregateCommand,
  explain,
};
