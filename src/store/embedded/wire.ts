import { deserialize, type Long, serialize } from 'bson';
import type { Doc } from './semantics';

/**
 * The MongoDB wire protocol (manual, "MongoDB Wire Protocol"): OP_MSG, and OP_QUERY for the first hello that drivers of
 * any age send.
 */
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16;
/** As `hello` announces. */
export const MAX_MESSAGE = 48_000_000;

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** Bits 0 to 15 must be understood; the others may be passed over. */
const REQUIRED_BITS = 0xffff;

/** A command as it came. */
export interface Message {
  requestId: number;
  body: Doc;
  /** Answer as to the legacy OP_QUERY. */
  legacy: boolean;
  /** The client wants no answer. */
  silent: boolean;
}

/** Bytes that are not the protocol: the connection is closed. */
export class ProtocolError extends Error {}

const READ = {
  promoteValues: false,
  promoteBuffers: false,
  promoteLongs: false,
  bsonRegExp: true,
  allowObjectSmallerThanBufferSize: true,
} as const;

export function readDocument(bytes: Uint8Array): Doc {
  return deserialize(bytes, READ);
}

export function writeDocument(document: Doc): Buffer {
  return Buffer.from(serialize(document, { ignoreUndefined: false, checkKeys: false }));
}

/** Cuts a stream of bytes into frames; holds what is not whole yet. */
export class Framer {
  private readonly held: Buffer[] = [];
  private length = 0;

  /** @throws ProtocolError on a length that no message has */
  *push(chunk: Buffer): Generator<Buffer> {
    this.held.push(chunk);
    this.length += chunk.length;
    for (let size = this.nextSize(); size !== null && this.length >= size; size = this.nextSize()) {
      const [only] = this.held;
      const all = only && this.held.length === 1 ? only : Buffer.concat(this.held);
      this.held.length = 0;
      this.length = all.length - size;
      if (this.length > 0) this.held.push(all.subarray(size));
      yield all.subarray(0, size);
    }
  }

  private nextSize(): number | null {
    if (this.length < 4) return null;
    const [first] = this.held;
    if (first && first.length < 4) this.held.splice(0, this.held.length, Buffer.concat(this.held));
    const size = this.held[0]?.readInt32LE(0) ?? 0;
    if (size < HEADER || size > MAX_MESSAGE) throw new ProtocolError(`a message of ${size} bytes`);
    return size;
  }
}

/** @throws ProtocolError on anything that is not a well-formed OP_MSG or OP_QUERY */
export function readMessage(frame: Buffer): Message {
  const requestId = frame.readInt32LE(4);
  const opCode = frame.readInt32LE(12);
  try {
    if (opCode === OP_MSG) return { requestId, legacy: false, ...readOpMsg(frame) };
    if (opCode === OP_QUERY) return { requestId, legacy: true, silent: false, body: readOpQuery(frame) };
  } catch (error) {
    throw error instanceof ProtocolError ? error : new ProtocolError((error as Error).message);
  }
  throw new ProtocolError(`op code ${opCode}`);
}

function readOpMsg(frame: Buffer): { body: Doc; silent: boolean } {
  const flags = frame.readUInt32LE(HEADER);
  if (flags & REQUIRED_BITS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) throw new ProtocolError(`flags ${flags}`);
  const end = frame.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let body: Doc | undefined;
  const sequences: [string, Doc[]][] = [];
  for (let at = HEADER + 4; at < end; ) {
    const kind = frame[at];
    const size = frame.readInt32LE(at + 1);
    if (size < 5 || at + 1 + size > end) throw new ProtocolError('a section beyond its message');
    const section = frame.subarray(at + 1, at + 1 + size);
    if (kind === 0) body = readDocument(section);
    else if (kind === 1) sequences.push(readSequence(section));
    else throw new ProtocolError(`a section of kind ${kind}`);
    at += 1 + size;
  }
  if (!body) throw new ProtocolError('a message without a body');
  for (const [name, documents] of sequences) body[name] = documents;
  return { body, silent: (flags & MORE_TO_COME) !== 0 };
}

function readSequence(section: Buffer): [string, Doc[]] {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd === -1) throw new ProtocolError('a document sequence without a name');
  const documents: Doc[] = [];
  for (let at = nameEnd + 1; at < section.length; ) {
    const size = section.readInt32LE(at);
    if (size < 5 || at + size > section.length) throw new ProtocolError('a document beyond its sequence');
    documents.push(readDocument(section.subarray(at, at + size)));
    at += size;
  }
  return [section.toString('utf8', 4, nameEnd), documents];
}

function readOpQuery(frame: Buffer): Doc {
  const nameEnd = frame.indexOf(0, HEADER + 4);
  if (nameEnd === -1) throw new ProtocolError('a query without a collection');
  const at = nameEnd + 1 + 8;
  const size = frame.readInt32LE(at);
  const name = frame.toString('utf8', HEADER + 4, nameEnd);
  return { ...readDocument(frame.subarray(at, at + size)), $db: name.split('.')[0] };
}

let answers = 0;

/** `{cursor: {<name>: [...], id, ns}, ok: 1}` around documents that are bytes already. */
export class BatchReply {
  constructor(
    private readonly name: 'firstBatch' | 'nextBatch',
    readonly documents: Buffer[],
    readonly id: Long,
    private readonly namespace: string,
  ) {}

  /** BSON (bsonspec.org): an array is a document whose names are 0, 1, 2 …; type 4 is array, 3 document. */
  bytes(): Buffer {
    const items = this.documents.flatMap((document, i) => [Buffer.from(`\x03${i}\0`, 'latin1'), document]);
    const array = framed(items);
    const rest = withoutFrame(writeDocument({ id: this.id, ns: this.namespace }));
    const cursor = framed([Buffer.from(`\x04${this.name}\0`, 'latin1'), ...array, rest]);
    return Buffer.concat(
      framed([Buffer.from('\x03cursor\0', 'latin1'), ...cursor, withoutFrame(writeDocument({ ok: 1 }))]),
    );
  }
}

/** Elements as a document: its length before, a zero behind. */
function framed(elements: Buffer[]): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeInt32LE(elements.reduce((sum, { length: n }) => sum + n, 5));
  return [length, ...elements, Buffer.alloc(1)];
}

const withoutFrame = (document: Buffer): Buffer => document.subarray(4, -1);

/** An answer to a message. */
export function writeAnswer(message: Message, answer: Doc | BatchReply): Buffer {
  const body = answer instanceof BatchReply ? answer.bytes() : writeDocument(answer);
  answers = (answers + 1) & 0x7fffffff;
  const head = message.legacy ? legacyHead() : Buffer.alloc(HEADER + 5);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(answers, 4);
  head.writeInt32LE(message.requestId, 8);
  head.writeInt32LE(message.legacy ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([head, body]);
}

/** Flags "await capable", no cursor, one document. */
function legacyHead(): Buffer {
  const head = Buffer.alloc(HEADER + 20);
  head.writeInt32LE(8, HEADER);
  head.writeInt32LE(1, HEADER + 16);
  return head;
}
