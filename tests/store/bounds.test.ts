import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'bson';
import { type Collection, MongoClient } from 'mongodb';
import { Cursors } from '../../src/store/embedded/cursors';
import { type EmbeddedStore, openEmbedded } from '../../src/store/embedded/embedded';

/** What the embedded server may take of the machine, whatever its clients ask. */
jest.setTimeout(120_000);

const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-bounds-'));
const COUNT = 4000;
const EACH = 32 * 1024;

interface Row {
  _id: number;
  text: string;
  tag: string;
}

let store: EmbeddedStore;
let client: MongoClient;
let rows: Collection<Row>;

beforeAll(async () => {
  store = await openEmbedded({ dataDir });
  client = await MongoClient.connect(store.uri, { monitorCommands: true });
  rows = client.db('x').collection<Row>('rows');
  // 128 MB: more than a sort may hold.
  for (let at = 0; at < COUNT; at += 200)
    await rows.insertMany(
      Array.from({ length: 200 }, (_, i) => ({
        _id: at + i,
        text: randomBytes(EACH / 2).toString('hex'),
        tag: `t${(at + i) % 7}`,
      })),
    );
});
afterAll(async () => {
  await client.close();
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a sort without an index is refused when it would hold too much, and a top-k is not', async () => {
  await expect(rows.find().sort({ text: 1 }).toArray()).rejects.toMatchObject({ code: 292 });
  await expect(rows.aggregate([{ $project: { text: 1 } }, { $sort: { text: 1 } }]).toArray()).rejects.toMatchObject({
    code: 292,
  });
  const [first] = await rows.find().sort({ text: 1 }).limit(1).toArray();
  const [same] = await rows
    .aggregate<Row>([{ $project: { text: 1 } }, { $sort: { text: 1 } }, { $limit: 1 }])
    .toArray();
  expect(same?._id).toBe(first?._id);
});

test('a group holds its groups, not its documents, and not more than it may', async () => {
  expect(await rows.aggregate([{ $group: { _id: '$tag', n: { $sum: 1 } } }]).toArray()).toHaveLength(7);
  await expect(rows.aggregate([{ $group: { _id: '$text' } }]).toArray()).rejects.toMatchObject({ code: 292 });
  await expect(rows.distinct('text')).rejects.toMatchObject({ code: 17_217 });
  expect((await rows.distinct('tag')).sort()).toHaveLength(7);
});

test('batches stay below a megabyte, whatever size is asked for', async () => {
  const sizes: number[] = [];
  client.on('commandSucceeded', ({ reply }) => {
    const { cursor } = reply as { cursor?: { firstBatch?: object[]; nextBatch?: object[] } };
    const batch = cursor?.firstBatch ?? cursor?.nextBatch ?? [];
    sizes.push(batch.reduce((sum, document) => sum + serialize(document).length, 0));
  });
  let n = 0;
  for await (const _ of rows.find({}, { batchSize: 4000 })) n += 1;
  client.removeAllListeners('commandSucceeded');
  expect(n).toBe(COUNT);
  expect(sizes.length).toBeGreaterThan(100);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
});

test('who asks and doesn’t read makes the server hold an answer, not all answers', async () => {
  const path = decodeURIComponent(store.uri.replace('mongodb://', ''));
  const socket: Socket = connect(path);
  socket.pause();
  await new Promise((resolve) => socket.once('connect', resolve));
  const body = Buffer.from(serialize({ find: 'rows', filter: {}, $db: 'x' }));
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + body.length, 0);
  head.writeInt32LE(2013, 12);
  const ask = Buffer.concat([head, body]);
  const before = process.memoryUsage.rss();
  // 2000 answers of a megabyte each.
  for (let i = 0; i < 2000; i += 1) socket.write(ask);
  for (let i = 0; i < 10; i += 1) expect((await client.db('x').command({ ping: 1 }))['ok']).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 1024 * 1024);
  socket.destroy();
  expect(await rows.countDocuments({ tag: 't1' })).toBeGreaterThan(0);
});

test('a cursor that nobody asks is gone after ten minutes', () => {
  const cursors = new Cursors();
  const many = Array.from({ length: 300 }, (_, _id) => ({ _id }));
  const { id } = cursors.begin(many, 'x.rows', 1, {});
  cursors.endIdle(Date.now() + 9 * 60_000);
  expect(cursors.next(id, 1).documents).toHaveLength(1);
  cursors.endIdle(Date.now() + 11 * 60_000);
  expect(() => cursors.next(id, 1)).toThrow(/not found/);
});

test('files and socket are the owner’s alone', () => {
  for (const name of ['store', 'store/data.mdb', 'store/lock.mdb', 'store.sock'])
    expect(statSync(join(dataDir, name)).mode & 0o077).toBe(0);
});
