import { compareValues } from './compare';
import { CODE, StoreError } from './errors';
import { fieldOf, isPosition, splitPath } from './path';
import { type Direction, type Doc, MISSING } from './types';
import { isDocument } from './values';

/** What an index holds of one document. */
export interface IndexKeys {
  /** One tuple of values per entry, without doubles. */
  keys: unknown[][];
  /** True if an array lies on one of the paths (even an empty one, or one of a single element). */
  multikey: boolean;
}

/** What is left to extract for one field of the index: the rest of its path and the value it starts from. */
interface Cursor {
  rest: readonly string[];
  value: unknown;
}

/**
 * The index entries of a document by MongoDB's rules: a missing field is null; an array gives one entry for each element,
 * an empty one `undefined`; fields below the same array go together, fields below different arrays are refused (171).
 * With `sparse`, tuples of which every field is missing are left out.
 */
export function indexKeys(doc: Doc, spec: Record<string, Direction>, options: { sparse?: boolean } = {}): IndexKeys {
  const found: unknown[][] = [];
  const state: Extraction = { found, multikey: false, sparse: options.sparse ?? false };
  extract(
    Object.keys(spec).map((path) => ({ rest: splitPath(path), value: doc })),
    state,
  );
  return { keys: state.multikey ? distinct(found) : found, multikey: state.multikey };
}

interface Extraction {
  found: unknown[][];
  multikey: boolean;
  sparse: boolean;
}

/** Follows all fields to their ends or to the first array, then repeats for each element of that array. */
function extract(cursors: readonly Cursor[], state: Extraction): void {
  const advanced = cursors.map(advance);
  const array = sharedArray(advanced);
  if (!array) {
    const values = advanced.map(({ value }) => (value instanceof Final ? value.value : value));
    if (!state.sparse || values.some((value) => value !== MISSING)) {
      state.found.push(values.map((value) => (value === MISSING ? null : value)));
    }
    return;
  }
  state.multikey = true;
  const elements = array.length === 0 ? [undefined] : array;
  for (const element of elements) {
    extract(
      advanced.map((cursor) => (cursor.value === array ? enter(cursor, element) : cursor)),
      state,
    );
  }
}

/** Marks a value that is final although it may be an array (an element of an array is indexed as it is). */
class Final {
  constructor(readonly value: unknown) {}
}

function enter(cursor: Cursor, element: unknown): Cursor {
  if (cursor.rest.length === 0) return { rest: [], value: new Final(element) };
  return { rest: cursor.rest, value: isDocument(element) ? element : MISSING };
}

function advance(cursor: Cursor): Cursor {
  let { rest, value } = cursor;
  while (rest.length > 0) {
    const [part = '', ...others] = rest;
    const inArray = Array.isArray(value);
    if (isDocument(value)) value = fieldOf(value, part);
    else if (Array.isArray(value) && positional(value, part)) value = value[Number(part)];
    else break;
    // An array inside of an array, named by its position, is indexed as a whole.
    if (inArray && others.length === 0 && Array.isArray(value)) return { rest: [], value: new Final(value) };
    rest = others;
  }
  if (rest.length > 0 && !Array.isArray(value)) return { rest: [], value: MISSING };
  return { rest, value };
}

/** A numeric part names an element; if an element also has a field of that name nobody knows which is meant. */
function positional(array: unknown[], part: string): boolean {
  if (!isPosition(part) || Number(part) >= array.length) return false;
  if (array.some((item) => isDocument(item) && fieldOf(item, part) !== MISSING)) {
    throw new StoreError(
      16746,
      `Ambiguous field name found in array (do not use numeric field names in embedded elements in an array), field: '${part}'`,
    );
  }
  return true;
}

/** The array at which cursors stand, if any. */
function sharedArray(cursors: readonly Cursor[]): unknown[] | undefined {
  const arrays = new Set(cursors.map((cursor) => cursor.value).filter((value) => Array.isArray(value)));
  if (arrays.size > 1) throw new StoreError(CODE.CannotIndexParallelArrays, 'cannot index parallel arrays');
  return [...arrays][0] as unknown[] | undefined;
}

function distinct(keys: unknown[][]): unknown[][] {
  const sorted = [...keys].sort(compareValues);
  return sorted.filter((key, i) => i === 0 || compareValues(sorted[i - 1], key) !== 0);
}
