import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';
import { commitFailure } from '../../src/store/embedded/commit-failure';

jest.setTimeout(600_000);

const HOLDER = join(__dirname, '../support/store-holder.mjs');
/** `GATEFOLD_KILLS=100 npx jest tests/store/durability` is the long run. */
const ROUNDS = Number(process.env['GATEFOLD_KILLS'] ?? 8);
const WRITERS = 64;

interface Counter {
  _id: string;
  n: number;
  tag: string;
}

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'gatefold-durable-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function holder(): Promise<{ child: ChildProcess; uri: string }> {
  return held(fork(HOLDER, [dataDir], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
}

/** Small enough for a small disk; the store's own is of megabytes. */
const RESERVE = 256 * 1024;

/** With files of at most so many KiB: the kernel refuses what goes beyond, as a full disk does, and needs no root for it. */
async function crampedHolder(kib: number): Promise<{ child: ChildProcess; uri: string; said: string[] }> {
  const script = `trap '' XFSZ; ulimit -f ${kib}; exec "$0" "$1" "$2" ${RESERVE}`;
  const child = spawn('bash', ['-c', script, process.execPath, HOLDER, dataDir], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const said: string[] = [];
  child.stderr?.on('data', (chunk) => said.push(String(chunk)));
  return { ...(await held(child)), said };
}

async function held(child: ChildProcess): Promise<{ child: ChildProcess; uri: string }> {
  const { uri } = await new Promise<{ uri: string }>((resolve) =>
    child.once('message', (news) => resolve(news as { uri: string })),
  );
  return { child, uri };
}

const connect = (uri: string) => MongoClient.connect(uri, { serverSelectionTimeoutMS: 5000, retryWrites: false });

/** Inserts and counts up until the server is gone; remembers only what was acknowledged. */
async function write(counters: Collection<Counter>, name: string, acknowledged: Map<string, number>): Promise<void> {
  for (let i = 0; ; i += 1) {
    const _id = `${name}-${i}`;
    try {
      await counters.insertOne({ _id, n: 0, tag: `tag ${_id}` });
      acknowledged.set(_id, 0);
      await counters.updateOne({ _id }, { $inc: { n: 1 }, $set: { tag: `changed ${_id}` } });
      acknowledged.set(_id, 1);
    } catch {
      return;
    }
  }
}

test(`${ROUNDS} times killed under ${WRITERS} writers: every acknowledged write is there, and no index says otherwise`, async () => {
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const { child, uri } = await holder();
    const client = await connect(uri);
    const counters = client.db('x').collection<Counter>('counters');
    await counters.createIndex({ tag: 1 }, { unique: true });
    await counters.createIndex({ n: 1, tag: -1 });
    const before = acknowledged.size;
    const writers = Array.from({ length: WRITERS }, (_, w) => write(counters, `r${round}w${w}`, acknowledged));
    while (acknowledged.size < before + 100 + (round % 20) * 37) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGKILL');
    await client.close(true);
    await Promise.all(writers);
  }

  const { child, uri } = await holder();
  const client = await connect(uri);
  const counters = client.db('x').collection<Counter>('counters');
  const kept = new Map((await counters.find().toArray()).map(({ _id, n }) => [_id, n]));
  const lost = [...acknowledged].filter(([id, n]) => (kept.get(id) ?? -1) < n);
  expect(acknowledged.size).toBeGreaterThan(ROUNDS * 100);
  expect(lost).toEqual([]);
  const { valid, errors, nrecords } = await client.db('x').command({ validate: 'counters' });
  expect({ valid, errors, nrecords }).toEqual({ valid: true, errors: [], nrecords: kept.size });
  await client.close();
  child.kill('SIGKILL');
});

test('a full disk: writers are told, readers go on, and nothing acknowledged is lost or half there', async () => {
  const cramped = await crampedHolder(12_000);
  const client = await connect(cramped.uri);
  const papers = client.db('x').collection<{ _id: string; n: number; tags: number[]; text: string }>('papers');
  await papers.createIndexes([{ key: { n: 1 } }, { key: { tags: 1 } }]);
  const acknowledged = new Set<string>();
  const refusals: { code?: number }[] = [];
  await Promise.all(
    Array.from({ length: 16 }, async (_, w) => {
      for (let i = 0; refusals.length < 100; i += 1) {
        const _id = `w${w}-${i}`;
        try {
          await papers.insertOne({ _id, n: i, tags: [w, 1000 + i], text: 'x'.repeat(3000) });
          acknowledged.add(_id);
        } catch (error) {
          refusals.push(error as { code?: number });
        }
      }
    }),
  );
  expect(acknowledged.size).toBeGreaterThan(100);
  expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set([14_031]));
  // LMDB tells every write of its own that fails.
  expect(cramped.said.join('')).toBe('');

  const ids = async (from: typeof papers) => (await from.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
  expect(await ids(papers)).toEqual([...acknowledged].sort());
  expect(await papers.countDocuments({ tags: 3 })).toBe([...acknowledged].filter((id) => id.startsWith('w3-')).length);
  expect(await client.db('x').command({ validate: 'papers' })).toMatchObject({ valid: true, errors: [] });
  const there = (await client.db('x').listCollections().toArray()).map(({ name }) => name).sort();
  await client.close(true);
  cramped.child.kill('SIGKILL');

  const { child, uri } = await holder();
  const again = await connect(uri);
  const kept = again.db('x').collection<{ _id: string; n: number; tags: number[]; text: string }>('papers');
  expect(await ids(kept)).toEqual([...acknowledged].sort());
  expect(await again.db('x').command({ validate: 'papers' })).toMatchObject({ valid: true, errors: [] });
  expect((await again.db('x').listCollections().toArray()).map(({ name }) => name).sort()).toEqual(there);
  await kept.insertOne({ _id: 'room', n: 1, tags: [3], text: 'again' });
  expect(await kept.countDocuments({ tags: 3 })).toBe(
    [...acknowledged].filter((id) => id.startsWith('w3-')).length + 1,
  );
  await again.close();
  child.kill('SIGKILL');
});

test.each([
  [
    { message: 'No space left on device: Attempting to write page at position 8', code: 28 },
    14_031,
    'No space left on device',
  ],
  [{ message: 'File too large', code: 27 }, 14_031, 'File too large'],
  [{ message: 'MDB_MAP_FULL: Environment mapsize limit reached', code: -30_792 }, 14_031, 'MDB_MAP_FULL'],
  [{ message: 'Read-only file system', code: 30 }, 96, 'Read-only file system'],
])('%j is told as %d', async (given, code, said) => {
  const cause = Object.assign(new Error(given.message), { code: given.code });
  for (const error of [cause, Object.assign(new Error('Commit failed'), { commitError: Promise.reject(cause) })]) {
    const failure = await commitFailure(error);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(`did not reach the disk: ${said}`);
    expect(failure.message).not.toContain('Attempting');
  }
});
