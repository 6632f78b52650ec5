import {
  type Accumulator,
  accumulatorFor,
  compareInOrder,
  compileExpression,
  isAccumulator,
  type Variables,
} from '../expressions';
import { Held } from '../memory';
import { compareValues, type Doc, encodeValue, isDocument, MISSING, StoreError } from '../semantics';
import { asWhole, counted } from './numbers';
import { documentArgument, type Stage, type StageMaker } from './stage';

interface Field {
  name: string;
  of: (document: Doc) => unknown;
  make: () => Accumulator;
  /** It keeps what it is given. */
  grows: boolean;
}

const group: StageMaker = (argument, { variables }) => {
  const spec = documentArgument(argument, 15947, "a group's fields must be specified in an object");
  if (!('_id' in spec)) throw new StoreError(15955, 'a group specification must include an _id');
  const { _id, ...fields } = spec;
  return grouped(compileExpression(_id, variables), fieldsFrom(fields, variables));
};

function fieldsFrom(fields: Doc, variables: Variables): Field[] {
  return Object.entries(fields).map(([name, one]) => {
    if (name.includes('.')) throw new StoreError(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$')) throw new StoreError(40236, `The field name '${name}' cannot be an operator name`);
    if (!isDocument(one)) throw new StoreError(40234, `The field '${name}' must be an accumulator object`);
    const [[operator, of] = ['', null], ...more] = Object.entries(one);
    if (more.length > 0) throw new StoreError(40238, `The field '${name}' must specify one accumulator`);
    return { name, ...accumulatorFrom(operator, of, variables) };
  });
}

function accumulatorFrom(operator: string, of: unknown, variables: Variables): Omit<Field, 'name'> {
  if (operator === '$count') {
    if (!isDocument(of) || Object.keys(of).length > 0)
      throw new StoreError(9, '$count takes no arguments, i.e. $count:{}');
    return { of: () => 1, make: () => accumulatorFor('$sum'), grows: false };
  }
  if (!isAccumulator(operator)) throw new StoreError(15952, `unknown group operator '${operator}'`);
  const grows = operator === '$push' || operator === '$addToSet';
  return { of: compileExpression(of, variables), make: () => accumulatorFor(operator), grows };
}

/** Groups as they come; only the groups are held. @throws StoreError 292 when they are too many */
function grouped(key: (document: Doc) => unknown, fields: Field[]): Stage {
  return function* (documents) {
    const held = new Held('$group');
    const groups = new Map<string, { _id: unknown; totals: Accumulator[] }>();
    for (const document of documents) {
      const given = key(document);
      const _id = given === MISSING ? null : given;
      const name = encodeValue(_id).toString('latin1');
      let found = groups.get(name);
      if (!found) {
        found = { _id, totals: fields.map(({ make }) => make()) };
        groups.set(name, found);
        held.add([name, _id, fields.map((field) => field.name)]);
      }
      for (const [i, { of, grows }] of fields.entries()) {
        const value = of(document);
        found.totals[i]?.add(value);
        if (grows) held.add(value);
      }
    }
    for (const { _id, totals } of groups.values()) {
      yield { _id, ...Object.fromEntries(fields.map(({ name }, i) => [name, totals[i]?.result()])) };
    }
  };
}

/** A value belongs to the bucket whose lower boundary is the last that is not above it. */
const bucket: StageMaker = (argument, { variables }) => {
  const spec = documentArgument(argument, 40201, 'Argument to $bucket stage must be an object');
  const { groupBy, boundaries, default: otherwise, output, ...more } = spec;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new StoreError(40197, `Unrecognized option to $bucket: ${unknown}.`);
  if (groupBy === undefined || boundaries === undefined)
    throw new StoreError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  const limits = boundariesOf(boundaries, variables);
  const fallback = 'default' in spec ? compileExpression(otherwise, variables)({}) : MISSING;
  checkDefault(fallback, limits);
  const value = compileExpression(groupBy, variables);
  const key = (document: Doc): unknown => {
    const given = value(document);
    const above = limits.findIndex((limit) => compareInOrder(given, limit) < 0);
    if (above > 0) return limits[above - 1];
    if (fallback === MISSING)
      throw new StoreError(
        40066,
        '$switch could not find a matching branch for an input, and no default was specified.',
      );
    return fallback;
  };
  const fields = fieldsFrom(output === undefined ? { count: { $sum: 1 } } : (output as Doc), variables);
  const stage = grouped(key, fields);
  return (documents) => [...stage(documents)].sort((a, b) => compareValues(a['_id'], b['_id']));
};

function boundariesOf(given: unknown, variables: Variables): unknown[] {
  if (!Array.isArray(given)) throw new StoreError(40200, "The $bucket 'boundaries' field must be an array.");
  if (given.length < 2) throw new StoreError(40192, `The $bucket 'boundaries' field must have at least 2 values, but found ${given.length} value(s).`); // biome-ignore format: one line
  const limits = given.map((one) => compileExpression(one, variables)({}));
  for (const [i, limit] of limits.entries()) {
    const before = limits[i - 1];
    if (i === 0) continue;
    if (encodeValue(before)[0] !== encodeValue(limit)[0])
      throw new StoreError(40193, "All values in the 'boundaries' option to $bucket must have the same type.");
    if (compareValues(before, limit) >= 0)
      throw new StoreError(40194, "The 'boundaries' option to $bucket must be sorted, but elements are not in ascending order."); // biome-ignore format: one line
  }
  return limits;
}

function checkDefault(fallback: unknown, limits: unknown[]): void {
  if (fallback === MISSING) return;
  if (compareValues(fallback, limits[0]) >= 0 && compareValues(fallback, limits.at(-1)) < 0)
    throw new StoreError(40199, "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary."); // biome-ignore format: one line
}

/** Buckets of about as many documents each; equal values stay together. */
const bucketAuto: StageMaker = (argument, { variables }) => {
  const spec = documentArgument(argument, 40240, 'The argument to $bucketAuto must be an object');
  const { groupBy, buckets, output, granularity } = spec;
  if (granularity !== undefined) throw new StoreError(238, 'this store has no granularity of $bucketAuto');
  if (groupBy === undefined || buckets === undefined)
    throw new StoreError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified.");
  const wanted = asWhole(buckets, 40241, "The $bucketAuto 'buckets' field must be a numeric value");
  if (wanted <= 0) throw new StoreError(40243, `The $bucketAuto 'buckets' field must be greater than 0, but found: ${wanted}`); // biome-ignore format: one line
  const of = compileExpression(groupBy, variables);
  const fields = fieldsFrom(output === undefined ? { count: { $sum: 1 } } : (output as Doc), variables);
  return (documents) => {
    const held = new Held('$group');
    const rows = [...documents].map((document) => {
      held.add(document);
      const value = of(document);
      return { value: value === MISSING ? null : value, document };
    });
    rows.sort((a, b) => compareValues(a.value, b.value));
    return autoBuckets(rows, wanted, fields);
  };
};

function* autoBuckets(rows: { value: unknown; document: Doc }[], wanted: number, fields: Field[]): Generator<Doc> {
  const size = Math.max(1, Math.round(rows.length / wanted));
  for (let from = 0, n = 1; from < rows.length; n += 1) {
    let to = n === wanted ? rows.length : Math.min(rows.length, from + size);
    while (to < rows.length && compareValues(rows[to]?.value, rows[to - 1]?.value) === 0) to += 1;
    const totals = fields.map(({ make }) => make());
    for (const { document } of rows.slice(from, to)) for (const [i, { of }] of fields.entries()) totals[i]?.add(of(document)); // biome-ignore format: one line
    const max = to < rows.length ? rows[to]?.value : rows[to - 1]?.value;
    yield { _id: { min: rows[from]?.value, max }, ...Object.fromEntries(fields.map(({ name }, i) => [name, totals[i]?.result()])) }; // biome-ignore format: one line
    from = to;
  }
}

const sortByCount: StageMaker = (argument, { variables }) => {
  const constant = !(typeof argument === 'string' && argument.startsWith('$')) && !isDocument(argument);
  if (constant) throw new StoreError(40148, "the sortByCount field must be defined as a $-prefixed path or an expression inside an object"); // biome-ignore format: one line
  const stage = grouped(compileExpression(argument, variables), fieldsFrom({ count: { $sum: 1 } }, variables));
  return (documents) => [...stage(documents)].sort((a, b) => compareValues(b['count'], a['count']));
};

export const GROUP_STAGES: Readonly<Record<string, StageMaker>> = {
  $group: group,
  $bucket: bucket,
  $bucketAuto: bucketAuto,
  $sortByCount: sortByCount,
};

/** `{_id: <constant>, n: {$sum: 1}}`: what `countDocuments` sends. */
export function countingGroup(stage: Doc | undefined): ((n: number) => Doc) | null {
  const spec = stage?.['$group'];
  const [first, second, ...more] = isDocument(spec) ? Object.entries(spec) : [];
  if (!first || !second || more.length > 0 || first[0] !== '_id') return null;
  const constant = first[1] === null || Number.isFinite(Number(first[1]));
  const counts = isDocument(second[1]) && Number(second[1]['$sum']) === 1;
  return constant && counts ? (n) => ({ _id: first[1], [second[0]]: counted(n) }) : null;
}
