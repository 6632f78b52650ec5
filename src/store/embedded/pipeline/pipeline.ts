import type { Query } from '../engine';
import { evaluator } from '../expressions';
import { compileFilter, type Doc, isDocument, StoreError } from '../semantics';
import { FIELD_STAGES, UPDATE_STAGES } from './fields';
import { FLOW_STAGES, limitOf, skipOf, sortOf } from './flow';
import { countingGroup, GROUP_STAGES } from './group';
import { JOIN_STAGES } from './join';
import { SOURCES } from './sources';
import { documentArgument, nameAndArgument, type Place, type Stage, type StageMaker } from './stage';

/** Reads a pipeline and runs it; whatever stands in front of it that a query can do is one, which may use an index. */
export function runPipeline(stages: readonly Doc[], place: Place): Iterable<Doc> {
  const [source, ...rest] = stages;
  const [name, argument] = source ? nameAndArgument(source) : ['', null];
  const begin = Object.hasOwn(SOURCES, name) ? SOURCES[name] : undefined;
  if (begin) return compilePipeline(rest, place, { inside: true })(begin(argument, place));
  return compilePipeline(stages, place)(NOTHING);
}

const NOTHING: Doc[] = [];

/**
 * Reads stages. @param options.inside the documents are given; otherwise those of the place's collection are read
 * @throws StoreError 40324 for a stage that this store doesn't have, and for every wrong argument, before anything is read
 */
export function compilePipeline(stages: readonly Doc[], place: Place, options: { inside?: boolean } = {}): Stage {
  const view = options.inside ? null : (place.collection?.view ?? null);
  if (view) {
    const below = { ...place, collection: place.engine.catalogue.find(place.db, view.on) };
    return compilePipeline([...view.pipeline, ...stages], below);
  }
  const { query, rest } = options.inside ? { query: null, rest: stages } : leadingQuery(stages);
  const compiled = rest.map((stage, i) => compileStage(stage, place, rest[i + 1]));
  const filter = query && compileFilter(query.filter, { expr: evaluator(place.variables) });
  const counting = query && isWhole(query) && rest.length === 1 ? countingGroup(rest[0]) : null;
  return (given) => {
    const { engine, collection, cost } = place;
    if (counting && collection) {
      const n = engine.count(collection);
      return n === 0 ? [] : [counting(n)];
    }
    let documents = query && filter ? documentsOf(engine.find(collection, query, filter, cost)) : given;
    for (const stage of compiled) documents = stage(documents);
    return documents;
  };
}

function isWhole({ filter, skip, limit }: Query): boolean {
  return Object.keys(filter).length === 0 && !skip && !limit;
}

function* documentsOf(found: Iterable<{ document: Doc }>): Generator<Doc> {
  for (const { document } of found) yield document;
}

const STAGES: Readonly<Record<string, StageMaker>> = {
  ...FLOW_STAGES,
  ...FIELD_STAGES,
  ...GROUP_STAGES,
  ...JOIN_STAGES,
};

function compileStage(stage: unknown, place: Place, next: Doc | undefined): Stage {
  const [name, argument] = nameAndArgument(stage);
  if (Object.hasOwn(SOURCES, name))
    throw new StoreError(40602, `${name} is only valid as the first stage in a pipeline`);
  const make = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
  if (!make) throw new StoreError(40324, `Unrecognized pipeline stage name: '${name}'`);
  return make(argument, place, next);
}

/** `$match`, `$sort`, `$skip`, `$limit` at the head, in this order, are one query. */
function leadingQuery(pipeline: readonly Doc[]): { query: Query; rest: readonly Doc[] } {
  const query: Query = { filter: {} };
  const order = ['$match', '$sort', '$skip', '$limit'];
  let at = -1;
  let taken = 0;
  for (const stage of pipeline) {
    const [name, value] = nameAndArgument(stage);
    const place = order.indexOf(name);
    if (place <= at) break;
    at = place;
    if (name === '$match') query.filter = documentArgument(value, 15959, 'the match filter must be an expression in an object'); // biome-ignore format: one line
    if (name === '$sort') query.sort = sortOf(value);
    if (name === '$skip') query.skip = skipOf(value);
    if (name === '$limit') query.limit = limitOf(value);
    taken += 1;
  }
  return { query, rest: pipeline.slice(taken) };
}

/** The stages of an update by pipeline, on one document. @throws StoreError 72 for a stage that changes more than one */
export function updatePipeline(place: Place): (stages: readonly Doc[], document: Doc) => Doc {
  const compiled = new WeakMap<object, Stage>();
  return (stages, document) => {
    const known = compiled.get(stages) ?? compileUpdateStages(stages, place);
    compiled.set(stages, known);
    const [result] = known([document]);
    return result ?? document;
  };
}

function compileUpdateStages(stages: readonly Doc[], place: Place): Stage {
  for (const stage of stages) {
    const [name = ''] = isDocument(stage) ? Object.keys(stage) : [];
    if (!UPDATE_STAGES.includes(name)) throw new StoreError(72, `${name} is not allowed to be used within an update`);
  }
  return compilePipeline(stages, place, { inside: true });
}
