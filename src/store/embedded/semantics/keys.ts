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
  return Buffer.concat(encodeFields(values, directions, limit).map((field) => field.bytes));
}

/**
 * As encodeKey, but a last value that had to be cut ends at the cut, without its hash: every key of an equal value starts
 * with these bytes, every lower value's key is below them and every higher one's is above or starts with them.
 */
export function encodePrefix(values: readonly unknown[], directions: readonly Direction[], limit = MAX_KEY): Buffer {
  const fields = encodeFields(values, directions, limit);
  const bytes = Buffer.concat(fields.map((field) => field.bytes));
  return fields.at(-1)?.cut ? bytes.subarray(0, bytes.length - HASH_LENGTH) : bytes;
}

/** True if a value was cut, so that the key says less than the values. */
export function isTruncated(values: readonly unknown[], directions: readonly Direction[], limit = MAX_KEY): boolean {
  return encodeFields(values, directions, limit).some((field) => field.cut);
}

/** One value, ascending, whole. */
export function encodeValue(value: unknown): Buffer {
  const out: number[] = [];
  const parts: Buffer[] = [];
  new KeyWriter(out, parts).value(value);
  return Buffer.concat([...parts, Buffer.from(out)]);
}

interface Field {
  bytes: Buffer;
  cut: boolean;
}

function encodeFields(values: readonly unknown[], directions: readonly Direction[], limit: number): Field[] {
  const share = Math.floor(limit / Math.max(values.length, 1)) - HASH_LENGTH;
  return values.map((value, i) => {
    const whole = encodeValue(value);
    const cut = whole.length > share;
    const bytes = cut ? Buffer.concat([whole.subarray(0, share), hashOf(whole)]) : whole;
    if (directions[i] === -1) for (let at = 0; at < bytes.length; at++) bytes[at] = ~(bytes[at] ?? 0) & 0xff;
    return { bytes, cut };
  });
}

function hashOf(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, HASH_LENGTH);
}

/** Collects single bytes in `out` and moves them to `parts` when a longer piece comes. */
class KeyWriter {
  constructor(
    private readonly out: number[],
    private readonly parts: Buffer[],
  ) {}

  value(value: unknown): void {
    this.out.push(typeByte(value));
    this.payload(value);
  }

  private bytes(piece: Uint8Array): void {
    if (this.out.length > 0) this.parts.push(Buffer.from(this.out.splice(0)));
    this.parts.push(Buffer.from(piece));
  }

  private payload(value: unknown): void {
    const kind = kindOf(value);
    if (isNumber(kind)) this.bytes(encodeNumber(value, kind));
    else if (kind === 'string' || kind === 'symbol') this.text(textOf(value));
    else if (kind === 'object') this.document(fieldsOf(value as Doc));
    else if (kind === 'array') this.array(value as unknown[]);
    else if (kind === 'bool') this.out.push(value ? 1 : 0);
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
    const bytes = Buffer.from(text, 'utf8');
    const plain = !bytes.some((byte) => byte <= 1);
    this.bytes(plain ? bytes : Buffer.from([...bytes].flatMap((byte) => (byte <= 1 ? [1, byte + 1] : [byte]))));
    this.out.push(END);
  }

  /** Each field as compared: type, name, value. */
  private document(doc: Doc): void {
    for (const name of Object.keys(doc)) {
      this.out.push(typeByte(doc[name]));
      this.text(name);
      this.payload(doc[name]);
    }
    this.out.push(END);
  }

  private array(array: readonly unknown[]): void {
    for (const item of array) this.value(item);
    this.out.push(END);
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
    const piece = Buffer.alloc(8);
    piece.writeBigUInt64BE(bits);
    this.bytes(piece);
  }
}

function typeByte(value: unknown): number {
  return rankOf(kindOf(value)) + TYPE_SHIFT;
}
