import { parentPort, workerData } from 'node:worker_threads';
import { compilePdf } from './compile-pdf';
import { inspectPdf } from './inspect-pdf';
import { StampError } from './stamp-error';
import { tracePdf } from './trace-pdf';
import type { Answer, Task } from './workshop';

function run(task: Task): Promise<unknown> {
  const pdf = Buffer.from(task.pdf.buffer, task.pdf.byteOffset, task.pdf.byteLength);
  switch (task.kind) {
    case 'inspect':
      return inspectPdf(pdf);
    case 'compile':
      return compilePdf(pdf, task.options);
    case 'trace':
      return tracePdf(pdf, task.printed);
  }
}

async function answer(task: Task): Promise<Answer> {
  try {
    return { value: await run(task) };
  } catch (error) {
    if (!(error instanceof StampError)) throw error;
    return { refused: { code: error.code, message: error.message, advice: error.advice } };
  }
}

/** The thread behind workshop.ts: one task, one answer. */
void answer(workerData as Task).then((result) => parentPort?.postMessage(result));
