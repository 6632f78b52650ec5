import { PDFArray, PDFDict, type PDFDocument, PDFName, PDFNumber, type PDFObject, PDFStream } from 'pdf-lib';

const name = (text: string) => PDFName.of(text);
/** Deeper number trees are no honest ones. */
const DEEPEST = 32;

/** The entries of a number tree (PDF 32000-1, 7.9.7), in order. */
function entriesOf(tree: PDFObject | undefined, depth = 0): [key: number, value: PDFObject][] {
  if (!(tree instanceof PDFDict) || depth > DEEPEST) return [];
  const [kids, nums] = [tree.lookup(name('Kids')), tree.lookup(name('Nums'))];
  const below =
    kids instanceof PDFArray ? kids.asArray().flatMap((_, at) => entriesOf(kids.lookup(at), depth + 1)) : [];
  if (!(nums instanceof PDFArray)) return below;
  const own = Array.from({ length: Math.floor(nums.size() / 2) }, (_, at): [number, PDFObject] => {
    const key = nums.lookup(2 * at);
    return [key instanceof PDFNumber ? key.asNumber() : 0, nums.get(2 * at + 1)];
  });
  return [...below, ...own];
}

/** Viewers go on calling the paper's first page 1, or whatever they called it. */
function shiftLabels(doc: PDFDocument): void {
  const { context, catalog } = doc;
  const known = entriesOf(catalog.lookup(name('PageLabels')));
  const numbered: PDFObject = context.obj({ S: 'D' });
  const labels = known.some(([page]) => page === 0) ? known : [[0, numbered] as [number, PDFObject], ...known];
  const shifted = labels.sort(([a], [b]) => a - b).flatMap(([page, label]) => [PDFNumber.of(page + 1), label]);
  const nums = context.obj([PDFNumber.of(0), context.obj({}), ...shifted]);
  catalog.set(name('PageLabels'), context.register(context.obj({ Nums: nums })));
}

const FITS = new Set(['XYZ', 'Fit', 'FitH', 'FitV', 'FitR', 'FitB', 'FitBH', 'FitBV'].map(name));

/** A destination that names its page by number, which the standard leaves to links into other files, but viewers take. */
function shiftDestination(array: PDFArray): void {
  const [page, fit] = [array.asArray()[0], array.asArray()[1]];
  if (page instanceof PDFNumber && fit instanceof PDFName && FITS.has(fit))
    array.set(0, PDFNumber.of(page.asNumber() + 1));
}

/** What is directly inside an object; the destination of a link into another file is left out. */
function partsOf(object: PDFObject): PDFObject[] {
  if (object instanceof PDFArray) return object.asArray();
  const dict = object instanceof PDFStream ? object.dict : object;
  if (!(dict instanceof PDFDict)) return [];
  const elsewhere = dict.has(name('F'));
  return dict.entries().flatMap(([key, value]) => (elsewhere && key === name('D') ? [] : [value]));
}

function shiftDestinations(doc: PDFDocument): void {
  const waiting = doc.context.enumerateIndirectObjects().map(([, object]) => object);
  for (let object = waiting.pop(); object; object = waiting.pop()) {
    if (object instanceof PDFArray) shiftDestination(object);
    waiting.push(...partsOf(object));
  }
}

/** Makes room for one more page in front, wherever pages are counted. */
export function countFromCover(doc: PDFDocument): void {
  shiftDestinations(doc);
  shiftLabels(doc);
}
