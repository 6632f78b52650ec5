import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { WorkerNews } from './worker';

/**
 * Front door: a server that speaks the MongoDB wire protocol over a unix socket in a data folder, in a thread of its own,
 * on LMDB. One process owns a folder; others join through its socket.
 */
export interface EmbeddedStore {
  /** For the stock driver; the database name is the caller's. */
  uri: string;
  role: 'owner' | 'guest';
  close(): Promise<void>;
}

/** sockaddr_un holds 108 bytes with the final zero, and Node cuts longer paths without a word. */
const SOCKET_PATH_MAX = 100;
const PATIENCE_MS = 10_000;

/** Bytes of the file that are kept free ahead: more than the writes take that go to the disk together. */
const RESERVE = 4 * 1024 * 1024;

/**
 * @param options.reserve bytes of the file that are kept free ahead
 * @throws when the folder's owner lives and doesn't answer, or the folder can't be used
 */
export async function openEmbedded(options: { dataDir: string; reserve?: number }): Promise<EmbeddedStore> {
  const { reserve = RESERVE } = options;
  const dataDir = resolve(options.dataDir);
  const socket = socketPath(dataDir);
  const worker = new Worker(workerFile(), { workerData: { dataDir, socket, reserve } });
  const news = await nextNews(worker);
  if (news.state === 'owner') {
    const release = endWithThread(worker);
    const close = async (): Promise<void> => {
      release();
      await closeWorker(worker);
    };
    return { uri: uriOf(socket), role: 'owner', close };
  }
  await worker.terminate();
  if (news.state !== 'guest') throw new Error(`the store in ${dataDir} can't be opened: ${reasonOf(news)}`);
  await answers(
    news.owner.socket,
    `the store in ${dataDir} belongs to process ${news.owner.pid}, which doesn't answer`,
  );
  return { uri: uriOf(news.owner.socket), role: 'guest', close: async () => undefined };
}

/** A thread needs built JavaScript: beside this file, or in dist/ when this file is the source (under a test runner). */
function workerFile(): string {
  const beside = join(__dirname, 'worker.js');
  return existsSync(beside) ? beside : join(__dirname, '../../../dist/store/embedded/worker.js');
}

/** The driver takes a host for a socket when it ends in `.sock`. A path that is too long moves to the temporary folder. */
function socketPath(dataDir: string): string {
  const path = join(dataDir, 'store.sock');
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return path;
  const folder = join(tmpdir(), `gatefold-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return join(folder, `${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}.sock`);
}

const uriOf = (socket: string): string => `mongodb://${encodeURIComponent(socket)}`;

function nextNews(worker: Worker): Promise<WorkerNews> {
  return new Promise((resolve, reject) => {
    const failed = (reason: Error | number): void =>
      reject(reason instanceof Error ? reason : new Error(`the store's thread ended with ${reason}`));
    worker.once('error', failed).once('exit', failed);
    worker.once('message', (news: WorkerNews) => {
      worker.off('error', failed).off('exit', failed);
      resolve(news);
    });
  });
}

/** Without its store a process can only pretend: it ends with the reason, and whoever supervises it starts it again. */
function endWithThread(worker: Worker): () => void {
  const fail = (reason: unknown): void => {
    throw new Error(`the store's thread ended: ${reason instanceof Error ? reason.stack : reason}`);
  };
  worker.on('error', fail).on('exit', fail);
  return () => void worker.off('error', fail).off('exit', fail);
}

async function closeWorker(worker: Worker): Promise<void> {
  const closed = nextNews(worker).catch(() => undefined);
  worker.postMessage('close');
  await closed;
  await worker.terminate();
}

function reasonOf(news: WorkerNews): string {
  return news.state === 'failed' ? news.reason : news.state;
}

/** The owner may be starting still. */
async function answers(socket: string, trouble: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(50)) {
    if (await connects(socket)) return;
  }
  throw new Error(trouble);
}

function connects(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}
