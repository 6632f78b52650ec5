import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../support/server';

const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'dist/cli.js');
const HOLDER = join(ROOT, 'tests/support/store-holder.mjs');
/** Bytes that the store keeps free ahead: few, so that it soon needs more. */
const RESERVE = 256 * 1024;
export const SECRET = 'a secret for these tests only';

/** A process that is started again whenever it ends, as a supervisor would, until it is told to stop. */
class Kept {
  child: ChildProcess | undefined;
  /** How it ended when nobody had killed it. */
  readonly deaths: string[] = [];
  private stopping = false;
  private killed = false;
  private output = '';

  constructor(
    readonly name: string,
    private readonly spawn: () => ChildProcess,
  ) {
    this.start();
  }

  private start(): void {
    const child = this.spawn();
    this.child = child;
    this.killed = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output = `${this.output}${chunk}`.slice(-4000);
      });
    }
    child.once('exit', (code) => {
      if (!this.killed && !this.stopping) this.deaths.push(`${this.name} ended with ${code}: ${this.output}`);
      if (!this.stopping) setTimeout(() => this.stopping || this.start(), 100);
    });
  }

  /** What became of it, for a message of failure. */
  told(): string {
    const { pid, exitCode, signalCode } = this.child ?? {};
    return `${this.name} (pid ${pid}, ended ${exitCode ?? signalCode ?? 'not'}): ${[...this.deaths, this.output].join('\n')}`;
  }

  /** kill -9; started again at once. */
  kill(): void {
    this.killed = true;
    this.child?.kill('SIGKILL');
  }

  /** @returns the exit status */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.stopping = true;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }
}

/** The whole product as real processes: a store, a web server and workers, each killed and started on its own. */
export class House {
  private constructor(
    private readonly folder: string,
    readonly store: Kept,
    readonly storeUri: string,
    readonly web: Kept,
    readonly url: string,
    readonly workers: Kept[],
  ) {}

  /** @param smtpPorts one worker for each */
  static async open(whitepapers: string, smtpPorts: number[], settings: NodeJS.ProcessEnv): Promise<House> {
    const folder = mkdtempSync(join(tmpdir(), 'gatefold-faults-'));
    const { store, uri } = await openStore(join(folder, 'store'));
    const port = await freePort();
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PORT: String(port),
      DATA_DIR: join(folder, 'data'),
      MONGODB_URI: uri,
      WHITEPAPERS_DIR: whitepapers,
      SECRET_KEY: SECRET,
      LOG_LEVEL: 'warn',
      ...settings,
    };
    const run = (args: string[], more: NodeJS.ProcessEnv = {}) => {
      return () => spawn(process.execPath, [CLI, ...args], { cwd: ROOT, env: { ...env, ...more } });
    };
    const web = new Kept('web', run(['serve', '--no-worker']));
    const workers: Kept[] = [];
    const house = new House(folder, store, uri, web, `http://127.0.0.1:${port}`, workers);
    await house.ready();
    for (const [n, smtp] of smtpPorts.entries()) {
      workers.push(new Kept(`worker ${n}`, run(['worker'], { SMTP_URL: `smtp://127.0.0.1:${smtp}` })));
    }
    return house;
  }

  async ready(): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end; await pause(50)) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
    }
    const said = [this.store, this.web].map((one) => one.told());
    throw new Error(`the web server did not become ready: ${said.join('\n')}`);
  }

  /**
   * A disk with no room: the kernel refuses what goes beyond a size of file (util-linux; no root needed), as it would
   * refuse the next block; what the store keeps free ahead is not to be had. @returns false where that can't be done
   */
  fillDisk(full: boolean): boolean {
    const pid = this.store.child?.pid;
    if (pid === undefined) return false;
    const size = full ? statSync(join(this.folder, 'store/store/data.mdb')).size - RESERVE / 2 : 'unlimited';
    return spawnSync('prlimit', ['--pid', String(pid), `--fsize=${size}:`]).status === 0;
  }

  async cleanUp(): Promise<void> {
    await Promise.all([...this.workers, this.web, this.store].map((one) => one.stop('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function openStore(folder: string): Promise<{ store: Kept; uri: string }> {
  let told = (_uri: string): void => {};
  const uri = new Promise<string>((resolve) => {
    told = resolve;
  });
  const store = new Kept('store', () => {
    const child = fork(HOLDER, [folder, String(RESERVE)], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    return child.once('message', (news) => told((news as { uri: string }).uri));
  });
  return { store, uri: `${await uri}/faults` };
}
