import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { base64Lines, LINE_BYTES } from './base64-lines';
import { applyPatches, type Patch, patchesFor } from './copy-patches';
import type { OpenMaster } from './master';
import type { Copy, Master, Reader } from './stamping.types';

/** A few downloads read by large chunks; many share what may be in memory of all of them, some chunks of each. */
const LARGEST_CHUNK = 256 * 1024;
const SMALLEST_CHUNK = 16 * 1024;
const IN_FLIGHT = 4 * 1024 * 1024;
/** What chunks are multiples of: pages of memory and of files. */
const PAGE = 4096;
let reading = 0;

function chunkLength(): number {
  const share = Math.floor(IN_FLIGHT / reading / PAGE) * PAGE;
  return Math.max(SMALLEST_CHUNK, Math.min(LARGEST_CHUNK, share));
}

/** The bytes from `start` to before `end` of the copy. */
async function* stream(master: OpenMaster, patches: Patch[], start: number, end: number): AsyncGenerator<Buffer> {
  reading += 1;
  try {
    for (let at = start; at < end; ) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkLength(), end - at));
      const { bytesRead } = await master.file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error('the template ended early');
      const chunk = buffer.subarray(0, bytesRead);
      applyPatches(chunk, at, patches);
      at += bytesRead;
      yield chunk;
    }
  } finally {
    reading -= 1;
  }
}

/** Encodes what all copies share once: the prefix, cut at a whole line. */
async function sharedBase64(master: OpenMaster): Promise<{ lines: Buffer; rest: Buffer }> {
  const length = master.prefix - (master.prefix % LINE_BYTES);
  const prefix = master.head ?? Buffer.alloc(master.prefix);
  if (!master.head) await master.file.read(prefix, 0, master.prefix, 0);
  return { lines: base64Lines(prefix.subarray(0, length)), rest: Buffer.from(prefix.subarray(length)) };
}

/**
 * What is the same in all copies, encoded once and for all, then what isn't. One after the other: both at once would be
 * joined, which means copied, on their way.
 */
function base64(master: OpenMaster, patched: () => Buffer): Readable {
  master.prefixBase64 ??= sharedBase64(master);
  const shared = master.prefixBase64;
  const parts = [
    async () => (await shared).lines,
    async () => base64Lines(Buffer.concat([(await shared).rest, patched()])),
    async () => null,
  ];
  return new Readable({
    read() {
      parts
        .shift()?.()
        .then(
          (part) => this.push(part),
          (error: Error) => this.destroy(error),
        );
    },
  });
}

/**
 * Makes one reader's copy: 0.1 to 0.5 ms whatever the size of the PDF. The same master and reader give the same bytes.
 * @param master from `openMaster`, open until the copy has been read
 */
export function personalise(master: Master, reader: Reader): Copy {
  const open = master as OpenMaster;
  const { patches, warnings } = patchesFor(open.slots, reader);
  const length = open.slots.bytes;
  let tail: Buffer | undefined;
  const patched = () => {
    if (tail) return tail;
    tail = Buffer.from(open.tail);
    applyPatches(tail, open.prefix, patches);
    return tail;
  };
  const tag = createHash('sha256').update(open.slots.template);
  for (const patch of patches) tag.update(patch.bytes);
  let sha256: string | undefined;
  return {
    length,
    etag: `"${tag.digest('base64url').slice(0, 27)}"`,
    get sha256() {
      sha256 ??= open.prefixHash.copy().update(patched()).digest('hex');
      return sha256;
    },
    lastModified: open.lastModified,
    warnings,
    read: (start = 0, end = length - 1) => Readable.from(stream(open, patches, start, end + 1), { objectMode: false }),
    toBuffer: async () => {
      const whole = Buffer.allocUnsafe(length);
      if (open.head) open.tail.copy(whole, open.head.copy(whole));
      else await open.file.read(whole, 0, length, 0);
      applyPatches(whole, 0, patches);
      return whole;
    },
    base64: () => base64(open, patched),
  };
}
