import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { base64Lines } from './base64-lines';
import { applyPatches, type Patch, patchesFor } from './copy-patches';
import type { OpenMaster } from './master';
import type { Copy, Master, Reader } from './stamping.types';

/** A few downloads read by large chunks; many share what may be in memory of all of them, some chunks of each. */
const LARGEST_CHUNK = 256 * 1024;
const SMALLEST_CHUNK = 16 * 1024;
const IN_FLIGHT = 3 * 1024 * 1024;
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

/** Encodes what all copies share once: the template up to a whole line. */
async function shareBase64(master: OpenMaster): Promise<Buffer> {
  const length = master.slots.bytes - master.lines.length;
  const shared = master.head ?? Buffer.alloc(length);
  if (!master.head) await master.file.read(shared, 0, length, 0);
  master.sharedBase64 ??= base64Lines(shared.subarray(0, length));
  return master.sharedBase64;
}

/**
 * What is the same in all copies, encoded once and for all, then what isn't. One after the other: both at once would be
 * joined, which means copied, on their way.
 */
function base64(master: OpenMaster, patched: () => Buffer): Readable {
  let begun = false;
  const give = (stream: Readable, shared: Buffer) => {
    if (begun) {
      // A moment later: what is there when the first part is taken would be joined to it.
      queueMicrotask(() => {
        stream.push(base64Lines(patched()));
        stream.push(null);
      });
    } else stream.push(shared);
    begun = true;
  };
  return new Readable({
    read() {
      if (master.sharedBase64) return give(this, master.sharedBase64);
      shareBase64(master).then(
        (shared) => give(this, shared),
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
  const lead = open.lines.length - open.tail.length;
  let lines: Buffer | undefined;
  const patched = () => {
    if (lines) return lines;
    lines = Buffer.from(open.lines);
    applyPatches(lines, open.prefix - lead, patches);
    return lines;
  };
  const tag = createHash('sha256').update(open.slots.template);
  for (const patch of patches) tag.update(patch.bytes);
  let sha256: string | undefined;
  return {
    length,
    etag: `"${tag.digest('base64url').slice(0, 27)}"`,
    get sha256() {
      sha256 ??= open.prefixHash.copy().update(patched().subarray(lead)).digest('hex');
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
