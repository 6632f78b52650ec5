import { Worker } from 'node:worker_threads';
import { StampError } from './stamp-error';
import type { Answer, Order, Task } from './workshop';

/** Each task loads only what it needs: half a second less for a picture. */
async function run(task: Task): Promise<unknown> {
  const pdf = Buffer.from(task.pdf.buffer, task.pdf.byteOffset, task.pdf.byteLength);
  switch (task.kind) {
    case 'inspect':
      return (await import('./inspect-pdf.js')).inspectPdf(pdf);
    case 'compile':
      return (await import('./compile-pdf.js')).compilePdf(pdf, task.options);
    case 'trace':
      return (await import('./trace-pdf.js')).tracePdf(pdf, task.printed);
    case 'pictures':
      return (await import('./page-pictures.js')).picturePages(pdf, task.pages);
    case 'cover':
      return (await import('./page-pictures.js')).pictureCover(pdf);
    case 'page':
      return (await import('./page-pictures.js')).picturePage(pdf, task.page, task.width);
  }
}

async function answer(task: Task): Promise<Answer> {
  try {
    return { value: await run(task) };
  } catch (error) {
    if (!(error instanceof StampError)) return { failed: error instanceof Error ? (error.stack ?? '') : String(error) };
    return { refused: { code: error.code, message: error.message, advice: error.advice } };
  }
}

/** Ends this process even when it is busy and whoever started it is gone. */
const LAST_SECONDS = 5;
const LAST_ORDER = "setTimeout(() => process.kill(process.pid, 'SIGKILL'), require('worker_threads').workerData)";

/** The process behind workshop.ts: one task, one answer. */
process.once('message', ({ task, seconds }: Order) => {
  new Worker(LAST_ORDER, { eval: true, workerData: (seconds + LAST_SECONDS) * 1000 }).unref();
  void answer(task).then((result) => process.send?.(result));
});
process.once('disconnect', () => process.exit());
