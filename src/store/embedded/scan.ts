import type { Disk, Table } from './disk';
import { Held } from './memory';
import type { Plan, Range } from './planner';
import { compileSort, type Doc, type Filter } from './semantics';
import { readDocument } from './wire';

/** A document and where it lies: its bytes, read only when somebody wants to look into it. */
export class Found {
  private read: Doc | undefined;

  constructor(
    readonly key: Buffer,
    readonly bytes: Buffer,
  ) {}

  get document(): Doc {
    this.read ??= readDocument(this.bytes);
    return this.read;
  }
}

/** What a query cost, for `explain`. */
export interface Cost {
  keysExamined: number;
  docsExamined: number;
}

/** Rows read at a time: no read transaction lives longer, so the file doesn't grow under a slow cursor. */
const CHUNK = 256;

/** Documents of a plan that match (all, without a filter), in the plan's order, read as they are taken. */
export function* scan(disk: Disk, plan: Plan, filter: Filter | null, cost?: Cost): Generator<Found> {
  const seen = plan.repeats || plan.ranges.length > 1 ? new Set<string>() : null;
  for (const range of plan.ranges) {
    for (const { key, bytes } of rows(disk, plan, range, cost)) {
      const name = seen && key.toString('latin1');
      if (name !== null && seen?.has(name)) continue;
      if (name !== null) seen?.add(name);
      if (cost) cost.docsExamined += 1;
      const found = new Found(key, bytes);
      if (!filter || filter.matches(found.document)) yield found;
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

/** Sorts what comes, keeping only what is wanted. @throws StoreError 292 over MongoDB's limit of memory */
export function sorted<T>(found: Iterable<T>, documentOf: (one: T) => Doc, sort: Doc, wanted: number): T[] {
  const compare = compileSort(sort);
  const order = (a: T, b: T) => compare(documentOf(a), documentOf(b));
  const held = new Held('Sort');
  const kept: T[] = [];
  for (const one of found) {
    kept.push(one);
    held.add(documentOf(one));
    // Twice as many as wanted, then cut: a top-k in few sorts.
    if (kept.length < Math.max(1000, wanted * 2)) continue;
    kept.sort(order);
    kept.length = Math.min(kept.length, wanted);
    held.reset(kept.map(documentOf));
  }
  kept.sort(order);
  kept.length = Math.min(kept.length, wanted);
  return kept;
}

/** All documents of a collection, for building an index and for `validate`. */
export function everything(disk: Disk, range: Range): Generator<Found> {
  const plan: Plan = { index: null, ranges: [range], reverse: false, sorted: true, repeats: false };
  return scan(disk, plan, null);
}
