import { compileExpression, type Variables } from '../expressions';
import { Held } from '../memory';
import { type Doc, fieldOf, isDocument, kindOf, MISSING, StoreError, splitPath } from '../semantics';
import { withField } from './fields';
import { compilePipeline, runPipeline } from './pipeline';
import { documentArgument, type Place, type StageMaker } from './stage';

/** The stages that read other collections, or their documents in several ways. */

/** A place with another collection of the same database. @throws StoreError 9 for what is no name */
function placeOf(place: Place, from: unknown, stage: string): Place {
  if (typeof from !== 'string' || from === '')
    throw new StoreError(9, `${stage} argument 'from' must be a string, is type ${from === undefined ? 'missing' : kindOf(from)}`); // biome-ignore format: one line
  return { ...place, collection: place.engine.catalogue.find(place.db, from) };
}

const LOOKUP = ['from', 'localField', 'foreignField', 'let', 'pipeline', 'as'];

/** By equality of two fields (by an index on the foreign one, where there is one), by a pipeline, or by both. */
const lookup: StageMaker = (argument, place) => {
  const spec = documentArgument(argument, 9, 'the $lookup specification must be an object');
  for (const name of Object.keys(spec)) if (!LOOKUP.includes(name)) throw new StoreError(9, `unknown argument to $lookup: ${name}`); // biome-ignore format: one line
  const { from, localField, foreignField, as, pipeline = [] } = spec;
  if (typeof as !== 'string' || as === '') throw new StoreError(9, "must specify 'as' field for a $lookup");
  if (
    (localField === undefined) !== (foreignField === undefined) ||
    (localField === undefined && !('pipeline' in spec))
  )
    throw new StoreError(
      9,
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    );
  if (!Array.isArray(pipeline)) throw new StoreError(14, "'pipeline' option must be specified as an array");
  const foreign = placeOf(place, from, '$lookup');
  const vars = Object.entries(isDocument(spec['let']) ? spec['let'] : {}).map(
    ([name, one]) => [name, compileExpression(one, place.variables)] as const,
  );
  compilePipeline(pipeline, { ...foreign, variables: named(place.variables, vars, {}) });
  const local = localField === undefined ? null : splitPath(String(localField));
  return function* (documents) {
    const held = new Held('$lookup');
    for (const document of documents) {
      const equal = local ? [{ $match: foreignFilter(String(foreignField), joinedValues(document, local)) }] : [];
      const variables = named(place.variables, vars, document);
      const found = [...runPipeline([...equal, ...pipeline], { ...foreign, variables })];
      held.reset(found);
      yield withField(document, splitPath(as), found);
    }
  };
};

type Vars = (readonly [string, (document: Doc) => unknown])[];

function named({ values }: Variables, vars: Vars, document: Doc): Variables {
  return { values: new Map([...values, ...vars.map(([name, of]) => [name, of(document)] as const)]) };
}

/**
 * The values that a document is joined by. Arrays on the way are gone through, and by a number to their element; of one at the
 * end each element counts.
 */
function joinedValues(document: Doc, [first = '', ...more]: readonly string[]): unknown[] {
  let value = fieldOf(document, first);
  let rest = more;
  for (; Array.isArray(value) && /^\d+$/.test(rest[0] ?? ''); rest = rest.slice(1)) value = value[Number(rest[0])];
  if (rest.length > 0) {
    const inner = (Array.isArray(value) ? value : [value]).filter(isDocument);
    return inner.flatMap((one) => joinedValues(one, rest));
  }
  if (value === MISSING || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** What has no value meets null and what is missing; a regex meets itself. */
function foreignFilter(path: string, found: unknown[]): Doc {
  const values = found.length === 0 ? [null] : found;
  const plain = values.filter((one) => kindOf(one) !== 'regex');
  const regexes = values.filter((one) => kindOf(one) === 'regex').map((one) => ({ [path]: { $eq: one } }));
  const [only] = plain;
  const equal = plain.length === 1 ? { [path]: { $eq: only } } : { [path]: { $in: plain } };
  return regexes.length === 0 ? equal : { $or: [equal, ...regexes] };
}

const unionWith: StageMaker = (argument, place) => {
  const given: Doc = typeof argument === 'string' ? { coll: argument } : documentArgument(argument, 9, 'the $unionWith stage specification must be an object or string'); // biome-ignore format: one line
  const { coll, pipeline = [] } = given;
  const other = placeOf(place, coll, '$unionWith');
  const stages = pipeline as Doc[];
  compilePipeline(stages, other);
  return function* (documents) {
    yield* documents;
    yield* runPipeline(stages, other);
  };
};

/** Several pipelines over the same documents, which are held meanwhile. */
const facet: StageMaker = (argument, place) => {
  const spec = documentArgument(argument, 40169, 'the $facet specification must be a non-empty object');
  const facets = Object.entries(spec);
  if (facets.length === 0) throw new StoreError(40169, 'the $facet specification must be a non-empty object');
  const pipelines = facets.map(([name, stages]) => {
    if (!Array.isArray(stages)) throw new StoreError(40170, `arguments to $facet must be arrays, ${name} is type ${kindOf(stages)}`); // biome-ignore format: one line
    for (const stage of stages) refuseInFacet(stage);
    return [name, compilePipeline(stages, place, { inside: true })] as const;
  });
  return function* (documents) {
    const held = new Held('$facet');
    const all: Doc[] = [];
    for (const document of documents) {
      held.add(document);
      all.push(document);
    }
    yield Object.fromEntries(pipelines.map(([name, run]) => [name, [...run(all)]]));
  };
};

const NOT_IN_FACET = ['$facet', '$out', '$merge', '$documents', '$collStats', '$listLocalSessions'];

function refuseInFacet(stage: unknown): void {
  const [name = ''] = isDocument(stage) ? Object.keys(stage) : [];
  if (NOT_IN_FACET.includes(name))
    throw new StoreError(40600, `${name} is not allowed to be used within a $facet stage`);
}

export const JOIN_STAGES: Readonly<Record<string, StageMaker>> = {
  $lookup: lookup,
  $unionWith: unionWith,
  $facet: facet,
};
