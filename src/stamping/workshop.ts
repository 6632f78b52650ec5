import { fork, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { StampError } from './stamp-error';
import type { StampOptions } from './stamping.types';

/** Work on the bytes of a PDF that must not harm the process that asks for it. */
export type Task =
  | { kind: 'inspect'; pdf: Uint8Array }
  | { kind: 'compile'; pdf: Uint8Array; options: StampOptions }
  | { kind: 'trace'; pdf: Uint8Array; printed?: RegExp }
  | { kind: 'pictures'; pdf: Uint8Array; pages: number }
  | { kind: 'cover'; pdf: Uint8Array }
  | { kind: 'page'; pdf: Uint8Array; page: number; width: number };

/** What the worker answers: a value, the parts of a StampError, or what went wrong otherwise. */
export type Answer =
  | { value: unknown }
  | { refused: { code: string; message: string; advice: string } }
  | { failed: string };

/** What the worker is sent; past `seconds` it ends itself, for whoever waits for it may be gone. */
export interface Order {
  task: Task;
  seconds: number;
}

const FILE = 'stamping.worker.js';
/** Megabytes of JavaScript; kilobytes of stack, within the 8 MB that systems commonly give. */
const LIMITS = ['--max-old-space-size=768', '--max-semi-space-size=16', '--stack-size=3900'];

/** pdf-lib talks to the console about damaged files. */
const STDIO: StdioOptions = ['ignore', 'ignore', 'ignore', 'ipc'];

/** The compiled worker: beside this file, or its twin in dist/ when this runs from src/ (under jest). */
function workerFile(): string {
  const beside = join(__dirname, FILE);
  if (existsSync(beside)) return beside;
  const built = join(__dirname.replace(`${sep}src${sep}`, `${sep}dist${sep}`), FILE);
  if (!existsSync(built)) throw new Error('stamping runs in a compiled worker: run "npm run build" first');
  return built;
}

const tooLong = (seconds: number) =>
  new StampError(
    'too-slow',
    `The PDF could not be read within ${seconds} seconds.`,
    'Export it again from its source, perhaps in parts.',
  );
const tooMuch = () =>
  new StampError(
    'too-large-inside',
    'The PDF needs more memory than we allow.',
    'Export it again from its source, perhaps in parts.',
  );

/**
 * Runs a task in a process of its own with limits on memory and time; whatever happens there ends with an answer here.
 * A process and no thread: one that runs out of memory in the wrong moment takes its threads' process down (measured with
 * millions of small objects). It knows nothing of ours: its environment is empty.
 * @throws {StampError} as the task, `too-slow` or `too-large-inside`
 */
export function inWorker(task: Task, seconds: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = fork(workerFile(), [], { serialization: 'advanced', execArgv: LIMITS, env: {}, stdio: STDIO });
    let settled = false;
    const timer = setTimeout(() => settle(() => reject(tooLong(seconds))), seconds * 1000);
    const settle = (done: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      worker.kill('SIGKILL');
      done();
    };
    worker.once('message', (answer: Answer) =>
      settle(() => {
        if ('value' in answer) resolve(answer.value);
        else if ('failed' in answer) reject(new Error(answer.failed));
        else reject(new StampError(answer.refused.code, answer.refused.message, answer.refused.advice));
      }),
    );
    worker.once('error', (error) => settle(() => reject(error)));
    worker.once('exit', () => settle(() => reject(tooMuch())));
    // A worker that is gone already says so by its end.
    worker.send({ task, seconds } satisfies Order, () => undefined);
  });
}
