import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { applyPatches, type Patch, patchesFor } from './copy-patches';
import type { OpenMaster } from './master';
import type { Copy, Master, Reader } from './stamping.types';

const CHUNK = 256 * 1024;
/** 57 bytes are one line of 76 base64 characters (RFC 2045, 6.8). */
const LINE_BYTES = 57;
const CRLF = Buffer.from('\r\n', 'latin1');

/** The bytes from `start` to before `end` of the copy. */
async function* stream(master: OpenMaster, patches: Patch[], start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, end - at));
    const { bytesRead } = await master.file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new Error('the template ended early');
    const chunk = buffer.subarray(0, bytesRead);
    applyPatches(chunk, at, patches);
    at += bytesRead;
    yield chunk;
  }
}

/** Whole lines of 76 characters, each ended by CRLF; a shorter last line too. */
function base64Lines(bytes: Buffer): Buffer {
  const text = bytes.toString('base64');
  const lines = Math.ceil(text.length / 76);
  const out = Buffer.allocUnsafe(text.length + lines * CRLF.length);
  let to = 0;
  for (let line = 0; line < lines; line += 1) {
    to += out.write(text.slice(line * 76, line * 76 + 76), to, 'latin1');
    to += CRLF.copy(out, to);
  }
  return out;
}

/** Encodes what all copies share once: the prefix, cut at a whole line. */
async function sharedBase64(master: OpenMaster): Promise<Buffer> {
  const shared = Buffer.alloc(master.prefix - (master.prefix % LINE_BYTES));
  await master.file.read(shared, 0, shared.length, 0);
  return base64Lines(shared);
}

async function* base64(master: OpenMaster, patched: () => Buffer): AsyncGenerator<Buffer> {
  master.prefixBase64 ??= sharedBase64(master);
  yield await master.prefixBase64;
  const rest = master.prefix % LINE_BYTES;
  const between = Buffer.alloc(rest);
  if (rest > 0) await master.file.read(between, 0, rest, master.prefix - rest);
  yield base64Lines(Buffer.concat([between, patched()]));
}

/**
 * Makes one reader's copy: 0.1 to 0.5 ms whatever the size of the PDF. The same master and reader give the same bytes.
 * @param master from `openMaster`, open until the copy has been read
 */
export function personalise(master: Master, reader: Reader): Copy {
  const open = master as OpenMaster;
  const { patches, warnings } = patchesFor(open.slots, reader);
  const length = open.slots.bytes;
  const patched = () => {
    const tail = Buffer.from(open.tail);
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
      await open.file.read(whole, 0, length, 0);
      applyPatches(whole, 0, patches);
      return whole;
    },
    base64: () => Readable.from(base64(open, patched), { objectMode: false }),
  };
}
