import { PDFDict, type PDFDocument, PDFName, type PDFPageLeaf } from 'pdf-lib';
import { applyPatches, patchesFor } from './copy-patches';
import { loadPdf } from './load-pdf';
import { type Geometry, geometryOf } from './page-geometry';
import { pagesOf } from './place-stamp';
import { StampError } from './stamp-error';
import { OVERHANG } from './stamp-forms';
import type { Mark } from './stamp-marks';
import { type Place, within } from './stamp-places';
import { readerValue } from './stamp-template';
import type { Compiled, Reader } from './stamping.types';
import { draw, type Picture, type ViewedDocument, viewing } from './viewer';

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
/** Pages longer than this many times their width are not pictured. */
const LONGEST = 20;
const OTHER_PRESET = 'Use the preset footer or header.';
/** Drawing may differ by so many pixels beside a mark. */
const TOLERANCE = 2;

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
function distinctPages(doc: PDFDocument): { at: number; leaf: PDFPageLeaf; geometry: Geometry }[] {
  const found = new Map<string, { at: number; leaf: PDFPageLeaf; geometry: Geometry }>();
  for (const [at, page] of doc.getPages().entries()) {
    const geometry = geometryOf(page.node);
    const key = JSON.stringify(geometry);
    if (!found.has(key)) found.set(key, { at, leaf: page.node, geometry });
  }
  return [...found.values()].slice(0, COMPARED_PAGES);
}

/** Whether a point of the page as shown, give or take some points, is where a mark may draw. */
function isIn(place: Place, x: number, y: number, give: number): boolean {
  const [a, b] = place.shown;
  const more = place.height * OVERHANG + give / Math.hypot(a, b);
  const [across, up] = within(place, x, y);
  return across >= -more && across <= place.width + more && up >= -more && up <= place.height + more;
}

/** The pixels in which two pictures of one size differ, as points of the page as shown. */
function* differences(a: Picture, b: Picture, { width, height }: Geometry): Generator<[x: number, y: number]> {
  const stride = a.data.length / a.height;
  for (let row = 0; row < a.height; row += 1) {
    const [before, after] = [a, b].map(({ data }) => data.subarray(row * stride, (row + 1) * stride));
    if (!before || !after || Buffer.compare(before, after) === 0) continue;
    for (let at = 0; at < stride; at += 4) {
      if (before[at] === after[at] && before[at + 1] === after[at + 1] && before[at + 2] === after[at + 2]) continue;
      yield [((at / 4 + 0.5) / a.width) * width, (1 - (row + 0.5) / a.height) * height];
    }
  }
}

/** @param shift pages in front of the first */
async function checkPicture(
  [before, after]: [ViewedDocument, ViewedDocument],
  { at, geometry }: { at: number; geometry: Geometry },
  marks: Mark[],
  shift: number,
): Promise<void> {
  const [size, made] = [before.getPage(at).getOriginalSize(), after.getPage(at + shift).getOriginalSize()];
  if (JSON.stringify(size) !== JSON.stringify(made)) fail(`page ${at + 1} changed its size`);
  // A crop box beside the media box leaves nothing to be seen.
  if (geometry.height > geometry.width * LONGEST || size.originalWidth * size.originalHeight === 0) return;
  const [a, b] = [
    await draw(before, at, PICTURE_WIDTH, geometry),
    await draw(after, at + shift, PICTURE_WIDTH, geometry),
  ];
  const give = (TOLERANCE * geometry.width) / PICTURE_WIDTH;
  let seen = false;
  for (const [x, y] of differences(a, b, geometry)) {
    seen = true;
    if (!marks.some(({ place }) => isIn(place, x, y, give))) fail(`page ${at + 1} looks different outside the stamp`);
  }
  if (!seen && marks.some(({ behind }) => behind)) {
    const why = 'PDF/A-1 and PDF 1.3 have no transparency, so a diagonal lies behind what a page shows';
    throw new StampError('hidden', `On page ${at + 1} nothing would be seen of the stamp: ${why}.`, OTHER_PRESET);
  }
}

/**
 * Stamps a dummy and compares it with the source: pages, outline, the text on every page by an independent parser, and
 * pictures of one page of each geometry (12 at most), which may differ where the marks are only.
 * @param marks for each page of the source
 * @throws {StampError} `self-check`; `hidden` when a diagonal behind the pages can't be seen
 */
export async function selfCheck(pdf: Buffer, compiled: Compiled, marks: Mark[][]): Promise<void> {
  const copy = stamped(compiled);
  const [source, made] = [await loadPdf(pdf), await loadPdf(copy)];
  const shift = compiled.slots.slots.some(({ form }) => form?.arranged === 'list') ? 1 : 0;
  if (source.getPageCount() + shift !== made.getPageCount()) fail('pages were lost');
  if (countOutline(source) !== countOutline(made)) fail('the outline was lost');
  const variables = compiled.slots.segments.flatMap(({ pieces }) =>
    pieces.flatMap((piece) => ('variable' in piece ? piece.variable : [])),
  );
  const wanted = variables.filter((name) => name !== 'company').map((name) => readerValue(DUMMY, name));
  await viewing(pdf, (before) =>
    viewing(copy, async (after) => {
      if (before.getPageCount() + shift !== after.getPageCount()) fail('viewers see another number of pages');
      checkText(after, wanted);
      const places = pagesOf(source);
      for (const page of distinctPages(source)) {
        const own = marks[places.indexOf(page.leaf)] ?? [];
        await checkPicture([before, after], page, own, shift);
      }
    }),
  );
}
