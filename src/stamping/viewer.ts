import { PDFiumLibrary } from '@hyzyla/pdfium';
import { StampError } from './stamp-error';

type Library = Awaited<ReturnType<typeof PDFiumLibrary.init>>;
export type ViewedDocument = Awaited<ReturnType<Library['loadDocument']>>;

let library: Promise<Library> | undefined;

/**
 * Opens a PDF in pdfium, the viewer inside Chrome: an independent parser that sees what readers see.
 * @throws {StampError} `damaged` when pdfium can't open it
 */
export async function viewing<T>(pdf: Uint8Array, look: (doc: ViewedDocument) => Promise<T> | T): Promise<T> {
  library ??= PDFiumLibrary.init();
  const viewer = await library;
  const doc = await viewer.loadDocument(pdf).catch(() => {
    throw new StampError('damaged', 'Viewers cannot open the PDF.', 'Export it again from its source.');
  });
  try {
    return await look(doc);
  } finally {
    doc.destroy();
  }
}

/** The number of pages that a viewer shows. */
export function countPages(pdf: Uint8Array): Promise<number> {
  return viewing(pdf, (doc) => doc.getPageCount());
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
