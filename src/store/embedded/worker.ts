import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { passOverRejectionsOfCommits } from './commit-failure';
import { openDisk } from './disk';
import { Engine } from './engine';
import { claimFolder, type Owner, releaseFolder } from './owner';
import { listen } from './server';

/** What the thread tells its door. */
export type WorkerNews =
  | { state: 'owner' }
  | { state: 'guest'; owner: Owner }
  | { state: 'closed' }
  | { state: 'failed'; reason: string };

interface WorkerData {
  dataDir: string;
  socket: string;
  reserve: number;
}

const tell = (news: WorkerNews): void => parentPort?.postMessage(news);

/** The store's thread: it alone opens the files, so that a long scan never holds up the web server's loop. */
async function run({ dataDir, socket, reserve }: WorkerData): Promise<void> {
  const folder = join(dataDir, 'store');
  const disk = openDisk(folder);
  const owner = await claimFolder(disk, socket);
  await disk.close();
  if (owner) return tell({ state: 'guest', owner });
  const engine = new Engine(folder, reserve);
  const listening = await listen(engine, socket);
  parentPort?.once('message', async () => {
    await releaseFolder(engine.disk);
    await listening.close();
    tell({ state: 'closed' });
    parentPort?.close();
  });
  tell({ state: 'owner' });
}

passOverRejectionsOfCommits();
run(workerData as WorkerData).catch((error: Error) => tell({ state: 'failed', reason: error.message }));
