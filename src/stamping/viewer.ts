import { PDFiumLibrary } from '@hyzyla/pdfium';
import { StampError } from './stamp-error';

const AGAIN = 'Export it again from its source.';
const IN_PARTS = 'Export it again from its source, perhaps in parts.';

type Library = Awaited<ReturnType<typeof PDFiumLibrary.init>>;
export type ViewedDocument = Awaited<ReturnType<Library['loadDocument']>>;

let library: Promise<Library> | undefined;
/** It doesn't give back all that it takes: after so many documents a new one takes its place. */
const DOCUMENTS = 100;
let opened = 0;
let openNow = 0;

/** The viewer, a fresh one now and then, when nobody has a document open. */
function viewerNow(): Promise<Library> {
  if (library && opened >= DOCUMENTS && openNow === 0) {
    void library.then((old) => old.destroy());
    library = undefined;
    opened = 0;
  }
  library ??= PDFiumLibrary.init();
  opened += 1;
  return library;
}

interface WasmMemory {
  buffer: ArrayBuffer;
  grow(pages: number): number;
}
/** What we touch of it; the types of Node leave it to those of browsers. */
declare const WebAssembly: { Memory: { prototype: WasmMemory }; RuntimeError: ErrorConstructor };

/** WebAssembly has a memory of its own, of up to 2 GB, which no limit of the process's heap covers. Pages are 64 KB. */
const MOST_PAGES = 768 * 16;
const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function limited(this: WasmMemory, pages: number): number {
  if (this.buffer.byteLength / 65_536 + pages > MOST_PAGES) throw new RangeError('the viewer takes too much memory');
  return grow.call(this, pages);
};

const isAborted = (error: unknown): boolean => error instanceof WebAssembly.RuntimeError;

/** What a viewer that gives up means for the file. */
function givenUp(error: unknown): unknown {
  if (error instanceof StampError || !(error instanceof Error)) return error;
  if (isAborted(error)) {
    return new StampError('too-large-inside', 'Viewers need more memory for the PDF than we allow.', IN_PARTS);
  }
  if (/^Failed to load/.test(error.message)) {
    return new StampError('damaged', 'Viewers cannot show all pages of the PDF.', AGAIN);
  }
  return error;
}

/**
 * Opens a PDF in pdfium, the viewer inside Chrome: an independent parser that sees what readers see.
 * @throws {StampError} `damaged` when pdfium can't open it or show its pages, `too-large-inside`
 */
export async function viewing<T>(pdf: Uint8Array, look: (doc: ViewedDocument) => Promise<T> | T): Promise<T> {
  const viewer = viewerNow();
  openNow += 1;
  try {
    return await lookAt(await viewer, pdf, look);
  } finally {
    openNow -= 1;
  }
}

async function lookAt<T>(viewer: Library, pdf: Uint8Array, look: (doc: ViewedDocument) => Promise<T> | T): Promise<T> {
  const doc = await viewer.loadDocument(pdf).catch(() => {
    throw new StampError('damaged', 'Viewers cannot open the PDF.', AGAIN);
  });
  let value: T;
  try {
    value = await look(doc);
  } catch (error) {
    const told = givenUp(error);
    // A viewer that ran out of memory can't even close the file.
    if (error === told || !isAborted(error)) doc.destroy();
    throw told;
  }
  doc.destroy();
  return value;
}

/** Further pages than these are only counted. */
const TRIED = 12;
/** No further page is tried after this time. */
const TRIED_MS = 3000;
const TINY_WIDTH = 32;

/**
 * The number of pages that a viewer shows.
 * @throws {StampError} as `viewing`: some of them are drawn and read, so that what viewers can't take is known at upload
 */
export function countPages(pdf: Uint8Array): Promise<number> {
  const until = Date.now() + TRIED_MS;
  return viewing(pdf, async (doc) => {
    const count = doc.getPageCount();
    for (let page = 0; page < Math.min(count, TRIED) && Date.now() < until; page += 1) {
      await draw(doc, page, TINY_WIDTH, { width: 1, height: 1 });
      doc.getPage(page).getText();
    }
    return count;
  });
}

/** A page drawn by pdfium: blue, green, red, alpha for each pixel, rows from the top. */
export interface Picture {
  data: Uint8Array;
  width: number;
  height: number;
}

/**
 * Draws a page in its own proportions.
 * @param page from 0
 * @param width in pixels; the height follows from the page's size as shown, in any unit
 */
export function draw(
  doc: ViewedDocument,
  page: number,
  width: number,
  shown: { width: number; height: number },
): Promise<Picture> {
  const height = Math.max(1, Math.round((width * shown.height) / shown.width));
  return doc.getPage(page).render({ width, height, render: 'bitmap' });
}
