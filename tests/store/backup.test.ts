import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Decimal128, Double, Int32, Long, ObjectId } from 'bson';
import mongoose from 'mongoose';
import { readBackup, writeBackup } from '../../src/store/backup';
import { openStore, type Store } from '../../src/store/store';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'gatefold-backup-'));
const file = join(folder, 'backup.gz');
let open: Store | undefined;

/** Binds the process to an embedded store of its own, or to a fresh database of the reference. */
async function use(store: string): Promise<void> {
  await open?.close();
  open = await openStore(
    store === 'reference' ? { dataDir: folder, mongodbUri: referenceUri() } : { dataDir: join(folder, store) },
  );
}

const REFERENCE = process.env['GATEFOLD_REFERENCE_URI'];
const database = `backup_${randomBytes(4).toString('hex')}`;
function referenceUri(): string {
  const uri = new URL(REFERENCE ?? '');
  uri.pathname = `/${database}`;
  return uri.href;
}

const collection = (name: string) =>
  mongoose.connection.collection<{ _id: unknown; [name: string]: unknown }>(name as never);

async function fill(): Promise<void> {
  const rows = Array.from({ length: 3000 }, (_, n) => ({
    _id: `lead-${n}`,
    n: new Int32(n),
    long: Long.fromNumber(2 ** 40 + n),
    double: new Double(n),
    decimal: Decimal128.fromString(`${n}.50`),
    at: new Date(n * 1000),
    nothing: null,
    list: [n, { deep: `Łukasz ${n}` }],
    text: 'x'.repeat(n % 50),
  }));
  await collection('leads').insertMany(rows);
  await collection('leads').createIndex({ n: 1, at: -1 }, { unique: true, name: 'by_n' });
  await collection('jobs').insertMany([
    { _id: new ObjectId(), state: 'due' },
    { _id: new ObjectId(), state: 'done' },
  ]);
  await collection('sessions').insertOne({ _id: 's', expires: new Date() });
  await collection('sessions').createIndex({ expires: 1 }, { expireAfterSeconds: 3600 });
  const { db } = mongoose.connection;
  const files = new mongoose.mongo.GridFSBucket(db as NonNullable<typeof db>, { bucketName: 'files' });
  await new Promise((resolve) => files.openUploadStream('paper').end(randomBytes(700_000), () => resolve(undefined)));
}

/** Every byte of every document, and every index. */
async function contents(): Promise<Record<string, unknown>> {
  const { db } = mongoose.connection;
  const names = (await db?.listCollections().toArray())?.map(({ name }) => name).sort() ?? [];
  const all: Record<string, unknown> = {};
  for (const name of names) {
    const documents = await collection(name).find({}, { raw: true }).sort({ _id: 1 }).toArray();
    const indexes = await collection(name).indexes();
    all[name] = {
      documents: documents.map((raw) => (raw as unknown as Buffer).toString('hex')),
      indexes: indexes.map(({ v: _, ...index }) => JSON.stringify(index, Object.keys(index).sort())).sort(),
    };
  }
  return all;
}

const backup = () => writeBackup(createWriteStream(file), { first: ['leads', 'jobs'] });
const restore = (options = {}) => readBackup(() => createReadStream(file), options);

let original: Record<string, unknown>;
beforeAll(async () => {
  await use('a');
  await fill();
  original = await contents();
});
afterAll(async () => {
  await open?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('everything comes back byte for byte, indexes too, while others write', async () => {
  let writes = 0;
  const writing = (async () => {
    for (; writes < 200; writes += 1) await collection('zz').insertOne({ _id: writes });
  })();
  const counts = await backup();
  await writing;
  expect(counts).toMatchObject({ leads: 3000, jobs: 2, sessions: 1, 'files.files': 1, 'files.chunks': 3 });
  expect(Object.keys(counts).slice(0, 2)).toEqual(['leads', 'jobs']);
  await collection('zz').drop();
  await backup();
  await use('b');
  expect(await restore()).toMatchObject({ leads: 3000, 'files.chunks': 3 });
  expect(await contents()).toEqual(original);
});

test('a store that holds something is not touched unless that is said', async () => {
  await use('c');
  await collection('leads').insertOne({ _id: 'mine' });
  await expect(restore()).rejects.toMatchObject({ code: 'store-not-empty' });
  expect(await collection('leads').countDocuments({})).toBe(1);
  await restore({ replace: true });
  expect(await collection('leads').countDocuments({ _id: 'mine' as never })).toBe(0);
  expect(await collection('leads').countDocuments({})).toBe(3000);
});

describe('a broken archive is refused before the store is touched', () => {
  const whole = () => gunzipSync(readFileSync(file));
  const changed = (change: (bytes: Buffer) => Buffer) => () => gzipSync(change(Buffer.from(whole())));
  test.each<[string, () => Buffer]>([
    ['cut in the middle', () => readFileSync(file).subarray(0, 100_000)],
    ['no archive', () => Buffer.from('not an archive')],
    ['empty', () => Buffer.alloc(0)],
    ['another kind', () => gzipSync(Buffer.from('0c0000001061000100000000', 'hex'))],
    ['cut after a collection', changed((bytes) => bytes.subarray(0, bytes.lastIndexOf(Buffer.alloc(4, 0xff)) + 4))],
    [
      'one letter changed',
      changed((bytes) => {
        bytes.write('M', bytes.indexOf('Łukasz 77') + 2);
        return bytes;
      }),
    ],
    ['something behind its end', changed((bytes) => Buffer.concat([bytes, Buffer.from('more')]))],
  ])('%s', async (_name, make) => {
    const path = join(folder, 'broken.gz');
    writeFileSync(path, make());
    await use('d');
    await expect(readBackup(() => createReadStream(path), { replace: true })).rejects.toMatchObject({
      code: 'backup-broken',
    });
    expect((await mongoose.connection.db?.listCollections().toArray()) ?? []).toEqual([]);
  });
});

(REFERENCE ? test : test.skip)('embedded → MongoDB → embedded without a difference', async () => {
  await use('a');
  await backup();
  await use('reference');
  await restore({ replace: true });
  await backup();
  await mongoose.connection.dropDatabase();
  await use('e');
  await restore();
  expect(await contents()).toEqual(original);
});
