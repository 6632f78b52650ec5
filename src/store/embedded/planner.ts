import { type Collection, documentPrefix, ID_INDEX, type IndexSpec, indexPrefix } from './catalogue';
import { after } from './disk';
import { fieldsPrefix } from './entries';
import {
  type Direction,
  type Doc,
  encodePrefix,
  encodeValue,
  type FilterShape,
  implies,
  type Predicate,
} from './semantics';

export interface Range {
  start: Buffer;
  /** The first key behind it. */
  end: Buffer;
}

/** How documents are found: which index (none: all documents, in the order of `_id`), which parts of it, in which order. */
export interface Plan {
  index: IndexSpec | null;
  ranges: Range[];
  reverse: boolean;
  /** The index gives the order that was asked for. */
  sorted: boolean;
  /** One document may come several times. */
  repeats: boolean;
}

interface Candidate extends Plan {
  score: number;
}

type Sort = [string, Direction][];

/**
 * Chooses an index: an equality prefix, then one range or `$in`, then the sort. All bounds include a little too much; what
 * is found must be matched again.
 */
export function planFor(collection: Collection, filter: Doc, shape: FilterShape, sort: Sort): Plan {
  const candidates = collection.indexes
    .filter((index) => usable(index, filter, shape))
    .map((index) => candidateOf(collection, index, shape, sort));
  const best = candidates.reduce<Candidate | null>((a, b) => (a && a.score >= b.score ? a : b), null);
  if (best && best.score > 0) return best;
  const prefix = documentPrefix(collection);
  return {
    index: null,
    ranges: [{ start: prefix, end: after(prefix) }],
    reverse: false,
    sorted: sort.length === 0,
    repeats: false,
  };
}

/** An index that doesn't hold all documents serves only filters that ask for those it holds. */
function usable(index: IndexSpec, filter: Doc, shape: FilterShape): boolean {
  if (index.partial && !implies(filter, index.partial)) return false;
  if (!index.sparse) return true;
  return Object.keys(index.key).some((path) => (shape.paths.get(path) ?? []).some(asksForSome));
}

const asksForSome = ({ op, value }: Predicate): boolean =>
  ['eq', 'gt', 'gte', 'lt', 'lte'].includes(op)
    ? isBound(value)
    : op === 'in'
      ? everyBound(value)
      : op === 'exists' && value === true;

/** What can be looked up by its key. Null also means missing, arrays also mean their elements, patterns are not values. */
function isBound(value: unknown): boolean {
  if (value === null || value === undefined || Array.isArray(value)) return false;
  const tag = (value as { _bsontype?: string })._bsontype ?? '';
  return !(value instanceof RegExp) && !['BSONRegExp', 'MinKey', 'MaxKey'].includes(tag);
}

const everyBound = (values: unknown): values is unknown[] => Array.isArray(values) && values.every(isBound);

function candidateOf(collection: Collection, index: IndexSpec, shape: FilterShape, sort: Sort): Candidate {
  const fields = Object.entries(index.key);
  const base = index.name === ID_INDEX ? documentPrefix(collection) : indexPrefix(index);
  const prefix: unknown[] = [];
  let ranges: Range[] | null = null;
  let score = 0;
  for (const [path, direction] of fields) {
    const predicates = shape.paths.get(path) ?? [];
    const equal = predicates.find(({ op, value }) => op === 'eq' && isBound(value));
    if (equal) {
      prefix.push(equal.value);
      score += 10;
    } else {
      ranges = rangesOn(collection, index, prefix, direction, predicates);
      if (ranges) score += 5;
      break;
    }
    // Entries of an array are its elements: a second condition may be met by another element, so one field is all.
    if (index.multikey) break;
  }
  const order = orderOf(index, fields, prefix.length, sort, ranges);
  if (order) score += 4;
  if (index.unique && prefix.length === fields.length) score += 100;
  const whole = prefix.length > 0 ? pointRange(collection, index, prefix) : { start: base, end: after(base) };
  return {
    index,
    ranges: ranges ?? [whole],
    reverse: order === 'reverse',
    sorted: sort.length === 0 || order !== null,
    repeats: index.multikey,
    score,
  };
}

