import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';

jest.setTimeout(120_000);

const HOLDER = join(__dirname, '../support/store-holder.mjs');
const ROUNDS = 8;
const WRITERS = 32;

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
  const child = fork(HOLDER, [dataDir], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
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
    while (acknowledged.size < before + 100 + round * 37) await new Promise((resolve) => setImmediate(resolve));
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
