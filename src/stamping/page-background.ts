import type { Geometry } from './page-geometry';
import { type ViewedDocument, viewing } from './viewer';

/** A band of a page as shown: points above its bottom edge. */
export type Band = [low: number, high: number];

const PICTURE_WIDTH = 160;
/** Pages longer than this many times their width are not pictured. */
const LONGEST = 20;
/** Pages beyond this time keep the usual colour. */
const LONGEST_MS = 5000;

/** The usual dark grey; DeviceGray is allowed beside any output intent of PDF/A. */
export const USUAL_COLOUR = '0.35 g';
/**
 * Text colour by how light the background is, from 0 to 1: dark on light, light on dark, at the extremes softer. Black
 * and white contrast equally with a grey of 0.46 (WCAG 2, relative luminance 0.18).
 */
const COLOURS: [from: number, colour: string][] = [
  [0.78, USUAL_COLOUR],
  [0.46, '0 g'],
  [0.25, '1 g'],
  [0, '0.85 g'],
];

/** The mean lightness of a band in a picture of the page, 0 to 1. */
function lightness(data: Uint8Array, width: number, height: number, [from, to]: Band): number {
  const first = Math.max(0, Math.min(height - 1, Math.floor(from * height)));
  const last = Math.min(height, Math.max(first + 1, Math.ceil(to * height)));
  let sum = 0;
  for (let at = first * width * 4; at < last * width * 4; at += 4) {
    // pdfium's order is blue, green, red, alpha; weights of Rec. 709.
    sum += 0.0722 * (data[at] ?? 0) + 0.7152 * (data[at + 1] ?? 0) + 0.2126 * (data[at + 2] ?? 0);
  }
  return sum / ((last - first) * width) / 255;
}

async function colourOn(doc: ViewedDocument, page: number, geometry: Geometry, [low, high]: Band): Promise<string> {
  if (geometry.height > geometry.width * LONGEST) return USUAL_COLOUR;
  const { data, width, height } = await doc.getPage(page).render({ width: PICTURE_WIDTH, render: 'bitmap' });
  const share = (points: number) => 1 - points / geometry.height;
  const light = lightness(data, width, height, [share(high), share(low)]);
  return COLOURS.find(([from]) => light >= from)?.[1] ?? USUAL_COLOUR;
}

/**
 * Chooses a text colour for each page by what lies under the stamp.
 * @param pages geometry and band of each page, in order
 * @returns colour operators, such as `0.35 g`
 */
export function coloursFor(pdf: Uint8Array, pages: { geometry: Geometry; band: Band }[]): Promise<string[]> {
  const until = Date.now() + LONGEST_MS;
  return viewing(pdf, async (doc) => {
    const colours: string[] = [];
    for (const [at, { geometry, band }] of pages.entries()) {
      colours.push(Date.now() < until ? await colourOn(doc, at, geometry, band) : USUAL_COLOUR);
    }
    return colours;
  });
}