/** Whether the rest of the index is the sort, as it stands or turned round. */
function orderOf(
  index: IndexSpec,
  fields: [string, Direction][],
  equal: number,
  sort: Sort,
  ranges: Range[] | null,
): 'forward' | 'reverse' | null {
  // Several ranges of an $in are each in order, not together; cut keys are in no order behind the cut.
  if (sort.length === 0 || index.multikey || index.cut || (ranges && ranges.length > 1)) return null;
  const fixed = new Set(fields.slice(0, equal).map(([path]) => path));
  const wanted = sort.filter(([path]) => !fixed.has(path));
  const rest = fields.slice(equal);
  if (wanted.length > rest.length) return null;
  const turns = wanted.map(([path, direction], i) => (rest[i]?.[0] === path ? direction * (rest[i]?.[1] ?? 0) : 0));
  if (turns.every((turn) => turn === 1)) return 'forward';
  return turns.every((turn) => turn === -1) ? 'reverse' : null;
}

function rangesOn(
  collection: Collection,
  index: IndexSpec,
  prefix: unknown[],
  direction: Direction,
  predicates: Predicate[],
): Range[] | null {
  const list = predicates.find(({ op, value }) => op === 'in' && everyBound(value));
  if (list) {
    const ranges = (list.value as unknown[]).map((value) => pointRange(collection, index, [...prefix, value]));
    return distinct(ranges);
  }
  const lower = predicates.find(({ op, value }) => (op === 'gt' || op === 'gte') && isBound(value));
  const upper = predicates.find(({ op, value }) => (op === 'lt' || op === 'lte') && isBound(value));
  if (!lower && !upper) return null;
  // Of an array one element may be above and another below, so only one bound holds for a single entry.
  const bounds = { lower, upper: index.multikey && lower ? undefined : upper };
  return [boundedRange(collection, index, prefix, direction, bounds)];
}

function boundedRange(
  collection: Collection,
  index: IndexSpec,
  prefix: unknown[],
  direction: Direction,
  { lower, upper }: { lower: Predicate | undefined; upper: Predicate | undefined },
): Range {
  const from = lower && pointRange(collection, index, [...prefix, lower.value]);
  const to = upper && pointRange(collection, index, [...prefix, upper.value]);
  const bracket = bracketRange(collection, index, prefix, direction, (lower ?? upper)?.value);
  const [first, last] = direction === 1 ? [from, to] : [to, from];
  const start = first?.start ?? bracket.start;
  const end = last?.end ?? bracket.end;
  return Buffer.compare(start, end) < 0 ? { start, end } : { start, end: start };
}

/** All keys with these values in the first fields. */
function pointRange(collection: Collection, index: IndexSpec, values: unknown[]): Range {
  const start = prefixBytes(collection, index, values);
  return { start, end: after(start) };
}

function prefixBytes(collection: Collection, index: IndexSpec, values: unknown[]): Buffer {
  const directions = Object.values(index.key).slice(0, values.length);
  if (index.name !== ID_INDEX) return values.length > 0 ? fieldsPrefix(index, values, directions) : indexPrefix(index);
  const prefix = documentPrefix(collection);
  return values.length > 0 ? Buffer.concat([prefix, encodePrefix(values, directions)]) : prefix;
}

/** All keys whose next field is of the value's type: comparisons stay within a type. */
function bracketRange(
  collection: Collection,
  index: IndexSpec,
  prefix: unknown[],
  direction: Direction,
  value: unknown,
): Range {
  const type = encodeValue(value)[0] ?? 0;
  const byte = direction === 1 ? type : ~type & 0xff;
  const start = Buffer.concat([prefixBytes(collection, index, prefix), Buffer.from([byte])]);
  return { start, end: after(start) };
}

function distinct(ranges: Range[]): Range[] {
  const sorted = [...ranges].sort((a, b) => Buffer.compare(a.start, b.start));
  return sorted.filter((range, i) => !sorted[i - 1]?.start.equals(range.start));
}
