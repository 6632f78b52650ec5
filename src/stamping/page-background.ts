import type { Geometry } from './page-geometry';
import { boundsOf, type Place, within } from './stamp-places';
import { draw, type Picture, type ViewedDocument, viewing } from './viewer';

/** What lies under a place on a page. */
export interface Under {
  /** 0 black to 1 white, on average. */
  lightness: number;
  /** Something is drawn there: a page number, a rule, a picture's edge. */
  busy: boolean;
}

const PICTURE_WIDTH = 300;
/** Pages longer than this many times their width are not pictured. */
const LONGEST = 20;
/** Pages beyond this time count as white. */
const LONGEST_MS = 5000;
/** Where text is drawn within a place, as shares of its height, and how much of its length is looked at. */
const TEXT: [from: number, to: number] = [3 / 16, 13 / 16];
const LENGTH: [from: number, to: number] = [0.04, 0.96];
/** More pixels say nothing new. */
const LOOKED_AT = 20_000;
/** Difference of lightness, 0 to 1, that counts as drawn. */
const DRAWN = 0.06;
const UNKNOWN: Under = { lightness: 1, busy: false };

/** By the weights of Rec. 709. */
function lightnessAt({ data, width }: Picture, x: number, y: number): number {
  const at = (y * width + x) * 4;
  return (0.0722 * (data[at] ?? 0) + 0.7152 * (data[at + 1] ?? 0) + 0.2126 * (data[at + 2] ?? 0)) / 255;
}

const isBetween = (value: number, [from, to]: [number, number], whole: number) =>
  value >= from * whole && value < to * whole;

/** The lightness of the pixels under the text of a place; of the one in its middle when they are that small. */
function lightnessUnder(picture: Picture, page: Geometry, place: Place): number[] {
  const { left, right, bottom, top } = boundsOf(place);
  const size = page.width / picture.width;
  const column = (x: number) => Math.max(0, Math.min(picture.width - 1, Math.floor(x / size)));
  const row = (y: number) => Math.max(0, Math.min(picture.height - 1, Math.floor((page.height - y) / size)));
  const [fromX, toX, fromY, toY] = [column(left), column(right), row(top), row(bottom)];
  const step = Math.ceil(Math.sqrt(((toX - fromX + 1) * (toY - fromY + 1)) / LOOKED_AT));
  const values: number[] = [];
  // Both are linear in x: a point and a direction for each row, for this is done for every pixel of every page.
  const [origin, next] = [within(place, 0, 0), within(place, size * step, 0)];
  const [more, rise] = [next[0] - origin[0], next[1] - origin[1]];
  for (let y = fromY; y <= toY; y += step) {
    let [across, up] = within(place, (fromX + 0.5) * size, page.height - (y + 0.5) * size);
    for (let x = fromX; x <= toX; x += step) {
      const isText = isBetween(across, LENGTH, place.width) && isBetween(up, TEXT, place.height);
      if (isText) values.push(lightnessAt(picture, x, y));
      across += more;
      up += rise;
    }
  }
  return values.length > 0 ? values : [lightnessAt(picture, (fromX + toX) >> 1, (fromY + toY) >> 1)];
}

function under(picture: Picture, page: Geometry, place: Place): Under {
  const values = lightnessUnder(picture, page, place);
  const darkest = values.reduce((least, value) => Math.min(least, value), 1);
  const lightest = values.reduce((most, value) => Math.max(most, value), 0);
  const sum = values.reduce((total, value) => total + value, 0);
  return { lightness: sum / values.length, busy: lightest - darkest > DRAWN };
}

async function study(doc: ViewedDocument, at: number, page: Geometry, places: Place[]): Promise<Under[]> {
  if (page.height > page.width * LONGEST) return places.map(() => UNKNOWN);
  const picture = await draw(doc, at, PICTURE_WIDTH, page);
  return places.map((place) => under(picture, page, place));
}

/**
 * Looks at what a viewer shows under each of the places on each page; what it has no time for counts as white.
 * @param choices for each page
 */
export function underMarks(pdf: Uint8Array, pages: Geometry[], choices: Place[][]): Promise<Under[][]> {
  const until = Date.now() + LONGEST_MS;
  return viewing(pdf, async (doc) => {
    const studied: Under[][] = [];
    for (const [at, page] of pages.entries()) {
      const places = choices[at] ?? [];
      studied.push(Date.now() > until ? places.map(() => UNKNOWN) : await study(doc, at, page, places));
    }
    return studied;
  });
}
