import { PDFDict, type PDFDocument, PDFName } from 'pdf-lib';
import { applyPatches, patchesFor } from './copy-patches';
import { loadPdf } from './load-pdf';
import { type Geometry, geometryOf, placeStrip } from './page-geometry';
import type { Placement } from './place-stamp';
import { StampError } from './stamp-error';
import { readerValue } from './stamp-template';
import type { Compiled, Reader } from './stamping.types';
import { type ViewedDocument, viewing } from './viewer';

const DUMMY: Reader = {
  name: 'Jane Proofreader',
  email: 'jane.proofreader@example.org',
  company: 'Proof & Sons',
  date: '1 January 2026',
  ref: 'PROOF-0000',
  seed: 'proof',
};
/** Pages whose text is looked for, and pages that are compared as pictures. */
const READ_PAGES = 200;
const COMPARED_PAGES = 12;
const PICTURE_WIDTH = 360;
/** Drawing may differ by a pixel row beside the strip. */
const TOLERANCE_ROWS = 2;

function fail(what: string): never {
  throw new StampError(
    'self-check',
    `A trial copy went wrong: ${what}.`,
    'Export the PDF again from its source, or report this file.',
  );
}

function stamped(compiled: Compiled): Buffer {
  const copy = Buffer.from(compiled.template);
  applyPatches(copy, 0, patchesFor(compiled.slots, DUMMY).patches);
  return copy;
}

/** Items of the outline, however deep; capped, for outlines may be loops. */
function countOutline(doc: PDFDocument): number {
  const waiting = [doc.catalog.lookup(PDFName.of('Outlines'))];
  const seen = new Set<unknown>();
  while (waiting.length > 0) {
    const item = waiting.pop();
    if (!(item instanceof PDFDict) || seen.has(item)) continue;
    seen.add(item);
    waiting.push(item.lookup(PDFName.of('First')), item.lookup(PDFName.of('Next')));
  }
  return seen.size;
}

/** `count` pages spread evenly, the first and the last among them. */
function spread(pages: number, count: number): number[] {
  if (pages <= count) return Array.from({ length: pages }, (_, at) => at);
  return Array.from({ length: count }, (_, at) => Math.round((at * (pages - 1)) / (count - 1)));
}

function checkText(doc: ViewedDocument, wanted: string[]): void {
  for (const page of spread(doc.getPageCount(), READ_PAGES)) {
    const text = doc.getPage(page).getText();
    const lost = wanted.find((value) => !text.includes(value));
    if (lost) fail(`"${lost}" is not on page ${page + 1}`);
  }
}

/** One page of each geometry. */
function distinctPages(doc: PDFDocument): { at: number; geometry: Geometry }[] {
  const found = new Map<string, { at: number; geometry: Geometry }>();
  for (const [at, page] of doc.getPages().entries()) {
    const geometry = geometryOf(page.node);
    const key = JSON.stringify(geometry);
    if (!found.has(key)) found.set(key, { at, geometry });
  }
  return [...found.values()].slice(0, COMPARED_PAGES);
}

async function picture(
  doc: ViewedDocument,
  page: number,
  width: number,
): Promise<{ data: Uint8Array; height: number; width: number }> {
  return doc.getPage(page).render({ width, render: 'bitmap' });
}

async function checkPicture(
  before: ViewedDocument,
  after: ViewedDocument,
  { at, geometry }: { at: number; geometry: Geometry },
  placement: Placement,
): Promise<void> {
  const scale = PICTURE_WIDTH / geometry.width;
  if (geometry.height * scale > PICTURE_WIDTH * 20) return;
  const [a, b] = [await picture(before, at, PICTURE_WIDTH), await picture(after, at, PICTURE_WIDTH)];
  if (a.width !== b.width || a.height !== b.height) fail(`page ${at + 1} changed its size`);
  const { band } = placeStrip(geometry, placement.preset, placement.margin);
  const overhang = 4 * ((band[1] - band[0]) / 16);
  const rowOf = (points: number) => a.height - (points / geometry.height) * a.height;
  const [first, last] = [rowOf(band[1] + overhang) - TOLERANCE_ROWS, rowOf(band[0] - overhang) + TOLERANCE_ROWS];
  const stride = a.data.length / a.height;
  for (let row = 0; row < a.height; row += 1) {
    if (row >= first && row <= last) continue;
    const [from, to] = [row * stride, (row + 1) * stride];
    if (Buffer.compare(a.data.subarray(from, to), b.data.subarray(from, to)) !== 0) {
      fail(`page ${at + 1} looks different outside the stamp`);
    }
  }
}

/**
 * Stamps a dummy and compares it with the source: pages, outline, the text on every page by an independent parser, and
 * pictures of one page of each geometry, which may differ in the strip only.
 * @throws {StampError} `self-check`
 */
export async function selfCheck(pdf: Buffer, compiled: Compiled, placement: Placement): Promise<void> {
  const copy = stamped(compiled);
  const [source, made] = [await loadPdf(pdf), await loadPdf(copy)];
  if (source.getPageCount() !== made.getPageCount()) fail('pages were lost');
  if (countOutline(source) !== countOutline(made)) fail('the outline was lost');
  const variables = compiled.slots.segments.flatMap(({ pieces }) =>
    pieces.flatMap((piece) => ('variable' in piece ? piece.variable : [])),
  );
  const wanted = variables.filter((name) => name !== 'company').map((name) => readerValue(DUMMY, name));
  await viewing(pdf, (before) =>
    viewing(copy, async (after) => {
      if (before.getPageCount() !== after.getPageCount()) fail('viewers see another number of pages');
      checkText(after, wanted);
      for (const page of distinctPages(source)) await checkPicture(before, after, page, placement);
    }),
  );
}
