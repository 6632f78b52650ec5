import type { Query } from '../engine';
import { evaluator } from '../expressions';
import { compilePipeline, runPipeline } from '../pipeline/pipeline';
import { sinkOf } from '../pipeline/writing';
import type { Plan } from '../planner';
import type { Cost } from '../scan';
import { compileFilter, type Doc, isDocument, StoreError } from '../semantics';
import { number } from '../stats';
import { asDoc, asDocs, type Command, type Context, collectionName } from './command';
import { placeOf, queryOf } from './read';

/** `explain` of whatever finds documents: how they would be found, and what that cost when it is tried. */
export function explained(body: Doc, context: Context, verbosity = 'allPlansExecution'): Doc {
  const [command = ''] = Object.keys(body);
  const read = QUERIES[command];
  if (!read) throw new StoreError(2, `Explain failed due to unknown command: ${command}`);
  const name = collectionName(body);
  const place = placeOf(body, context);
  if (place.collection?.view) throw new StoreError(238, 'this store explains no query of a view');
  const { query, stages } = read(body);
  const filter = compileFilter(query.filter, { expr: evaluator(place.variables) });
  const pipeline = command === 'aggregate' ? sinkOf(asDocs(body['pipeline'])).before : null;
  if (pipeline) compilePipeline(pipeline, place);
  const plan = place.collection && context.engine.plan(place.collection, query, filter);
  const namespace = `${context.db}.${name}`;
  const queryPlanner = {
    namespace,
    parsedQuery: query.filter,
    indexFilterSet: false,
    winningPlan: planOf(plan, query, asDoc(body['projection'])),
    rejectedPlans: [],
  };
  return {
    explainVersion: '1',
    command: { ...body, $db: context.db },
    ...(stages.length > 0 ? { stages: [{ $cursor: { queryPlanner } }, ...stages] } : {}),
    queryPlanner,
    ...(verbosity !== 'queryPlanner' && {
      executionStats: tried((cost) =>
        pipeline
          ? runPipeline(pipeline, { ...place, cost })
          : context.engine.find(place.collection, query, filter, cost),
      ),
    }),
    serverInfo: { host: 'localhost', port: 0, version: '7.0.0', gitVersion: 'gatefold' },
    ok: 1,
  };
}

/** Reads what a command asks for: the query, and of a pipeline the stages behind it. */
const QUERIES: Readonly<Record<string, (body: Doc) => { query: Query; stages: Doc[] }>> = {
  find: (body) => ({ query: queryOf(body), stages: [] }),
  count: (body) => ({ query: { ...queryOf(body), filter: asDoc(body['query']) }, stages: [] }),
  distinct: (body) => ({ query: { filter: asDoc(body['query']) }, stages: [] }),
  delete: (body) => ({ query: { filter: asDoc(asDocs(body['deletes'])[0]?.['q']) }, stages: [] }),
  update: (body) => ({ query: { filter: asDoc(asDocs(body['updates'])[0]?.['q']) }, stages: [] }),
  findAndModify: (body) => ({
    query: { filter: asDoc(body['query']), sort: asDoc(body['sort']), limit: 1 },
    stages: [],
  }),
  aggregate: (body) => {
    const [first = {}, ...rest] = asDocs(body['pipeline']);
    const matches = isDocument(first['$match']);
    const filter = matches ? asDoc(first['$match']) : {};
    const sort = matches ? asDoc(rest[0]?.['$sort']) : asDoc(first['$sort']);
    return { query: { filter, sort }, stages: asDocs(body['pipeline']).slice(matches ? 1 : 0) };
  },
};

function planOf(plan: Plan | undefined, { sort = {} }: Query, projection: Doc): Doc {
  const found = plan?.index
    ? {
        stage: 'FETCH',
        inputStage: {
          stage: 'IXSCAN',
          keyPattern: plan.index.shown,
          indexName: plan.index.name,
          isMultiKey: plan.index.multikey,
          isUnique: plan.index.unique,
          isSparse: plan.index.sparse,
          isPartial: plan.index.partial !== undefined,
          direction: plan.reverse ? 'backward' : 'forward',
        },
      }
    : { stage: plan ? 'COLLSCAN' : 'EOF', ...(plan && { direction: 'forward' }) };
  const sorted = plan?.sorted === false ? { stage: 'SORT', sortPattern: sort, inputStage: found } : found;
  if (Object.keys(projection).length === 0) return sorted;
  return { stage: 'PROJECTION_DEFAULT', transformBy: projection, inputStage: sorted };
}

/** Nothing is written: of an update or a delete only the finding is tried, of a pipeline all but `$out` and `$merge`. */
function tried(run: (cost: Cost) => Iterable<unknown>): Doc {
  const cost: Cost = { keysExamined: 0, docsExamined: 0 };
  const from = performance.now();
  let nReturned = 0;
  for (const _ of run(cost)) nReturned += 1;
  return {
    executionSuccess: true,
    nReturned: number(nReturned),
    executionTimeMillis: number(Math.round(performance.now() - from)),
    totalKeysExamined: number(cost.keysExamined),
    totalDocsExamined: number(cost.docsExamined),
  };
}

const VERBOSITIES = ['queryPlanner', 'executionStats', 'allPlansExecution'];

export const explain: Command = (body, context) => {
  const verbosity = String(body['verbosity'] ?? 'allPlansExecution');
  if (!VERBOSITIES.includes(verbosity)) throw new StoreError(9, `verbosity string must be one of {'queryPlanner', 'executionStats', 'allPlansExecution'}`); // biome-ignore format: one line
  return explained(asDoc(body['explain']), context, verbosity);
};
