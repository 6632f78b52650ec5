import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';

export type Table = Database<Buffer, Buffer>;

/** Three tables: what there is, the documents by collection and `_id`, the index entries by index and key. */
export interface Disk {
  root: RootDatabase<Buffer, Buffer>;
  catalogue: Table;
  documents: Table;
  entries: Table;
  close(): Promise<void>;
}

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/**
 * Opens the LMDB environment. `overlappingSync: false` makes a transaction's promise resolve only after its pages and then
 * its meta page are on disk: an acknowledged write survives a power cut.
 */
export function openDisk(folder: string): Disk {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const root = open<Buffer, Buffer>({ path: folder, maxDbs: 4, overlappingSync: false, noSubdir: false, ...BINARY });
  // The folder keeps others out already; a copy of it may be made with less care.
  for (const file of ['data.mdb', 'lock.mdb']) chmodSync(join(folder, file), 0o600);
  const table = (name: string): Table => root.openDB<Buffer, Buffer>({ name, ...BINARY });
  return {
    root,
    catalogue: table('catalogue'),
    documents: table('documents'),
    entries: table('entries'),
    close: () => root.close(),
  };
}

/** The first key behind all keys that begin with `prefix`. */
export function after(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix);
  for (let i = next.length - 1; i >= 0; i -= 1) {
    const byte = next[i] ?? 0;
    if (byte < 0xff) {
      next[i] = byte + 1;
      return next.subarray(0, i + 1);
    }
  }
  return Buffer.concat([prefix, Buffer.alloc(8, 0xff)]);
}

/** A number as the four bytes that keys of one collection or index begin with. */
export function idBytes(id: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return bytes;
}
