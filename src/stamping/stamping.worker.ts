import { parentPort, workerData } from 'node:worker_threads';
import { StampError } from './stamp-error';
import type { Answer, Task } from './workshop';

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
    if (!(error instanceof StampError)) throw error;
    return { refused: { code: error.code, message: error.message, advice: error.advice } };
  }
}

/** The thread behind workshop.ts: one task, one answer. */
void answer(workerData as Task).then((result) => parentPort?.postMessage(result));
