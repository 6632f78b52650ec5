import { createHash } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { deserialize, serialize } from 'bson';
import mongoose from 'mongoose';
import { GatefoldError, messageOf } from '../errors';

/**
 * Everything in the store as one file, and back into whichever store is configured.
 *
 * The archive is gzip around: a head `{gatefold: 'backup', version, at}`; for each collection `{collection, indexes}`, its
 * documents as BSON, four bytes of FF, `{count, digest}`; then `{collections}`, how many there were. The digest is the sum of
 * the documents' SHA-256 (mod 2^256): it doesn't depend on the order in which a store gives them back.
 */
const VERSION = 1;
const END = Buffer.alloc(4, 0xff);
/** Documents inserted at a time on the way back. */
const BATCH = 500;
const BATCH_BYTES = 8 * 1024 * 1024;
/** As `serialize` needs it to write the same bytes again: no type of BSON becomes one of JavaScript's. */
const EXACT = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true } as const;

type Doc = Record<string, unknown>;
type Progress = (collection: string, documents: number) => void;

/** How many documents each collection has. */
export type Counts = Record<string, number>;

/**
 * Writes every collection into `out`, while others read and write. Collections named in `first` are read before the others:
 * what a document of theirs still asks for is then at worst done again after a restore, and never forgotten.
 */
export async function writeBackup(
  out: Writable,
  options: { first: string[]; progress?: Progress; at?: Date },
): Promise<Counts> {
  const counts: Counts = {};
  await pipeline(Readable.from(archive(options, counts)), createGzip({ level: 5 }), out);
  return counts;
}

async function* archive(
  { first, progress, at = new Date() }: { first: string[]; progress?: Progress; at?: Date },
  counts: Counts,
): AsyncGenerator<Buffer> {
  yield bson({ gatefold: 'backup', version: VERSION, at });
  for (const collection of await collectionNames(first)) {
    const source = database().collection(collection);
    yield bson({ collection, indexes: (await source.indexes()).map(indexOf) });
    const digest = new Digest();
    for await (const document of source.find({}, { raw: true }).sort({ _id: 1 })) {
      const bytes = document as unknown as Buffer;
      digest.add(bytes);
      if (digest.count % 1000 === 0) progress?.(collection, digest.count);
      yield bytes;
    }
    counts[collection] = digest.count;
    progress?.(collection, digest.count);
    yield END;
    yield bson({ count: digest.count, digest: digest.hex() });
  }
  yield bson({ collections: Object.keys(counts).length });
}

/**
 * Reads an archive into the configured store, and then reads the store to see that all of it is there. The archive is read
 * to its end and checked before the store is touched.
 * @param open opens the archive; called twice
 * @param options.replace drops what the store holds; without it only an empty store is taken
 * @throws GatefoldError `store-not-empty`, `backup-broken` with what is wrong, `restore-differs`
 */
export async function readBackup(
  open: () => Readable,
  options: { replace?: boolean; progress?: Progress } = {},
): Promise<Counts> {
  await readArchive(open(), async () => checked);
  if (options.replace) await dropAll();
  else await mustBeEmpty();
  return readArchive(open(), (name, indexes) => loader(name, indexes, options.progress));
}

/** What is done with the documents of one collection. */
interface Target {
  take(document: Buffer): Promise<void>;
  /** All are there, and they are what was written. */
  end(digest: Digest): Promise<void>;
}

const checked: Target = { take: async () => undefined, end: async () => undefined };

/** Goes through an archive and checks its counts and digests. */
async function readArchive(
  source: Readable,
  targetFor: (collection: string, indexes: Doc[]) => Promise<Target>,
): Promise<Counts> {
  const reader = new ArchiveReader(source);
  const head = await reader.document();
  if (head['gatefold'] !== 'backup' || head['version'] !== VERSION) throw broken('it is not a backup of Gatefold');
  const counts: Counts = {};
  for (;;) {
    const part = await reader.document();
    if (part['collections'] !== undefined) {
      if (part['collections'] !== Object.keys(counts).length) throw broken('a collection is missing');
      await reader.mustBeAtEnd();
      return counts;
    }
    const name = String(part['collection']);
    counts[name] = await readCollection(reader, name, await targetFor(name, part['indexes'] as Doc[]));
  }
}

async function readCollection(reader: ArchiveReader, name: string, target: Target): Promise<number> {
  const digest = new Digest();
  for (let raw = await reader.nextRaw(); raw !== null; raw = await reader.nextRaw()) {
    digest.add(raw);
    await target.take(raw);
  }
  const told = await reader.document();
  if (told['count'] !== digest.count || told['digest'] !== digest.hex())
    throw broken(`the documents of ${name} are not those that were written`);
  await target.end(digest);
  return digest.count;
}

