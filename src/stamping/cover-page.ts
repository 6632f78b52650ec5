import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFName,
  PDFNumber,
  type PDFObject,
  type PDFPageLeaf,
  type PDFRef,
} from 'pdf-lib';
import { cleanText } from './clean-text';
import { countFromCover } from './cover-labels';
import { compose, geometryOf, shownToPage } from './page-geometry';
import { type ShapedText, shapeText } from './shaped-text';
import { fixedContent } from './stamp-content';
import { stack } from './stamp-layout';
import { COVER_TITLE, type Place, placeCover } from './stamp-places';

const name = (text: string) => PDFName.of(text);
const number = (value: number) => value.toFixed(5).replace(/\.?0+$/, '');

const TITLE_SIZES = [30, 26, 22, 18];
const TITLE_LINES = 5;
const TITLE_LEADING = 1.28;
const TITLE_COLOUR = '0.1 g';
const LIST_COLOUR = '0.35 g';
/** The bar between title and list: x, y, width, height on an A4 cover. */
const BAR = '0 -22 64 2.5 re f';
const words = new Intl.Segmenter('und', { granularity: 'word' });

/** Lines of words, each at most `width` wide at this size. */
function wrap(text: string, size: number, width: number): string[] {
  const lines: string[] = [''];
  for (const { segment } of words.segment(text)) {
    const longer = `${lines.at(-1)}${segment}`;
    if (lines.at(-1) === '' || (shapeText(longer.trimEnd()).width * size) / 1000 <= width)
      lines[lines.length - 1] = longer;
    else lines.push(segment.trimStart());
  }
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** As large as it fits on a few lines; what is longer ends in an ellipsis. */
function titleLines(title: string): { lines: ShapedText[][]; size: number } {
  const text = cleanText(title);
  const smallest = TITLE_SIZES.at(-1) ?? 0;
  const size = TITLE_SIZES.find((one) => wrap(text, one, COVER_TITLE.width).length <= TITLE_LINES) ?? smallest;
  const all = wrap(text, size, COVER_TITLE.width);
  const kept = all.slice(0, TITLE_LINES);
  if (all.length > kept.length) kept.push(`${kept.pop() ?? ''}…`);
  return { lines: kept.map((line) => [shapeText(line)]), size };
}

/** Stands on the bottom of its place, whatever the number of its lines. */
function titleContent(title: string): string {
  const { lines, size } = titleLines(title);
  const height = Math.min(COVER_TITLE.height, lines.length * size * TITLE_LEADING);
  const layout = stack(lines, { width: COVER_TITLE.width, height, size }, TITLE_LEADING);
  return `${TITLE_COLOUR}\n${fixedContent(layout).toString('latin1')}\n${BAR}`;
}

/** The document's first page where a viewer opens it: an open action that names it would skip the cover. */
function openAtCover(doc: PDFDocument, first: PDFRef | undefined, cover: PDFRef): void {
  const action = doc.catalog.lookup(name('OpenAction'));
  const dest = action instanceof PDFDict ? action.lookup(name('D')) : action;
  if (dest instanceof PDFArray && first && dest.get(0) === first) dest.set(0, cover);
}

/** A root of its own keeps the old tree, and what its pages inherit, as it was. */
function putInFront(doc: PDFDocument, cover: PDFRef, leaf: PDFDict): void {
  const { context, catalog } = doc;
  const old = catalog.get(name('Pages'));
  const tree = context.lookup(old, PDFDict);
  const count = tree.lookup(name('Count'));
  const pages = count instanceof PDFNumber ? count.asNumber() : doc.getPageCount();
  const root = context.register(context.obj({ Type: 'Pages', Count: pages + 1, Kids: [cover, old as PDFObject] }));
  tree.set(name('Parent'), root);
  leaf.set(name('Parent'), root);
  catalog.set(name('Pages'), root);
}

/** The reference of a page object; pdf-lib knows it only for pages that it looked up itself. */
const refOf = (doc: PDFDocument, leaf: PDFPageLeaf): PDFRef | undefined => doc.context.getObjectRef(leaf);

export interface CoverForm {
  ref: PDFRef;
  font: PDFRef;
  /** A colour operator; undefined: the usual one. */
  colour: string | undefined;
  title: string | undefined;
}

/**
 * Puts a page with the paper's title and the reader's values in front, as large as the first page is shown. Page
 * labels and destinations by number go on meaning the pages they meant.
 * @returns where the values are on it
 */
export function addCover(doc: PDFDocument, pages: PDFPageLeaf[], { ref, font, colour, title }: CoverForm): Place {
  const { context } = doc;
  const first = pages[0];
  if (!first) throw new Error('a document without pages was refused before');
  const like = geometryOf(first);
  const box = { left: 0, bottom: 0, right: like.width / like.userUnit, top: like.height / like.userUnit };
  const geometry = { ...like, box, rotation: 0 };
  const places = placeCover(geometry);
  const matrix = (place: Place) => compose(place.shown, shownToPage(geometry)).map(number).join(' ');
  const shown = cleanText(title ?? doc.getTitle() ?? '');
  const content = [
    '/Artifact <</Type /Pagination>> BDC',
    shown === '' ? '' : `q ${matrix(places.title)} cm\n${titleContent(shown)}\nQ`,
    `q ${colour ?? LIST_COLOUR} ${matrix(places.list)} cm /Cover Do Q`,
    'EMC',
  ].join('\n');
  const media = [0, 0, box.right, box.top];
  const leaf = context.obj({
    Type: 'Page',
    MediaBox: media,
    CropBox: media,
    Rotate: 0,
    ...(like.userUnit !== 1 && { UserUnit: like.userUnit }),
    Resources: { Font: { T: font }, XObject: { Cover: ref } },
    Contents: context.register(context.flateStream(content)),
  });
  const cover = context.register(leaf);
  countFromCover(doc);
  openAtCover(doc, refOf(doc, first), cover);
  putInFront(doc, cover, leaf);
  return places.list;
}
