import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { mendDriver } from '../../src/store/driver';

const HOLDER = join(__dirname, '../support/store-holder.mjs');
const folder = mkdtempSync(join(tmpdir(), 'gatefold-driver-'));
let holder: ChildProcess;
let uri: string;
let client: MongoClient;

beforeAll(async () => {
  mendDriver();
  mendDriver();
  uri = await hold();
  client = await MongoClient.connect(uri, { maxPoolSize: 1, serverSelectionTimeoutMS: 5000 });
});

afterAll(async () => {
  await client.close();
  holder.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('a command on a socket that is being destroyed fails at once, and the next one is answered', async () => {
  await client.db('x').command({ ping: 1 });
  const [socket] = sockets(client);
  socket?.destroy();
  const late = pause(5000, 'waits for ever', { ref: false });
  const answer = client.db('x').command({ ping: 1 });
  await expect(Promise.race([answer, late])).rejects.toThrow(/connection \S+ to .* closed/);
  await expect(client.db('x').command({ ping: 1 })).resolves.toMatchObject({ ok: 1 });
});

test('a store that is killed again and again under commands is found again, by the same client', async () => {
  for (let round = 0; round < 5; round += 1) {
    const gone = new Promise((resolve) => holder.once('exit', resolve));
    const asked = Array.from({ length: 20 }, () => client.db('x').command({ ping: 1 }));
    holder.kill('SIGKILL');
    const late = pause(10_000, 'waits for ever', { ref: false });
    expect(await Promise.race([Promise.allSettled(asked), late])).toHaveLength(20);
    await gone;
    await hold();
    await expect(client.db('x').command({ ping: 1 })).resolves.toMatchObject({ ok: 1 });
  }
});

async function hold(): Promise<string> {
  holder = fork(HOLDER, [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve) => holder.once('message', (news) => resolve((news as { uri: string }).uri)));
}

/** The sockets in the pool of a client; the driver shows them to nobody. */
function sockets(of: MongoClient): Socket[] {
  const { topology } = of as unknown as { topology: { s: { servers: Map<string, { pool: Pool }> } } };
  return [...topology.s.servers.values()].flatMap(({ pool }) => pool.connections.toArray().map((one) => one.socket));
}

interface Pool {
  connections: { toArray(): { socket: Socket }[] };
}