/** Puts documents into the store, many at a time. */
async function loader(name: string, indexes: Doc[], progress?: Progress): Promise<Target> {
  await createIndexes(name, indexes);
  const collection = database().collection(name);
  let batch: Doc[] = [];
  let bytes = 0;
  let count = 0;
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await collection.insertMany(batch as never[], { ordered: false });
    count += batch.length;
    [batch, bytes] = [[], 0];
    progress?.(name, count);
  };
  return {
    async take(raw) {
      batch.push(deserialize(raw, EXACT));
      bytes += raw.length;
      if (batch.length >= BATCH || bytes >= BATCH_BYTES) await flush();
    },
    async end(digest) {
      await flush();
      await mustBeKept(name, digest);
    },
  };
}

/** What the store gives back is what the archive had. */
async function mustBeKept(name: string, expected: Digest): Promise<void> {
  const kept = new Digest();
  for await (const document of database().collection(name).find({}, { raw: true })) kept.add(document as never);
  if (kept.hex() === expected.hex() && kept.count === expected.count) return;
  throw new GatefoldError(
    'internal',
    'restore-differs',
    `${name}: ${kept.count} of ${expected.count} documents came back alike`,
  );
}

async function createIndexes(name: string, indexes: Doc[]): Promise<void> {
  const db = database();
  await db.createCollection(name).catch(() => undefined);
  for (const { key, ...options } of indexes) {
    if (options['name'] !== '_id_') await db.collection(name).createIndex(key as never, options);
  }
}

async function mustBeEmpty(): Promise<void> {
  for (const name of await collectionNames([])) {
    if (
      (await database()
        .collection(name)
        .findOne({}, { projection: { _id: 1 } })) === null
    )
      continue;
    throw new GatefoldError('conflict', 'store-not-empty', {
      log: `restore: ${name} has documents`,
      reader: 'The store is not empty.',
      wayOut: 'Restore into a new DATA_DIR (or an empty MongoDB), or add --replace to drop what is there.',
    });
  }
}

async function dropAll(): Promise<void> {
  for (const name of await collectionNames([])) await database().collection(name).deleteMany({});
}

async function collectionNames(first: string[]): Promise<string[]> {
  const names = (await database().listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  return names.filter((name) => !name.startsWith('system.')).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function database(): mongoose.mongo.Db {
  const { db } = mongoose.connection;
  if (!db) throw new Error('the store is not open');
  return db;
}

/** What an index is, wherever it lives; stores add words of their own. */
const INDEX_OPTIONS = ['key', 'name', 'unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'];

function indexOf(index: object): Doc {
  return Object.fromEntries(Object.entries(index).filter(([name]) => INDEX_OPTIONS.includes(name)));
}

const bson = (document: Doc): Buffer => Buffer.from(serialize(document));

function broken(what: string): GatefoldError {
  return new GatefoldError('invalid', 'backup-broken', `the backup can't be restored: ${what}`);
}

/** Count of documents, and the sum of their hashes. */
class Digest {
  count = 0;
  private sum = 0n;

  add(bytes: Uint8Array): void {
    this.count += 1;
    this.sum += BigInt(`0x${createHash('sha256').update(bytes).digest('hex')}`);
  }

  hex(): string {
    return (this.sum & ((1n << 256n) - 1n)).toString(16).padStart(64, '0');
  }
}

/** Takes documents off an archive one by one; holds no more than one and what came with it. */
class ArchiveReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);

  constructor(source: Readable) {
    const plain = createGunzip();
    source.on('error', (error) => plain.destroy(error));
    this.chunks = source.pipe(plain)[Symbol.asyncIterator]();
  }

  async document(): Promise<Doc> {
    const raw = await this.nextRaw();
    if (!raw) throw broken('it ends too early');
    return deserialize(raw);
  }

  /** The bytes of the next document, or null at the end of a collection. */
  async nextRaw(): Promise<Buffer | null> {
    const head = await this.take(4);
    if (head.equals(END)) return null;
    const size = head.readInt32LE(0);
    if (size < 5 || size > 17 * 1024 * 1024) throw broken('a document has an impossible size');
    return Buffer.concat([head, await this.take(size - 4)]);
  }

  async mustBeAtEnd(): Promise<void> {
    if (this.held.length > 0 || (await this.more())) throw broken('something follows its end');
  }

  private async take(size: number): Promise<Buffer> {
    const parts = [this.held];
    let length = this.held.length;
    while (length < size) {
      const chunk = await this.more();
      if (!chunk) throw broken('it ends too early');
      parts.push(chunk);
      length += chunk.length;
    }
    const all = parts.length === 1 ? this.held : Buffer.concat(parts);
    this.held = all.subarray(size);
    return all.subarray(0, size);
  }

  private async more(): Promise<Buffer | null> {
    try {
      const { value, done } = await this.chunks.next();
      return done ? null : value;
    } catch (error) {
      throw broken(messageOf(error));
    }
  }
}
