import type { Disk, Table } from './disk';
import type { Plan, Range } from './planner';
import { compileSort, type Doc, type Filter, StoreError } from './semantics';
import { readDocument } from './wire';

/** A document and where it lies. */
export interface Found {
  key: Buffer;
  document: Doc;
}

/** What a query cost, for `explain`. */
export interface Cost {
  keysExamined: number;
  docsExamined: number;
}

/** Rows read at a time: no read transaction lives longer, so the file doesn't grow under a slow cursor. */
const CHUNK = 256;
/** MongoDB's limit for a sort without an index. */
const SORT_MAX = 100 * 1024 * 1024;

/** Documents of a plan that match, in the plan's order, read as they are taken. */
export function* scan(disk: Disk, plan: Plan, filter: Filter, cost?: Cost): Generator<Found> {
  const seen = plan.repeats || plan.ranges.length > 1 ? new Set<string>() : null;
  for (const range of plan.ranges) {
    for (const { key, bytes } of rows(disk, plan, range, cost)) {
      const name = seen && key.toString('latin1');
      if (name !== null && seen?.has(name)) continue;
      if (name !== null) seen?.add(name);
      if (cost) cost.docsExamined += 1;
      const document = readDocument(bytes);
      if (filter.matches(document)) yield { key, document };
    }
  }
}

function* rows(disk: Disk, plan: Plan, range: Range, cost?: Cost): Generator<{ key: Buffer; bytes: Buffer }> {
  const own = plan.index === null || plan.index.name === '_id_';
  for (const { key, value } of chunks(own ? disk.documents : disk.entries, range, plan.reverse)) {
    if (cost && plan.index) cost.keysExamined += 1;
    if (own) {
      yield { key, bytes: value };
    } else {
      // An entry may be older than its document by now: what is gone is passed over.
      const bytes = disk.documents.get(value);
      if (bytes) yield { key: value, bytes };
    }
  }
}

interface Row {
  key: Buffer;
  value: Buffer;
}

/** LMDB's own memory is only there until the loop turns. */
const copied = ({ key, value }: Row): Row => ({ key: Buffer.from(key), value: Buffer.from(value) });

function* chunks(table: Table, range: Range, reverse: boolean): Generator<Row> {
  let last: Buffer | null = null;
  for (;;) {
    const part: Row[] = [...table.getRange(options(range, reverse, last))].map(copied);
    yield* part;
    if (part.length < CHUNK) return;
    last = part.at(-1)?.key ?? null;
  }
}

function options({ start, end }: Range, reverse: boolean, last: Buffer | null) {
  if (!reverse) return { start: last ?? start, exclusiveStart: last !== null, end, limit: CHUNK };
  return { start: last ?? end, exclusiveStart: true, end: start, inclusiveEnd: true, reverse: true, limit: CHUNK };
}

/** Sorts what was found, keeping only what is wanted. @throws StoreError 292 over 100 MB */
export function sorted(found: Iterable<Found>, sort: Doc, wanted: number): Found[] {
  const compare = compileSort(sort);
  const order = (a: Found, b: Found) => compare(a.document, b.document);
  const kept: Found[] = [];
  let bytes = 0;
  for (const one of found) {
    kept.push(one);
    bytes += one.key.length + sizeOf(one.document);
    // Twice as many as wanted, then cut: a top-k in few sorts.
    if (kept.length >= Math.max(1000, wanted * 2)) {
      kept.sort(order);
      if (kept.length > wanted) kept.length = wanted;
      bytes = kept.reduce((sum, { document }) => sum + sizeOf(document), 0);
    }
    if (bytes > SORT_MAX) {
      throw new StoreError(
        292,
        `Sort exceeded memory limit of ${SORT_MAX} bytes, but did not opt in to external sorting. Aborting operation.`,
      );
    }
  }
  kept.sort(order);
  if (kept.length > wanted) kept.length = wanted;
  return kept;
}

/** Roughly what a document takes in memory; exact enough for a limit. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length * 2 + 16;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + sizeOf(one), 16);
  if (typeof value !== 'object' || value === null) return 16;
  const buffer = (value as { buffer?: Uint8Array }).buffer;
  if (buffer instanceof Uint8Array) return buffer.length + 32;
  if ('_bsontype' in value) return 32;
  return Object.entries(value).reduce((sum, [name, one]) => sum + name.length * 2 + sizeOf(one), 32);
}

/** All documents of a collection, for building an index and for `validate`. */
export function everything(disk: Disk, range: Range): Generator<Found> {
  const plan: Plan = { index: null, ranges: [range], reverse: false, sorted: true, repeats: false };
  return scan(disk, plan, { matches: () => true } as unknown as Filter);
}
