import { Int32, Long } from 'bson';
import { type Accumulator, accumulatorOf } from './accumulators';
import type { Collection } from './catalogue';
import type { Engine, Query } from './engine';
import { Held } from './memory';
import { sorted } from './scan';
import { compileFilter, compileProjection, type Doc, encodeValue, MISSING, StoreError, valueAt } from './semantics';

/**
 * The stages that the house asks for, on documents as they stream by. Anything else is refused as MongoDB refuses a stage
 * that it doesn't have (40324).
 */
export function aggregate(pipeline: Doc[], engine: Engine, collection: Collection | undefined): Iterable<Doc> {
  const { query, rest } = leadingQuery(pipeline);
  const only = rest.length === 1 ? countingGroup(rest[0]) : null;
  if (only && collection && Object.keys(query.filter).length === 0 && !query.skip && !query.limit) {
    const n = engine.count(collection);
    return n === 0 ? [] : [{ _id: only._id, [only.name]: whole(n) }];
  }
  let documents: Iterable<Doc> = documentsOf(engine, collection, query);
  for (const [i, stage] of rest.entries()) documents = apply(stage, documents, rest[i + 1]);
  return documents;
}

function* documentsOf(engine: Engine, collection: Collection | undefined, query: Query): Generator<Doc> {
  for (const { document } of engine.find(collection, query)) yield document;
}

/** `$match`, `$sort`, `$skip`, `$limit` at the head, in this order, are one query, which may use an index. */
function leadingQuery(pipeline: Doc[]): { query: Query; rest: Doc[] } {
  const query: Query = { filter: {} };
  const order = ['$match', '$sort', '$skip', '$limit'];
  let at = -1;
  let taken = 0;
  for (const stage of pipeline) {
    const [name, value] = only(stage);
    const place = order.indexOf(name);
    if (place <= at) break;
    at = place;
    if (name === '$match') query.filter = value as Doc;
    if (name === '$sort') query.sort = value as Doc;
    if (name === '$skip') query.skip = Number(value);
    if (name === '$limit') query.limit = limitOf(value);
    taken += 1;
  }
  return { query, rest: pipeline.slice(taken) };
}

function only(stage: Doc): [string, unknown] {
  const [entry, ...more] = Object.entries(stage);
  if (!entry || more.length > 0)
    throw new StoreError(40323, 'A pipeline stage specification object must contain exactly one field.');
  return entry;
}

function limitOf(value: unknown): number {
  const limit = Number(value);
  if (!(limit > 0)) throw new StoreError(15958, 'the limit must be positive');
  return limit;
}

/** @param next the stage behind it: a sort before a `$limit` keeps no more than that */
function apply(stage: Doc, documents: Iterable<Doc>, next: Doc | undefined): Iterable<Doc> {
  const [name, value] = only(stage);
  switch (name) {
    case '$match':
      return match(value as Doc, documents);
    case '$sort':
      return sort(value as Doc, documents, next);
    case '$skip':
      return skip(Number(value), documents);
    case '$limit':
      return limit(limitOf(value), documents);
    case '$project':
      return project(value as Doc, documents);
    case '$group':
      return group(value as Doc, documents);
    case '$count':
      return count(String(value), documents);
    default:
      throw new StoreError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
}

function* match(filter: Doc, documents: Iterable<Doc>): Generator<Doc> {
  const compiled = compileFilter(filter);
  for (const document of documents) if (compiled.matches(document)) yield document;
}

function* sort(spec: Doc, documents: Iterable<Doc>, next: Doc | undefined): Generator<Doc> {
  const wanted = next?.['$limit'] === undefined ? Number.POSITIVE_INFINITY : limitOf(next['$limit']);
  yield* sorted(documents, (document) => document, spec, wanted);
}

function* skip(n: number, documents: Iterable<Doc>): Generator<Doc> {
  let i = 0;
  for (const document of documents) {
    i += 1;
    if (i > n) yield document;
  }
}

function* limit(n: number, documents: Iterable<Doc>): Generator<Doc> {
  let i = 0;
  for (const document of documents) {
    yield document;
    i += 1;
    if (i >= n) return;
  }
}

function* project(spec: Doc, documents: Iterable<Doc>): Generator<Doc> {
  const projection = compileProjection(spec);
  for (const document of documents) yield projection(document);
}

function* count(name: string, documents: Iterable<Doc>): Generator<Doc> {
  let n = 0;
  for (const _ of documents) n += 1;
  if (n > 0) yield { [name]: whole(n) };
}

/** `{_id: <constant>, n: {$sum: 1}}`: what `countDocuments` sends. */
function countingGroup(stage: Doc | undefined): { _id: unknown; name: string } | null {
  const spec = stage?.['$group'] as Doc | undefined;
  const [first, second, ...more] = Object.entries(spec ?? {});
  if (!first || !second || more.length > 0 || first[0] !== '_id') return null;
  const constant = first[1] === null || Number.isFinite(Number(first[1]));
  return constant && Number((second[1] as Doc)['$sum']) === 1 ? { _id: first[1], name: second[0] } : null;
}

const whole = (n: number): Int32 | Long => (n < 2 ** 31 ? new Int32(n) : Long.fromNumber(n));

/** Groups as they come; only the groups are held. @throws StoreError 292 when they are too many */
function* group(spec: Doc, documents: Iterable<Doc>): Generator<Doc> {
  const { _id: key, ...fields } = spec;
  if (!('_id' in spec)) throw new StoreError(15955, 'a group specification must include an _id');
  const held = new Held('$group');
  const groups = new Map<string, { _id: unknown; totals: [string, Accumulator][] }>();
  for (const document of documents) {
    const _id = evaluate(key, document);
    const name = encodeValue(_id === MISSING ? null : _id).toString('latin1');
    let found = groups.get(name);
    if (!found) {
      found = {
        _id: _id === MISSING ? null : _id,
        totals: Object.entries(fields).map(([field, one]) => [field, accumulatorOf(one as Doc)]),
      };
      groups.set(name, found);
      held.add([name, _id, Object.keys(fields)]);
    }
    for (const [, accumulator] of found.totals) accumulator.add(evaluate(accumulator.of, document));
  }
  for (const { _id, totals } of groups.values()) {
    yield { _id, ...Object.fromEntries(totals.map(([field, accumulator]) => [field, accumulator.result()])) };
  }
}

/** A field path, a constant, or a document of these. @throws StoreError 168 for an operator */
function evaluate(expression: unknown, document: Doc): unknown {
  if (typeof expression === 'string' && expression.startsWith('$')) {
    if (expression.startsWith('$$')) throw new StoreError(238, `this store has no variables: ${expression}`);
    return valueAt(document, expression.slice(1).split('.'));
  }
  if (typeof expression !== 'object' || expression === null || '_bsontype' in expression) return expression;
  const fields = Object.entries(expression as Doc).map(([name, inner]) => {
    if (name.startsWith('$')) throw new StoreError(168, `Unrecognized expression '${name}'`);
    return [name, evaluate(inner, document)] as const;
  });
  return Object.fromEntries(fields.filter(([, value]) => value !== MISSING));
}
