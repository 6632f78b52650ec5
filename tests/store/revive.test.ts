import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';
import { reviveWhenLost } from '../../src/store/revive';

const HOLDER = join(__dirname, '../support/store-holder.mjs');
const folder = mkdtempSync(join(tmpdir(), 'gatefold-revive-'));
let holder: ChildProcess;

async function hold(): Promise<string> {
  holder = fork(HOLDER, [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve) => holder.once('message', (news) => resolve((news as { uri: string }).uri)));
}

afterAll(async () => {
  await mongoose.disconnect();
  holder.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('a driver that has given up on a killed store is connected anew once the store is back, and not before', async () => {
  const uri = await hold();
  await mongoose.connect(uri, { dbName: 'x', serverSelectionTimeoutMS: 500 });
  const client = mongoose.connection.getClient();
  const things = client.db('x').collection<{ _id: number }>('things');
  await things.insertOne({ _id: 1 });

  // As mongodb 7.8 is after the unlucky instant: its monitor looks no more.
  const topology = (client as unknown as { topology: { s: { servers: Map<string, { monitor: Monitor }> } } }).topology;
  const gone = new Promise((resolve) => holder.once('exit', resolve));
  holder.kill('SIGKILL');
  await gone;
  for (const { monitor } of topology.s.servers.values()) monitor.close();
  await expect(things.findOne({ _id: 1 })).rejects.toThrow();
  const end = reviveWhenLost(uri, 200, 50);
  await pause(500);
  await expect(things.findOne({ _id: 1 })).rejects.toThrow();

  await hold();
  for (;;) if (await things.findOne({ _id: 1 }).catch(() => null)) break;
  expect(mongoose.connection.readyState).toBe(mongoose.ConnectionStates.connected);
  end();
});

interface Monitor {
  close(): void;
}
