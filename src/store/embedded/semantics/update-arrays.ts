import { compareValues, equalValues } from './compare';
import { CODE, StoreError } from './errors';
import { isOperators, isPathless, parseFilter } from './filter-parse';
import { matchesNode } from './filter-tree';
import { splitPath, valueAt } from './path';
import { show, showField } from './print';
import { type Doc, MISSING } from './types';
import { KEEP, type Operator, Written } from './update-types';
import { fieldsOf, isDocument, kindOf } from './values';
import { toWhole } from './whole';

const bad = (message: string) => new StoreError(CODE.BadValue, message);

/** The operators on arrays. Each takes its argument and path, and throws MongoDB's error if the argument is wrong. */
export const ARRAY_OPERATORS: Readonly<Record<string, (argument: unknown, path: string) => Operator>> = {
  $push: push,
  $addToSet: addToSet,
  $pop: pop,
  $pull: (argument) => culling(pullTest(argument)),
  $pullAll: pullAll,
};

function push(argument: unknown): Operator {
  const plan = pushPlan(argument);
  const apply = (array: readonly unknown[]) => {
    const at = plan.position(array.length);
    const joined = [...array.slice(0, at), ...plan.items, ...array.slice(at)];
    const result = plan.slice(plan.sort(joined));
    return plan.always ? new Written(result) : result;
  };
  return {
    existing: (value, site) => {
      if (Array.isArray(value)) return apply(value);
      throw bad(
        `The field '${site.path}' must be an array but is of type ${kindOf(value)} in document {${site.idText()}}`,
      );
    },
    missing: () => apply([]),
  };
}

interface PushPlan {
  items: readonly unknown[];
  /** Something is pushed or sorted, so that it counts as a change whatever comes out. */
  always: boolean;
  position: (length: number) => number;
  sort: (array: unknown[]) => unknown[];
  slice: (array: unknown[]) => unknown[];
}

const CLAUSES: ReadonlySet<string> = new Set(['$each', '$slice', '$sort', '$position']);

function pushPlan(argument: unknown): PushPlan {
  const clauses = isDocument(argument) ? fieldsOf(argument) : {};
  if (!Object.hasOwn(clauses, '$each')) {
    return {
      items: [argument],
      always: true,
      position: (length) => length,
      sort: (array) => array,
      slice: (array) => array,
    };
  }
  const unknown = Object.keys(clauses).find((name) => !CLAUSES.has(name));
  if (unknown !== undefined) throw bad(`Unrecognized clause in $push: ${unknown}`);
  const { $each: items, $slice, $sort, $position } = clauses;
  if (!Array.isArray(items)) {
    throw bad(`The argument to $each in $push must be an array but it was of type: ${kindOf(items)}`);
  }
  const always = items.length > 0 || $sort !== undefined;
  return { items, always, position: position($position), sort: sorting($sort), slice: slicing($slice) };
}

function wholeClause(name: string, value: unknown): number {
  const whole = toWhole(value);
  if (typeof whole === 'bigint') return Number(whole);
  throw bad(`The value for ${name} must be an integer value but was given type: ${kindOf(value)}`);
}

function position(value: unknown): PushPlan['position'] {
  if (value === undefined) return (length) => length;
  const at = wholeClause('$position', value);
  return (length) => (at >= 0 ? Math.min(at, length) : Math.max(length + at, 0));
}

function slicing(value: unknown): PushPlan['slice'] {
  if (value === undefined) return (array) => array;
  const count = wholeClause('$slice', value);
  if (count === 0) return () => [];
  return (array) => (count > 0 ? array.slice(0, count) : array.slice(count));
}

function sorting(value: unknown): PushPlan['sort'] {
  if (value === undefined) return (array) => array;
  if (isDocument(value)) return sortingByFields(fieldsOf(value));
  const direction = toWhole(value);
  if (direction === 'not a number') {
    throw bad('The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields');
  }
  if (direction !== 1n && direction !== -1n) throw bad('The $sort element value must be either 1 or -1');
  return (array) => sorted(array, (a, b) => compareValues(a, b) * Number(direction));
}

/** Sorts in boxes, because JavaScript's sort puts every undefined last without asking. */
function sorted(array: readonly unknown[], compare: (a: unknown, b: unknown) => number): unknown[] {
  return array
    .map((item) => [item])
    .sort(([a], [b]) => compare(a, b))
    .map(([item]) => item);
}

