import { type Geometry, placeStrip } from './page-geometry';
import { STRIP_HEIGHT } from './stamp-layout';
import type { Preset } from './stamping.types';
import { type ViewedDocument, viewing } from './viewer';

/** The strip's place and the colour operators for each page's text, such as `0.35 g`. */
export interface Look {
  margin: number;
  colours: string[];
}

/** What lies under the strip on one page at one margin. */
interface Under {
  /** 0 black to 1 white, on average. */
  lightness: number;
  /** Something is drawn there: a page number, a rule, a picture's edge. */
  busy: boolean;
}

const PICTURE_WIDTH = 300;
/** Pages longer than this many times their width are not pictured. */
const LONGEST = 20;
/** Pages beyond this time keep the usual colour. */
const LONGEST_MS = 5000;
/** Where the drawn text is within the strip, and on which share of the page's width it may be. */
const TEXT_FROM = 3 / STRIP_HEIGHT;
const TEXT_TO = 13 / STRIP_HEIGHT;
const SIDES = 0.1;
/** Difference of lightness, 0 to 1, that counts as drawn. */
const DRAWN = 0.06;
const UNKNOWN: Under = { lightness: 1, busy: false };

/** The usual dark grey; DeviceGray is allowed beside any output intent of PDF/A. */
const USUAL_COLOUR = '0.35 g';
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

interface Picture {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Lightness of the pixels of some rows (shares of the height) in the middle of a picture. */
function lightnessOf({ data, width, height }: Picture, from: number, to: number): number[] {
  const first = Math.max(0, Math.min(height - 1, Math.round(from * height)));
  const last = Math.min(height, Math.max(first + 1, Math.round(to * height)));
  const values: number[] = [];
  for (let row = first; row < last; row += 1) {
    for (let x = Math.floor(width * SIDES); x < width * (1 - SIDES); x += 1) {
      // pdfium's order is blue, green, red, alpha; weights of Rec. 709.
      const at = (row * width + x) * 4;
      const sum = 0.0722 * (data[at] ?? 0) + 0.7152 * (data[at + 1] ?? 0) + 0.2126 * (data[at + 2] ?? 0);
      values.push(sum / 255);
    }
  }
  return values;
}

function under(picture: Picture, geometry: Geometry, preset: Preset, margin: number): Under {
  const [low, high] = placeStrip(geometry, preset, margin).band;
  const share = (part: number) => 1 - (low + (high - low) * part) / geometry.height;
  const values = lightnessOf(picture, share(TEXT_TO), share(TEXT_FROM));
  const darkest = values.reduce((least, value) => Math.min(least, value), 1);
  const lightest = values.reduce((most, value) => Math.max(most, value), 0);
  const sum = values.reduce((total, value) => total + value, 0);
  return { lightness: sum / values.length, busy: lightest - darkest > DRAWN };
}

/** One page under the strip at each of the margins. */
async function study(
  doc: ViewedDocument,
  at: number,
  page: Geometry,
  preset: Preset,
  margins: number[],
): Promise<Under[]> {
  if (page.height > page.width * LONGEST) return margins.map(() => UNKNOWN);
  const picture = await doc.getPage(at).render({ width: PICTURE_WIDTH, render: 'bitmap' });
  return margins.map((margin) => under(picture, page, preset, margin));
}

const colourOn = ({ lightness }: Under) => COLOURS.find(([from]) => lightness >= from)?.[1] ?? USUAL_COLOUR;

/**
 * Looks at what lies under the stamp: takes the margin at which it covers something on the fewest pages (the earlier one
 * of equals), and a colour that can be read on each page there.
 * @param margins to choose from, in order of preference
 */
export function chooseLook(pdf: Uint8Array, pages: Geometry[], preset: Preset, margins: number[]): Promise<Look> {
  const until = Date.now() + LONGEST_MS;
  return viewing(pdf, async (doc) => {
    const studied: Under[][] = [];
    for (const [at, page] of pages.entries()) {
      if (Date.now() > until) break;
      studied.push(await study(doc, at, page, preset, margins));
    }
    const covered = margins.map((_, choice) => studied.filter((choices) => choices[choice]?.busy).length);
    const best = covered.indexOf(Math.min(...covered));
    return {
      margin: margins[best] ?? 0,
      colours: pages.map((_, page) => colourOn(studied[page]?.[best] ?? UNKNOWN)),
    };
  });
}
