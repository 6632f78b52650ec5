import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import mongoose from 'mongoose';

/** Files by content: the name of a file is the SHA-256 of its bytes (hex), so the same bytes are kept once. */

function bucket(bucketName = 'files'): mongoose.mongo.GridFSBucket {
  const { db } = mongoose.connection;
  if (!db) throw new Error('the store is not open');
  return new mongoose.mongo.GridFSBucket(db, { bucketName });
}

/** Keeps `bytes` and returns their SHA-256 in hex. Keeping the same bytes again does nothing. */
export async function keepFile(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('hex');
  const files = bucket();
  const known = await files.find({ filename: hash }).limit(1).toArray();
  if (known.length === 0) await pipeline(Readable.from([bytes]), files.openUploadStream(hash));
  return hash;
}

/** The bytes kept under `hash`. Rejects when there are none. */
export async function readFile(hash: string): Promise<Buffer> {
  return buffer(bucket().openDownloadStreamByName(hash));
}

/**
 * Files that wait until somebody has said yes to them lie apart from those that are in use, so that they can go by their
 * age alone. Asking for them again makes them younger.
 */
const WAITING = 'waiting';

/** Keeps `bytes` until they are older than somebody lets them be; returns their SHA-256 in hex. */
export async function holdFile(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('hex');
  await pipeline(Readable.from([bytes]), bucket(WAITING).openUploadStream(hash));
  return hash;
}

/** The bytes that wait under `hash`. Rejects when there are none. */
export async function readHeld(hash: string): Promise<Buffer> {
  return buffer(bucket(WAITING).openDownloadStreamByName(hash));
}

/** Lets go of what has waited since before `before`, and says how many files that were. */
export async function dropHeld(before: Date): Promise<number> {
  const waiting = bucket(WAITING);
  const old = await waiting.find({ uploadDate: { $lt: before } }).toArray();
  for (const { _id } of old) {
    // Another process may be at it as well.
    await waiting.delete(_id).catch((error: Error) => {
      if (!/File not found/i.test(error.message)) throw error;
    });
  }
  return old.length;
}
