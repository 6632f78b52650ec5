import { constants, deflateRawSync } from 'node:zlib';

const ADLER_BASE = 65521;
/** So many bytes can be summed before a 32-bit sum could overflow. */
const ADLER_CHUNK = 3800;
const SPACE = 0x20;
const ZLIB_HEADER = 0x7801;
const STORED_HEADER = 5;
const CHECKSUM = 4;
const LARGEST_STORED = 0xffff;

/** The two running sums of Adler-32 (RFC 1950, 8.2). */
interface Sums {
  a: number;
  b: number;
}

/** A part of a deflate stream that ends at a byte boundary and refers to nothing before it, with its checksum. */
export interface DeflatePart extends Sums {
  bytes: Buffer;
  /** Length of what it unpacks to. */
  length: number;
}

/** Goes on summing over `data` from `from` to before `to`. */
function sum(sums: Sums, data: Buffer, from: number, to: number): void {
  let { a, b } = sums;
  for (let start = from; start < to; start += ADLER_CHUNK) {
    const end = Math.min(start + ADLER_CHUNK, to);
    for (let at = start; at < end; at += 1) {
      a += data[at] as number;
      b += a;
    }
    a %= ADLER_BASE;
    b %= ADLER_BASE;
  }
  sums.a = a;
  sums.b = b;
}

/** Compresses data that will be used again and again. */
export function deflatePart(data: Buffer): DeflatePart {
  const bytes = deflateRawSync(data, { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
  const part = { bytes, length: data.length, a: 1, b: 0 };
  sum(part, data, 0, data.length);
  return part;
}

/**
 * Writes a valid zlib stream of exactly `length` bytes out of compressed parts and plain text; spaces fill the rest.
 * Nothing is compressed here, and nothing is allocated but the stream.
 */
export class FixedZlibWriter {
  private readonly stream: Buffer;
  private readonly sums: Sums = { a: 1, b: 0 };
  private at: number;
  private fits = true;

  constructor(private readonly length: number) {
    this.stream = Buffer.allocUnsafe(length);
    this.at = this.stream.writeUInt16BE(ZLIB_HEADER, 0);
  }

  /** Whether so many bytes, the padding's header and the checksum still fit. */
  private has(room: number): boolean {
    this.fits &&= this.at + room + STORED_HEADER + CHECKSUM <= this.length;
    return this.fits;
  }

  private storedHeader(length: number, last: boolean): void {
    const { stream, at } = this;
    stream[at] = last ? 1 : 0;
    stream[at + 1] = length & 255;
    stream[at + 2] = length >> 8;
    stream[at + 3] = ~length & 255;
    stream[at + 4] = (~length >> 8) & 255;
    this.at = at + STORED_HEADER;
  }

  /** Latin-1 text as it is, in stored blocks (RFC 1951, 3.2.4). */
  text(text: string): void {
    if (text.length > LARGEST_STORED || !this.has(STORED_HEADER + text.length)) {
      this.fits = false;
      return;
    }
    this.storedHeader(text.length, false);
    const from = this.at;
    // Most are a few bytes between two glyphs: a loop is done before a call would begin.
    for (let at = 0; at < text.length; at += 1) this.stream[from + at] = text.charCodeAt(at);
    this.at += text.length;
    sum(this.sums, this.stream, from, this.at);
  }

  /** The sums of a whole follow from those of its parts, without looking at a byte. */
  part({ bytes, length, a, b }: DeflatePart): void {
    if (!this.has(bytes.length)) return;
    this.stream.set(bytes, this.at);
    this.at += bytes.length;
    const { sums } = this;
    sums.b = (sums.b + b + length * (sums.a + ADLER_BASE - 1)) % ADLER_BASE;
    sums.a = (sums.a + a + ADLER_BASE - 1) % ADLER_BASE;
  }

  /** @returns null when something didn't fit */
  finish(): Buffer | null {
    const spaces = this.length - this.at - STORED_HEADER - CHECKSUM;
    if (!this.has(0) || spaces > LARGEST_STORED) return null;
    this.storedHeader(spaces, true);
    this.stream.fill(SPACE, this.at, this.length - CHECKSUM);
    const { a, b } = this.sums;
    const total = (b + spaces * a + (SPACE * spaces * (spaces + 1)) / 2) % ADLER_BASE;
    this.stream.writeUInt32BE(total * 65536 + ((a + SPACE * spaces) % ADLER_BASE), this.length - CHECKSUM);
    return this.stream;
  }
}
