import { Long } from 'bson';
import { type Doc, StoreError } from './semantics';
import { writeDocument } from './wire';

interface Cursor {
  documents: Iterator<Doc>;
  namespace: string;
  connection: number;
  usedAt: number;
  /** Read already, but over the size of its batch. */
  held: Doc[];
}

/** Documents of a batch, and whether there are more. */
interface Batch {
  documents: Doc[];
  done: boolean;
}

const IDLE_MS = 10 * 60_000;
/** A batch beyond its first document stays below this: a slow reader makes the server hold one batch, not a collection. */
const BATCH_BYTES = 1024 * 1024;
const FIRST_BATCH = 101;

/** Queries that are read batch by batch. */
export class Cursors {
  private readonly open = new Map<string, Cursor>();
  private nextId = 1;

  /** The first batch of a query, and a cursor for the rest when there is one. */
  begin(
    documents: Iterable<Doc>,
    namespace: string,
    connection: number,
    options: { batchSize?: number; single?: boolean },
  ): Doc {
    const cursor: Cursor = {
      documents: documents[Symbol.iterator](),
      namespace,
      connection,
      usedAt: Date.now(),
      held: [],
    };
    const { documents: firstBatch, done } = take(cursor, options.batchSize ?? FIRST_BATCH);
    if (done || options.single) return { cursor: { firstBatch, id: Long.ZERO, ns: namespace }, ok: 1 };
    const id = Long.fromNumber(this.nextId);
    this.nextId += 1;
    this.open.set(id.toString(), cursor);
    return { cursor: { firstBatch, id, ns: namespace }, ok: 1 };
  }

  /** @throws StoreError 43 when the cursor is gone */
  next(id: Long, batchSize: number | undefined): Doc {
    const cursor = this.open.get(id.toString());
    if (!cursor) throw new StoreError(43, `cursor id ${id} not found`);
    cursor.usedAt = Date.now();
    const { documents: nextBatch, done } = take(cursor, batchSize || Number.POSITIVE_INFINITY);
    if (done) this.open.delete(id.toString());
    return { cursor: { nextBatch, id: done ? Long.ZERO : id, ns: cursor.namespace }, ok: 1 };
  }

  kill(ids: Long[]): Doc {
    const killed = ids.filter((id) => this.open.delete(id.toString()));
    const cursorsNotFound = ids.filter((id) => !killed.includes(id));
    return { cursorsKilled: killed, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
  }

  /** A connection that ended takes its cursors along. */
  endConnection(connection: number): void {
    for (const [id, cursor] of this.open) if (cursor.connection === connection) this.open.delete(id);
  }

  endIdle(now: number): void {
    for (const [id, cursor] of this.open) if (now - cursor.usedAt > IDLE_MS) this.open.delete(id);
  }
}

/** One more is read than the batch takes, so that an exhausted query ends with its last documents. */
function take(cursor: Cursor, size: number): Batch {
  const documents: Doc[] = [];
  let bytes = 0;
  for (;;) {
    const document = cursor.held.pop() ?? read(cursor);
    if (document === undefined) return { documents, done: true };
    const length = writeDocument(document).length;
    if (documents.length >= size || (documents.length > 0 && bytes + length > BATCH_BYTES)) {
      cursor.held.push(document);
      return { documents, done: false };
    }
    documents.push(document);
    bytes += length;
  }
}

function read(cursor: Cursor): Doc | undefined {
  const { value, done } = cursor.documents.next();
  return done ? undefined : value;
}
