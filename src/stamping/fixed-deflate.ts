import { constants, deflateRawSync } from 'node:zlib';

const ADLER_BASE = 65521;
/** So many bytes can be summed before a 32-bit sum could overflow. */
const ADLER_CHUNK = 3800;
const SPACE = 0x20;
/** zlib header (2), stored block header (5), checksum (4). */
const FRAME = 11;
const LARGEST_STORED = 0xffff;

/** Adler-32 (RFC 1950, 8.2) of `data` followed by `spaces` spaces. */
function adler32(data: Buffer, spaces: number): number {
  let a = 1;
  let b = 0;
  for (let from = 0; from < data.length; from += ADLER_CHUNK) {
    const to = Math.min(from + ADLER_CHUNK, data.length);
    for (let at = from; at < to; at += 1) {
      a += data[at] as number;
      b += a;
    }
    a %= ADLER_BASE;
    b %= ADLER_BASE;
  }
  b = (b + spaces * a + (SPACE * spaces * (spaces + 1)) / 2) % ADLER_BASE;
  a = (a + SPACE * spaces) % ADLER_BASE;
  return b * 65536 + a;
}

/**
 * Compresses `data` into a valid zlib stream of exactly `length` bytes that unpacks to `data` and trailing spaces: the
 * deflated bytes end at a byte boundary, one stored block of spaces fills the rest (RFC 1951, 3.2.4).
 * @returns null when it doesn't fit
 */
export function deflateTo(data: Buffer, length: number, level: 1 | 9): Buffer | null {
  const packed = deflateRawSync(data, { level, finishFlush: constants.Z_SYNC_FLUSH });
  const spaces = length - FRAME - packed.length;
  if (spaces < 0 || spaces > LARGEST_STORED) return null;
  const stream = Buffer.alloc(length, SPACE);
  stream.writeUInt16BE(0x7801, 0);
  packed.copy(stream, 2);
  const block = 2 + packed.length;
  stream.writeUInt8(1, block);
  stream.writeUInt16LE(spaces, block + 1);
  stream.writeUInt16LE(~spaces & 0xffff, block + 3);
  stream.writeUInt32BE(adler32(data, spaces), length - 4);
  return stream;
}