function sortingByFields(pattern: Doc): PushPlan['sort'] {
  const fields = Object.entries(pattern).map(([path, value]) => {
    const direction = toWhole(value);
    if (direction !== 1n && direction !== -1n) throw bad('The $sort element value must be either 1 or -1');
    if (path === '') throw bad('The $sort field cannot be empty');
    if (path.split('.').includes('')) {
      throw bad(`The $sort field is a dotted field but has an empty part: ${path}`);
    }
    return { parts: splitPath(path), direction: Number(direction) };
  });
  if (fields.length === 0) throw bad('The $sort pattern is empty when it should be a set of fields.');
  const keyOf = (item: unknown, parts: string[]) => {
    const value = isDocument(item) ? valueAt(item, parts) : MISSING;
    return value === MISSING ? null : value;
  };
  return (array) =>
    sorted(array, (a, b) => {
      for (const { parts, direction } of fields) {
        const order = compareValues(keyOf(a, parts), keyOf(b, parts));
        if (order !== 0) return order * direction;
      }
      return 0;
    });
}

function addToSet(argument: unknown): Operator {
  const items = setItems(argument);
  const apply = (array: readonly unknown[]) => {
    const result = [...array];
    for (const item of items) if (!result.some((other) => equalValues(other, item))) result.push(item);
    return result;
  };
  return {
    existing: (value, site) => {
      if (Array.isArray(value)) return apply(value);
      throw bad(
        `Cannot apply $addToSet to non-array field. Field named '${site.path.slice(site.path.lastIndexOf('.') + 1)}' has non-array type ${kindOf(value)}`,
      );
    },
    missing: () => apply([]),
  };
}

function setItems(argument: unknown): readonly unknown[] {
  const clauses = isDocument(argument) ? fieldsOf(argument) : {};
  const [first, second] = Object.keys(clauses);
  if (first !== '$each') return [argument];
  const items = clauses['$each'];
  if (!Array.isArray(items)) {
    throw new StoreError(
      CODE.TypeMismatch,
      `The argument to $each in $addToSet must be an array but it was of type ${kindOf(items)}`,
    );
  }
  if (second !== undefined) throw bad(`Found unexpected fields after $each in $addToSet: ${show(argument)}`);
  return items;
}

function pop(argument: unknown, path: string): Operator {
  const end = toWhole(argument);
  if (typeof end !== 'bigint') {
    const wanted = end === 'not a number' ? 'a number in' : 'an integer';
    throw new StoreError(CODE.FailedToParse, `Expected ${wanted}: ${showField(path, argument)}`);
  }
  if (end !== 1n && end !== -1n) throw new StoreError(CODE.FailedToParse, `$pop expects 1 or -1, found: ${end}`);
  return {
    existing: (value, site) => {
      if (!Array.isArray(value)) {
        throw new StoreError(
          CODE.TypeMismatch,
          `Path '${site.path}' contains an element of non-array type '${kindOf(value)}'`,
        );
      }
      return end === 1n ? value.slice(0, -1) : value.slice(1);
    },
    missing: () => KEEP,
  };
}

function culling(drops: (item: unknown) => boolean): Operator {
  return {
    existing: (value) => {
      if (!Array.isArray(value)) throw bad('Cannot apply $pull to a non-array value');
      return value.filter((item) => !drops(item));
    },
    missing: () => KEEP,
  };
}

/**
 * `$pull` with operators or a regular expression tests each element as the value of a field (so that an inner array meets
 * it by one of its own elements), with a document it tests each document, with anything else for equality.
 */
function pullTest(argument: unknown): (item: unknown) => boolean {
  if (startsWithOperator(argument) || kindOf(argument) === 'regex') {
    const filter = parseFilter({ '': argument }, undefined);
    return (item) => matchesNode(filter, { '': item });
  }
  if (isDocument(argument)) {
    const filter = parseFilter(argument, undefined);
    return (item) => isDocument(item) && matchesNode(filter, item);
  }
  return (item) => equalValues(item, argument);
}

/** `$and`, `$ref` and the like belong to the documents that are tested. */
function startsWithOperator(argument: unknown): boolean {
  return isOperators(argument) && !isPathless(Object.keys(fieldsOf(argument))[0] ?? '');
}

function pullAll(argument: unknown): Operator {
  if (!Array.isArray(argument)) {
    throw bad(`$pullAll requires an array argument but was given a ${kindOf(argument)}`);
  }
  return culling((item) => argument.some((other) => equalValues(item, other)));
}
