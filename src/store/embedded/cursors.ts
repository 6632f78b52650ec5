import { Long } from 'bson';
import { type Doc, StoreError } from './semantics';
import { BatchReply, writeDocument } from './wire';

/** A document, or its bytes where nobody had to look into it. */
export type Row = Doc | Buffer;

interface Cursor {
  rows: Iterator<Row>;
  namespace: string;
  connection: number;
  usedAt: number;
  /** Read already, but over the size of its batch. */
  held: Buffer | null;
}

/** Documents of a batch as bytes, and whether there are more. */
interface Batch {
  documents: Buffer[];
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

  /** How many are open. */
  get count(): number {
    return this.open.size;
  }

  /** The first batch of a query, and a cursor for the rest when there is one. */
  begin(
    rows: Iterable<Row>,
    namespace: string,
    connection: number,
    options: { batchSize?: number; single?: boolean },
  ): BatchReply {
    const cursor: Cursor = { rows: rows[Symbol.iterator](), namespace, connection, usedAt: Date.now(), held: null };
    const { documents, done } = take(cursor, options.batchSize ?? FIRST_BATCH);
    if (done || options.single) return new BatchReply('firstBatch', documents, Long.ZERO, namespace);
    const id = Long.fromNumber(this.nextId);
    this.nextId += 1;
    this.open.set(id.toString(), cursor);
    return new BatchReply('firstBatch', documents, id, namespace);
  }

  /** @throws StoreError 43 when the cursor is gone */
  next(id: Long, batchSize: number | undefined): BatchReply {
    const cursor = this.open.get(id.toString());
    if (!cursor) throw new StoreError(43, `cursor id ${id} not found`);
    cursor.usedAt = Date.now();
    const { documents, done } = take(cursor, batchSize || Number.POSITIVE_INFINITY);
    if (done) this.open.delete(id.toString());
    return new BatchReply('nextBatch', documents, done ? Long.ZERO : id, cursor.namespace);
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
  const documents: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const document = cursor.held ?? read(cursor);
    cursor.held = null;
    if (document === undefined) return { documents, done: true };
    if (documents.length >= size || (documents.length > 0 && bytes + document.length > BATCH_BYTES)) {
      cursor.held = document;
      return { documents, done: false };
    }
    documents.push(document);
    bytes += document.length;
  }
}

function read(cursor: Cursor): Buffer | undefined {
  const { value, done } = cursor.rows.next();
  if (done) return undefined;
  return Buffer.isBuffer(value) ? value : writeDocument(value);
}
