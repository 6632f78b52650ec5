import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import type { Disk } from './disk';

const ZEROS = Buffer.alloc(1024 * 1024);
/** What one operation may take of the file, as a rule: its document, its entries and the pages on the way to them. */
const OPERATION_MAX = 256 * 1024;

/**
 * Room in the file behind the last page of LMDB, taken before it is needed, so that a full disk refuses us here and not in
 * the middle of a commit: lmdb 3.5 describes a write that failed in a buffer that is too small for its words, and what it
 * overruns may end the process. LMDB looks at no page behind its last one, and begins with these when it grows.
 */
export class Reserve {
  private readonly file: number;
  /** Operations since the room was last looked at. */
  private since = Number.POSITIVE_INFINITY;

  /** @param bytes how much is kept free at least */
  constructor(
    private readonly disk: Disk,
    path: string,
    private readonly bytes: number,
  ) {
    this.file = openSync(path, 'r+');
  }

  /**
   * Sees to the room for so many operations. Only between transactions.
   * @throws the file system's error when there is none
   */
  ensure(operations: number): void {
    this.since += operations;
    if (this.since * OPERATION_MAX < this.bytes) return;
    const { lastPageNumber, pageSize } = this.disk.root.getStats() as { lastPageNumber: number; pageSize: number };
    const used = (lastPageNumber + 1) * pageSize;
    const size = fstatSync(this.file).size;
    const needed = Math.max(this.bytes, operations * OPERATION_MAX);
    if (size < used + needed) this.fill(size, used + 2 * needed);
    // A disk that takes nothing any more is found out by the last byte, which means nothing.
    else writeSync(this.file, ZEROS, 0, 1, size - 1);
    this.since = 0;
  }

  close(): void {
    closeSync(this.file);
  }

  private fill(from: number, to: number): void {
    for (let at = from; at < to; ) at += writeSync(this.file, ZEROS, 0, Math.min(ZEROS.length, to - at), at);
  }
}
