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
    this.stream = Buffer.alloc(length, SPACE);
    this.at = this.stream.writeUInt16BE(ZLIB_HEADER, 0);
  }

  /** Whether so many bytes, the padding's header and the checksum still fit. */
  private has(room: number): boolean {
    this.fits &&= this.at + room + STORED_HEADER + CHECKSUM <= this.length;
    return this.fits;
  }

  private storedHeader(length: number, last: boolean): void {
    this.at = this.stream.writeUInt8(last ? 1 : 0, this.at);
    this.at = this.stream.writeUInt16LE(length, this.at);
    this.at = this.stream.writeUInt16LE(~length & LARGEST_STORED, this.at);
  }

  /** Latin-1 text as it is, in stored blocks (RFC 1951, 3.2.4). */
  text(text: string): void {
    if (text.length > LARGEST_STORED || !this.has(STORED_HEADER + text.length)) {
      this.fits = false;
      return;
    }
    this.storedHeader(text.length, false);
    const from = this.at;
    this.at += this.stream.write(text, from, 'latin1');
    sum(this.sums, this.stream, from, this.at);
  }

  /** The sums of a whole follow from those of its parts, without looking at a byte. */
  part({ bytes, length, a, b }: DeflatePart): void {
    if (!this.has(bytes.length)) return;
    this.at += bytes.copy(this.stream, this.at);
    const { sums } = this;
    sums.b = (sums.b + b + length * (sums.a + ADLER_BASE - 1)) % ADLER_BASE;
    sums.a = (sums.a + a + ADLER_BASE - 1) % ADLER_BASE;
  }

  /** @returns null when something didn't fit */
  finish(): Buffer | null {
    const spaces = this.length - this.at - STORED_HEADER - CHECKSUM;
    if (!this.has(0) || spaces > LARGEST_STORED) return null;
    this.storedHeader(spaces, true);
    const { a, b } = this.sums;
    const total = (b + spaces * a + (SPACE * spaces * (spaces + 1)) / 2) % ADLER_BASE;
    this.stream.writeUInt32BE(total * 65536 + ((a + SPACE * spaces) % ADLER_BASE), this.length - CHECKSUM);
    return this.stream;
  }
}
