import { fork, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { type EmbeddedStore, openEmbedded } from '../../src/store/embedded/embedded';

const HOLDER = join(__dirname, '../support/store-holder.mjs');

let dataDir: string;
const opened: EmbeddedStore[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'gatefold-owner-'));
});

afterEach(async () => {
  for (const store of opened.splice(0).reverse()) await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function open(folder = dataDir): Promise<EmbeddedStore> {
  const store = await openEmbedded({ dataDir: folder });
  opened.push(store);
  return store;
}

async function using<T>(uri: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 5000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Another process that owns the folder; resolves once it does. */
async function holder(folder: string): Promise<{ kill(): Promise<void> }> {
  const child = fork(HOLDER, [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await new Promise((resolve) => child.once('message', resolve));
  return {
    kill: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

test('the first owns the folder, the second joins through its socket and obeys the same unique keys', async () => {
  const first = await open();
  expect(first.role).toBe('owner');
  const second = await open();
  expect(second).toMatchObject({ role: 'guest', uri: first.uri });
  await using(first.uri, async (client) => {
    await client.db('x').collection('c').createIndex({ a: 1 }, { unique: true });
    await client.db('x').collection('c').insertOne({ a: 1 });
  });
  await using(second.uri, async (client) => {
    await expect(client.db('x').collection('c').insertOne({ a: 1 })).rejects.toMatchObject({ code: 11_000 });
  });
});

test('a process joins the store of another process', async () => {
  const other = await holder(dataDir);
  const store = await open();
  expect(store.role).toBe('guest');
  await using(store.uri, async (client) => expect((await client.db('x').command({ ping: 1 }))['ok']).toBe(1));
  await other.kill();
});

test('the folder of a killed owner is taken over, its stale socket in the way or not', async () => {
  const other = await holder(dataDir);
  await other.kill();
  expect(statSync(join(dataDir, 'store.sock')).isSocket()).toBe(true);
  expect((await open()).role).toBe('owner');
});

test('a process id that is used again is not the owner', async () => {
  const other = await holder(dataDir);
  await other.kill();
  // The dead owner's record now names a process that lives and began at another time.
  const sleeper = spawn('sleep', ['60']);
  const patched = spawn(process.execPath, [join(__dirname, '../support/claim-as.mjs'), dataDir, String(sleeper.pid)]);
  expect(await new Promise((resolve) => patched.once('exit', resolve))).toBe(0);
  expect((await open()).role).toBe('owner');
  sleeper.kill();
});

test('only the user may come in', async () => {
  await open();
  expect(statSync(join(dataDir, 'store.sock')).mode & 0o777).toBe(0o600);
  expect(statSync(join(dataDir, 'store')).mode & 0o777).toBe(0o700);
});

test('a path too long for a socket moves to a private folder', async () => {
  const long = join(dataDir, 'x'.repeat(120));
  mkdirSync(long);
  const store = await open(long);
  expect(decodeURIComponent(store.uri)).not.toContain('xxxx');
  await using(store.uri, async (client) => {
    await client.db('x').collection('c').insertOne({ a: 1 });
    expect(await client.db('x').collection('c').countDocuments()).toBe(1);
  });
});

test('what can not be a folder is said in one line', async () => {
  writeFileSync(join(dataDir, 'file'), '');
  await expect(openEmbedded({ dataDir: join(dataDir, 'file') })).rejects.toThrow(/^the store in .* can't be opened: /);
});
