import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Worker } from 'node:worker_threads';
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

/** What the worker answers: a value, or the parts of a StampError. */
export type Answer = { value: unknown } | { refused: { code: string; message: string; advice: string } };

const FILE = 'stamping.worker.js';
const LIMITS = { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 };

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

function failure(error: NodeJS.ErrnoException): Error {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : error;
}

/**
 * Runs a task in a thread of its own with limits on memory and time; whatever happens there ends with an answer here.
 * @throws {StampError} as the task, `too-slow` or `too-large-inside`
 */
export function inWorker(task: Task, seconds: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile(), { workerData: task, resourceLimits: LIMITS, stdout: true, stderr: true });
    // pdf-lib talks to the console about damaged files.
    worker.stdout.resume();
    worker.stderr.resume();
    const timer = setTimeout(() => settle(() => reject(tooLong(seconds))), seconds * 1000);
    let settled = false;
    const settle = (done: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      worker.terminate().then(done, done);
    };
    worker.once('message', (answer: Answer) =>
      settle(() => {
        if ('value' in answer) resolve(answer.value);
        else reject(new StampError(answer.refused.code, answer.refused.message, answer.refused.advice));
      }),
    );
    worker.once('error', (error) => settle(() => reject(failure(error))));
    worker.once('exit', () => settle(() => reject(tooMuch())));
  });
}
