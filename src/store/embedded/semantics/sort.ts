import { compareValues } from './compare';
import { CODE, StoreError } from './errors';
import { indexKeys } from './index-keys';
import type { Direction, Doc } from './types';
import { isDocument } from './values';
import { toWhole } from './whole';

/** Fields and directions of a sort, checked. */
type SortSpec = Record<string, Direction>;

/** Checks a sort as a command brings it: each field 1 or -1. `$meta` needs an index that this store does not have. */
function parseSort(spec: Doc): SortSpec {
  return Object.fromEntries(Object.entries(spec).map(([path, value]) => [checkedPath(path), directionOf(value)]));
}

function checkedPath(path: string): string {
  if (path === '' || path.split('.').includes('')) {
    throw new StoreError(path === '' ? 40352 : 15998, 'FieldPath field names may not be empty strings.');
  }
  if (path.startsWith('$'))
    throw new StoreError(16410, `FieldPath field names may not start with '$'. Consider using $getField or $setField.`);
  return path;
}

function directionOf(value: unknown): Direction {
  if (isDocument(value))
    throw new StoreError(17312, '$meta is the only expression supported by $sort right now, and not in this store');
  const whole = toWhole(value);
  if (whole === 'not a number') throw new StoreError(15974, 'Illegal key in $sort specification: must be a number');
  if (whole === 1n || whole === -1n) return Number(whole) as Direction;
  throw new StoreError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
}

/**
 * The values that a document is sorted by: of an array the least element for ascending and the greatest for descending
 * fields, `undefined` of an empty one, null of what is missing. Fields below one array are taken from the same element.
 */
export function sortKey(doc: Doc, spec: SortSpec): unknown[] {
  const compare = compareKeys(spec);
  const keys = tuples(doc, spec);
  return keys.reduce((best, key) => (compare(key, best) < 0 ? key : best));
}

function tuples(doc: Doc, spec: SortSpec): [unknown[], ...unknown[][]] {
  try {
    const [first = [], ...others] = indexKeys(doc, spec).keys;
    return [first, ...others];
  } catch (error) {
    if (error instanceof StoreError && error.code === CODE.CannotIndexParallelArrays) {
      throw new StoreError(CODE.BadValue, 'cannot sort with keys that are parallel arrays');
    }
    throw error;
  }
}

/** Order of two keys made by sortKey. */
function compareKeys(spec: SortSpec): (a: readonly unknown[], b: readonly unknown[]) => number {
  const directions = Object.values(spec);
  return (a, b) => {
    for (let i = 0; i < directions.length; i++) {
      const order = compareValues(a[i], b[i]);
      if (order !== 0) return directions[i] === -1 ? -order : order;
    }
    return 0;
  };
}

/** Order of two documents. Each document's key is computed once, however often it is compared. */
export function compileSort(spec: Doc): (a: Doc, b: Doc) => number {
  const sort = parseSort(spec);
  const compare = compareKeys(sort);
  const keys = new WeakMap<Doc, unknown[]>();
  const keyOf = (doc: Doc) => {
    const known = keys.get(doc);
    if (known) return known;
    const key = sortKey(doc, sort);
    keys.set(doc, key);
    return key;
  };
  return (a, b) => compare(keyOf(a), keyOf(b));
}
