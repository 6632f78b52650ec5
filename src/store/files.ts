import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import mongoose from 'mongoose';

/** Files by content: the name of a file is the SHA-256 of its bytes (hex), so the same bytes are kept once. */

function bucket(): mongoose.mongo.GridFSBucket {
  const { db } = mongoose.connection;
  if (!db) throw new Error('the store is not open');
  return new mongoose.mongo.GridFSBucket(db, { bucketName: 'files' });
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
