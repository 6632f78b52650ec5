import { type PDFArray, PDFName, PDFNumber, type PDFPageLeaf, PDFArray as PdfArray } from 'pdf-lib';
import { STRIP_HEIGHT } from './stamp-layout';
import type { Preset } from './stamping.types';

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

export type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number];

/** The width of the strip at scale 1, points: A4 less its side margins. */
export const STRIP_WIDTH = 523;
const SIDE_MARGIN = 36;
/** On small pages the margins are at most this share of the width, and the strip with its margin of the height. */
const LARGEST_SIDE = 0.06;
const LARGEST_STRIP = 0.15;
/** Pages larger than this (points) get a larger text, for they are looked at from farther away. */
const LARGE_PAGE = 1200;
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

/** What a viewer shows: the crop box as far as it lies inside the media box (PDF 32000-1, 14.11.2). */
function shownBox(leaf: PDFPageLeaf): Geometry['box'] {
  const media = boxOf(leaf, 'MediaBox') ?? LETTER;
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

/** How much larger or smaller than on an A4 page the strip is. */
function stripScale({ width, height }: Geometry, margin: number): number {
  const side = Math.min(SIDE_MARGIN, width * LARGEST_SIDE);
  const large = Math.max(1, Math.min(width, height * 1.5) / LARGE_PAGE);
  return Math.min(large, (width - 2 * side) / STRIP_WIDTH, (height * LARGEST_STRIP) / (STRIP_HEIGHT + margin));
}

/**
 * Places the strip, upright for whoever looks at the page.
 * @param margin from the page's edge in points, at scale 1
 * @returns the matrix from the strip's space to the page's, and the strip's band as shown: points above the bottom edge
 */
export function placeStrip(page: Geometry, preset: Preset, margin: number): { matrix: Matrix; band: [number, number] } {
  const scale = stripScale(page, margin);
  const low = preset === 'footer' ? margin * scale : page.height - (margin + STRIP_HEIGHT) * scale;
  const [x, y, s] = [(page.width - STRIP_WIDTH * scale) / 2, low, scale].map((shown) => shown / page.userUnit) as [
    number,
    number,
    number,
  ];
  const { left, bottom, right, top } = page.box;
  const matrices: Record<number, Matrix> = {
    0: [s, 0, 0, s, left + x, bottom + y],
    90: [0, s, -s, 0, right - y, bottom + x],
    180: [-s, 0, 0, -s, right - x, top - y],
    270: [0, -s, s, 0, left + y, top - x],
  };
  return { matrix: matrices[page.rotation] as Matrix, band: [low, low + STRIP_HEIGHT * scale] };
}
