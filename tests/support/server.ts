import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onceForAll } from './once-for-all';

const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'dist/cli.js');
const SHIPPED = ['cloud-video-surveillance-housing-associations', 'state-of-physical-access-2024'];

export interface TestServer {
  url: string;
  dataDir: string;
  /** Environment that commands need to reach the same data. */
  env: NodeJS.ProcessEnv;
  /** Everything the processes wrote so far. */
  output(): string;
  /** Stops without warning, as a power cut would. */
  kill(): Promise<void>;
  /** Starts again on the same data and port. */
  restart(): Promise<void>;
  /** The same, with the worker that `--no-worker` left out before. */
  restartWithWorker(): Promise<void>;
  /** SIGTERM, and the exit status. */
  stop(): Promise<number | null>;
  /** Kills whatever runs and removes the data. */
  cleanUp(): Promise<void>;
}

/** A free TCP port of this machine. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * The built product as a process of its own, on a data folder of its own, ready to answer. Its data are those of a first
 * start that went before: the shipped campaigns are compiled and drawn once for the whole run.
 */
export async function startServer(env: NodeJS.ProcessEnv = {}, args: string[] = []): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-e2e-'));
  cpSync(await onceForAll('started', firstStart), dataDir, { recursive: true });
  return serve(dataDir, env, args);
}

/** The same from nothing, as after `npm ci`. */
export function startFresh(env: NodeJS.ProcessEnv = {}): Promise<TestServer> {
  return serve(mkdtempSync(join(tmpdir(), 'gatefold-e2e-')), env, []);
}

/** Fills a data folder: the shipped campaigns, their masters, their pictures. */
async function firstStart(dataDir: string): Promise<void> {
  const server = await serve(dataDir, {}, []);
  await eventually('pictures', async () => (await drawn(server.url)).every(Boolean), 90);
  await server.stop();
}

const drawn = (url: string) =>
  Promise.all(
    SHIPPED.map(async (slug) => (await (await fetch(`${url}/w/${slug}`)).text()).includes(`/w/${slug}/pictures/`)),
  );

async function serve(dataDir: string, env: NodeJS.ProcessEnv, args: string[]): Promise<TestServer> {
  const port = await freePort();
  const { SMTP_URL: _, ...clean } = process.env;
  const base: NodeJS.ProcessEnv = { ...clean, PORT: String(port), DATA_DIR: dataDir, ...env };
  const url = `http://localhost:${port}`;
  let output = '';
  let child: ChildProcess;

  async function start(options: string[]): Promise<void> {
    child = spawn(process.execPath, [CLI, 'serve', ...options], { cwd: ROOT, env: base });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    await ready(url, child, () => output);
  }
  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }

  await start(args);
  return {
    url,
    dataDir,
    env: base,
    output: () => output,
    kill: async () => {
      await end('SIGKILL');
    },
    restart: () => start(args),
    restartWithWorker: () => start([]),
    stop: () => end('SIGTERM'),
    cleanUp: async () => {
      await end('SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function ready(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(50)) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not become ready:\n${output()}`);
}

/** Runs `gatefold <args>` to its end on a server's data. */
export function gatefold(
  args: string[],
  env: NodeJS.ProcessEnv,
  input = '',
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd: ROOT, env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    child.stdin.end(input);
  });
}

/** Asks until the answer is there; rejects with `what` after `seconds`. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>, seconds = 20): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(50)) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`waited ${seconds} s in vain for ${what}`);
}
