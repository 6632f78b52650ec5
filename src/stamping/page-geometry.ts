import { type PDFArray, PDFName, PDFNumber, type PDFPageLeaf, PDFArray as PdfArray } from 'pdf-lib';

/** A page as a viewer shows it. The box is in the page's own units, its corners in order. */
export interface Geometry {
  box: { left: number; bottom: number; right: number; top: number };
  /** Clockwise: 0, 90, 180 or 270. */
  rotation: number;
  userUnit: number;
  /** As shown, points. */
  width: number;
  height: number;
}

/** As PDF writes it: x' = ax + cy + e, y' = bx + dy + f. */
export type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number];

const LETTER = { left: 0, bottom: 0, right: 612, top: 792 };

function numbersOf(array: PDFArray): number[] {
  return array.asArray().map((_, at) => {
    const value = array.lookup(at);
    return value instanceof PDFNumber ? value.asNumber() : Number.NaN;
  });
}

/** A box with its corners in order (PDF 32000-1, 7.9.5 allows any two opposite ones); undefined when it is none. */
function boxOf(leaf: PDFPageLeaf, name: string): Geometry['box'] | undefined {
  const value = leaf.context.lookup(leaf.getInheritableAttribute(PDFName.of(name)));
  if (!(value instanceof PdfArray)) return undefined;
  const [x1, y1, x2, y2] = numbersOf(value);
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) return undefined;
  const box = { left: Math.min(x1, x2), bottom: Math.min(y1, y2), right: Math.max(x1, x2), top: Math.max(y1, y2) };
  return box.right > box.left && box.top > box.bottom ? box : undefined;
}

/** The whole page, of which a viewer may show a part only; US Letter where there is none. */
export function mediaBox(leaf: PDFPageLeaf): Geometry['box'] {
  return boxOf(leaf, 'MediaBox') ?? LETTER;
}

/** What a viewer shows: the crop box as far as it lies inside the media box (PDF 32000-1, 14.11.2). */
function shownBox(leaf: PDFPageLeaf): Geometry['box'] {
  const media = mediaBox(leaf);
  const crop = boxOf(leaf, 'CropBox') ?? media;
  const box = {
    left: Math.max(media.left, crop.left),
    bottom: Math.max(media.bottom, crop.bottom),
    right: Math.min(media.right, crop.right),
    top: Math.min(media.top, crop.top),
  };
  return box.right > box.left && box.top > box.bottom ? box : media;
}

function numberOf(leaf: PDFPageLeaf, name: string, inherited: boolean): number | undefined {
  const key = PDFName.of(name);
  const value = leaf.context.lookup(inherited ? leaf.getInheritableAttribute(key) : leaf.get(key));
  return value instanceof PDFNumber ? value.asNumber() : undefined;
}

/** Where and how a page is shown, from its inherited attributes. */
export function geometryOf(leaf: PDFPageLeaf): Geometry {
  const box = shownBox(leaf);
  const turned = numberOf(leaf, 'Rotate', true) ?? 0;
  const rotation = turned % 90 === 0 ? ((turned % 360) + 360) % 360 : 0;
  const unit = numberOf(leaf, 'UserUnit', false) ?? 1;
  const userUnit = unit > 0 ? unit : 1;
  const across = (box.right - box.left) * userUnit;
  const up = (box.top - box.bottom) * userUnit;
  const upright = rotation % 180 === 0;
  return { box, rotation, userUnit, width: upright ? across : up, height: upright ? up : across };
}

/** The matrix that does `first` and then `second`. */
export function compose([a, b, c, d, e, f]: Matrix, second: Matrix): Matrix {
  const [p, q, r, s, t, u] = second;
  return [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u];
}

/** From the page as shown (points from its lower left corner) to the page's own space. */
export function shownToPage({ box: { left, bottom, right, top }, rotation, userUnit }: Geometry): Matrix {
  const turned: Record<number, Matrix> = {
    0: [1, 0, 0, 1, left, bottom],
    90: [0, 1, -1, 0, right, bottom],
    180: [-1, 0, 0, -1, right, top],
    270: [0, -1, 1, 0, left, top],
  };
  return compose([1 / userUnit, 0, 0, 1 / userUnit, 0, 0], turned[rotation] as Matrix);
}
