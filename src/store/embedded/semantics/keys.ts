import { createHash } from 'node:crypto';
import type { Code } from 'bson';
import { dateOf, rankOf } from './compare';
import { encodeNumber } from './number-key';
import type { Direction, Doc } from './types';
import {
  binaryOf,
  fieldsOf,
  isNumber,
  type Kind,
  kindOf,
  objectIdBytes,
  regexOf,
  textOf,
  timestampBits,
} from './values';

/**
 * Keys whose byte order is the BSON order (`compareValues`), in which no value's bytes are the beginning of another's, so
 * that keys of several fields can be joined and scanned by prefix. A value is a type byte and then: numbers a sortable
 * double and an exact rest; texts UTF-8 ended by 00; documents and arrays their parts ended by 00. Descending fields are
 * inverted bit by bit.
 *
 * LMDB takes keys up to 1978 bytes. A field longer than its share of the limit is cut there and a hash of the whole is
 * appended: equality stays exact up to the hash, order among values with the same long beginning is lost. Whoever scans by
 * a range starts and ends at `encodePrefix`, re-checks what is found, and does not sort by an index with such a key.
 */
export const MAX_KEY = 1900;
const HASH_LENGTH = 16;
const END = 0x00;
/** The lowest rank is -1 (MinKey) and 00 ends a document, so that type bytes start at 1. */
const TYPE_SHIFT = 2;

/** The key of several values in a row. `limit` bounds its length, each field getting an equal share. */
export function encodeKey(values: readonly unknown[], directions: readonly Direction[], limit = MAX_KEY): Buffer {
  return encodeFields(values, directions, limit).bytes;
}

/** The same, and whether a value was cut, so that the key says less than the values. */
export function encodeFields(
  values: readonly unknown[],
  directions: readonly Direction[],
  limit = MAX_KEY,
): { bytes: Buffer; cut: boolean } {
  const { cut } = write(values, directions, limit);
  return { bytes: writer.taken(), cut };
}

/**
 * As encodeKey, but a last value that had to be cut ends at the cut, without its hash: every key of an equal value starts
 * with these bytes, every lower value's key is below them and every higher one's is above or starts with them.
 */
export function encodePrefix(values: readonly unknown[], directions: readonly Direction[], limit = MAX_KEY): Buffer {
  const { lastCut } = write(values, directions, limit);
  const bytes = writer.taken();
  return lastCut ? bytes.subarray(0, bytes.length - HASH_LENGTH) : bytes;
}

/** One value, ascending, whole. */
export function encodeValue(value: unknown): Buffer {
  writer.begin();
  writer.value(value);
  return writer.taken();
}

/** Writes the fields into the writer; the caller takes them. */
function write(
  values: readonly unknown[],
  directions: readonly Direction[],
  limit: number,
): { cut: boolean; lastCut: boolean } {
  const share = Math.floor(limit / Math.max(values.length, 1)) - HASH_LENGTH;
  let cut = false;
  let lastCut = false;
  writer.begin();
  for (let i = 0; i < values.length; i += 1) {
    const from = writer.length;
    writer.value(values[i]);
    lastCut = writer.length - from > share;
    if (lastCut) writer.cut(from, share);
    cut ||= lastCut;
    if (directions[i] === -1) writer.invert(from);
  }
  return { cut, lastCut };
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, HASH_LENGTH);
}

/** Writes keys one after the other into room of its own, which grows and stays. */
class KeyWriter {
  private room = Buffer.allocUnsafe(4096);
  length = 0;

  begin(): void {
    this.length = 0;
  }

  /** A copy of what was written. */
  taken(): Buffer {
    return Buffer.from(this.room.subarray(0, this.length));
  }

  /** Leaves `share` bytes of what was written since `from`, and a hash of the whole. */
  cut(from: number, share: number): void {
    const hash = hashOf(this.room.subarray(from, this.length));
    this.length = from + share;
    this.bytes(hash);
  }

  invert(from: number): void {
    for (let at = from; at < this.length; at += 1) this.room[at] = ~(this.room[at] ?? 0) & 0xff;
  }

  value(value: unknown): void {
    this.byte(typeByte(value));
    this.payload(value);
  }

  private grow(by: number): void {
    if (this.length + by <= this.room.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.room.length * 2, this.length + by));
    this.room.copy(larger, 0, 0, this.length);
    this.room = larger;
  }

  private byte(byte: number): void {
    this.grow(1);
    this.room[this.length] = byte;
    this.length += 1;
  }

  private bytes(piece: Uint8Array): void {
    this.grow(piece.length);
    this.room.set(piece, this.length);
    this.length += piece.length;
  }

  private payload(value: unknown): void {
    const kind = kindOf(value);
    if (isNumber(kind)) this.bytes(encodeNumber(value, kind));
    else if (kind === 'string' || kind === 'symbol') this.text(textOf(value));
    else if (kind === 'object') this.document(fieldsOf(value as Doc));
    else if (kind === 'array') this.array(value as unknown[]);
    else if (kind === 'bool') this.byte(value ? 1 : 0);
    else if (kind === 'objectId') this.bytes(objectIdBytes(value));
    else if (kind === 'date') this.unsigned64(BigInt(dateOf(value)) + (1n << 63n));
    else this.rarePayload(kind, value);
  }

  /** Of MinKey, undefined, null and MaxKey the type says all. */
  private rarePayload(kind: Kind, value: unknown): void {
    if (kind === 'binData') this.binary(value);
    else if (kind === 'timestamp') this.unsigned64(timestampBits(value));
    else if (kind === 'regex') {
      this.text(regexOf(value).pattern);
      this.text(regexOf(value).options);
    } else if (kind === 'javascript' || kind === 'javascriptWithScope') {
      this.text((value as Code).code);
      if (kind === 'javascriptWithScope') this.document((value as Code).scope ?? {});
    }
  }

  /** UTF-8; 00 and 01 become 01 01 and 01 02 so that 00 can end the text. */
  private text(text: string): void {
    // Of one UTF-16 unit come three bytes at most.
    this.grow(text.length * 3);
    const end = this.length + this.room.write(text, this.length, 'utf8');
    const written = this.room.subarray(this.length, end);
    if (written.includes(0) || written.includes(1))
      this.bytes(Uint8Array.from([...written].flatMap((byte) => (byte <= 1 ? [1, byte + 1] : [byte]))));
    else this.length = end;
    this.byte(END);
  }

  /** Each field as compared: type, name, value. */
  private document(doc: Doc): void {
    for (const name of Object.keys(doc)) {
      this.byte(typeByte(doc[name]));
      this.text(name);
      this.payload(doc[name]);
    }
    this.byte(END);
  }

  private array(array: readonly unknown[]): void {
    for (const item of array) this.value(item);
    this.byte(END);
  }

  private binary(value: unknown): void {
    const { subtype, bytes } = binaryOf(value);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(bytes.length);
    head[4] = subtype;
    this.bytes(head);
    this.bytes(bytes);
  }

  private unsigned64(bits: bigint): void {
    this.grow(8);
    this.length = this.room.writeBigUInt64BE(bits, this.length);
  }
}

const writer = new KeyWriter();

function typeByte(value: unknown): number {
  return rankOf(kindOf(value)) + TYPE_SHIFT;
}
