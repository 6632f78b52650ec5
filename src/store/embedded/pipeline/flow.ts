import { evaluator } from '../expressions';
import { sorted } from '../scan';
import { compileFilter, compileSort, type Doc, kindOf, StoreError } from '../semantics';
import { asWhole, counted } from './numbers';
import { documentArgument, nameAndArgument, type StageMaker } from './stage';

/** The stages that let documents pass or not, or change their order. */
const match: StageMaker = (argument, { variables }) => {
  const filter = compileFilter(
    documentArgument(argument, 15959, 'the match filter must be an expression in an object'),
    {
      expr: evaluator(variables),
    },
  );
  return function* (documents) {
    for (const document of documents) if (filter.matches(document)) yield document;
  };
};

/** @throws StoreError 15958 for a limit of none */
export function limitOf(value: unknown): number {
  const limit = asWhole(value, 2107201, `invalid argument to $limit stage: Expected a number in: $limit: ${String(value)}`); // biome-ignore format: one line
  if (limit < 0) throw new StoreError(2107201, `invalid argument to $limit stage: Expected a non-negative number in: $limit: ${limit}`); // biome-ignore format: one line
  if (limit === 0) throw new StoreError(15958, 'the limit must be positive');
  return limit;
}

export function skipOf(value: unknown): number {
  const skip = asWhole(value, 5107200, `invalid argument to $skip stage: Expected a number in: $skip: ${String(value)}`); // biome-ignore format: one line
  if (skip < 0) throw new StoreError(5107200, `invalid argument to $skip stage: Expected a non-negative number in: $skip: ${skip}`); // biome-ignore format: one line
  return skip;
}

/** @throws StoreError 15973, 15976 */
export function sortOf(argument: unknown): Doc {
  const spec = documentArgument(argument, 15973, 'the $sort key specification must be an object');
  if (Object.keys(spec).length === 0) throw new StoreError(15976, '$sort stage must have at least one sort key');
  compileSort(spec);
  return spec;
}

const sort: StageMaker = (argument, _place, next) => {
  const spec = sortOf(argument);
  const [name, value] = next ? nameAndArgument(next) : ['', null];
  const wanted = name === '$limit' ? limitOf(value) : Number.POSITIVE_INFINITY;
  return (documents) => sorted(documents, (document) => document, spec, wanted);
};

const skip: StageMaker = (argument) => {
  const n = skipOf(argument);
  return function* (documents) {
    let i = 0;
    for (const document of documents) {
      i += 1;
      if (i > n) yield document;
    }
  };
};

const limit: StageMaker = (argument) => {
  const n = limitOf(argument);
  return function* (documents) {
    let i = 0;
    for (const document of documents) {
      yield document;
      i += 1;
      if (i >= n) return;
    }
  };
};

const count: StageMaker = (argument) => {
  if (typeof argument !== 'string') throw new StoreError(40156, `the count field must be a non-empty string`);
  if (argument === '') throw new StoreError(40157, 'the count field must be a non-empty string');
  if (argument.startsWith('$')) throw new StoreError(40158, 'the count field cannot be a $-prefixed path');
  if (argument.includes('.')) throw new StoreError(40160, "the count field cannot contain '.'");
  return function* (documents) {
    let n = 0;
    for (const _ of documents) n += 1;
    if (n > 0) yield { [argument]: counted(n) };
  };
};

/** So many documents by chance, each as likely (reservoir sampling). */
const sample: StageMaker = (argument) => {
  const { size } = documentArgument(argument, 28745, 'the $sample stage specification must be an object');
  if (size === undefined) throw new StoreError(28749, '$sample stage must specify a size');
  const n = asWhole(size, 28746, `size argument to $sample must be a number, not ${kindOf(size)}`);
  if (n <= 0) throw new StoreError(28747, 'size argument to $sample must be a positive integer');
  return (documents) => {
    const kept: Doc[] = [];
    let seen = 0;
    for (const document of documents) {
      seen += 1;
      const at = seen <= n ? kept.length : Math.floor(Math.random() * seen);
      if (at < n) kept[at] = document;
    }
    return kept.sort(() => Math.random() - 0.5);
  };
};

export const FLOW_STAGES: Readonly<Record<string, StageMaker>> = {
  $match: match,
  $sort: sort,
  $skip: skip,
  $limit: limit,
  $count: count,
  $sample: sample,
};
