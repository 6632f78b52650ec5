import type { Geometry, Matrix } from './page-geometry';

/** A rectangle of a stamp's own, from 0 0 to width height, and where a page shows it. */
export interface Place {
  width: number;
  height: number;
  /** From the rectangle to the page as shown: points from its lower left corner. */
  shown: Matrix;
}

/** The line at scale 1, points: as wide as A4 less its side margins, as high as two small lines or a normal one. */
export const LINE = { width: 523, height: 16 };
/** The diagonal at scale 1: what fits an A4 page with the usual margin. */
export const DIAGONAL = { width: 784, height: 88 };

/** The cover at scale 1: an A4 page, the paper's title on it (its first line at the top), and the list below. */
const COVER = { width: 595, height: 842 };
export const COVER_TITLE = { width: 475, height: 230 };
export const COVER_LIST = { width: 475, height: 200 };
const TITLE_AT: [x: number, y: number] = [60, 440];
const LIST_AT: [x: number, y: number] = [60, 190];

const SIDE_MARGIN = 36;
/** On small pages the margins are at most this share of the width, and the line with its margin of the height. */
const LARGEST_SIDE = 0.06;
const LARGEST_LINE = 0.15;
/** Pages larger than this (points) get a larger text, for they are looked at from farther away. */
const LARGE_PAGE = 1200;
/** The diagonal keeps at most this share of a small page clear on each side. */
const LARGEST_CLEAR = 0.15;

/** How much larger or smaller than on an A4 page the line is. */
function lineScale({ width, height }: Geometry, margin: number): number {
  const side = Math.min(SIDE_MARGIN, width * LARGEST_SIDE);
  const large = Math.max(1, Math.min(width, height * 1.5) / LARGE_PAGE);
  return Math.min(large, (width - 2 * side) / LINE.width, (height * LARGEST_LINE) / (LINE.height + margin));
}

/**
 * A line along the upper or lower edge, upright for whoever looks at the page.
 * @param margin from the edge in points, at scale 1
 */
export function placeLine(page: Geometry, edge: 'header' | 'footer', margin: number): Place {
  const scale = lineScale(page, margin);
  const y = edge === 'footer' ? margin * scale : page.height - (margin + LINE.height) * scale;
  return { ...LINE, shown: [scale, 0, 0, scale, (page.width - LINE.width * scale) / 2, y] };
}

/**
 * A band from the lower left to the upper right, through the middle of the page, as long as its corners allow.
 * @param margin between these corners and the page's edges, points
 */
export function placeDiagonal({ width, height }: Geometry, margin: number): Place {
  const clear = Math.min(margin, Math.min(width, height) * LARGEST_CLEAR);
  const angle = Math.atan2(height, width);
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const slim = DIAGONAL.height / DIAGONAL.width;
  const length = Math.min((width - 2 * clear) / (cos + slim * sin), (height - 2 * clear) / (sin + slim * cos));
  const scale = length / DIAGONAL.width;
  const [a, b] = [cos * scale, sin * scale];
  const [halfWidth, halfHeight] = [DIAGONAL.width / 2, DIAGONAL.height / 2];
  const x = width / 2 - a * halfWidth + b * halfHeight;
  const y = height / 2 - b * halfWidth - a * halfHeight;
  return { ...DIAGONAL, shown: [a, b, -b, a, x, y] };
}

/** The title and the list on a cover, which is as large as it fits the page, in its middle. */
export function placeCover({ width, height }: Geometry): { title: Place; list: Place } {
  const scale = Math.min(width / COVER.width, height / COVER.height);
  const [left, bottom] = [(width - COVER.width * scale) / 2, (height - COVER.height * scale) / 2];
  const at = ([x, y]: [number, number]): Matrix => [scale, 0, 0, scale, left + x * scale, bottom + y * scale];
  return { title: { ...COVER_TITLE, shown: at(TITLE_AT) }, list: { ...COVER_LIST, shown: at(LIST_AT) } };
}

/** A point of the page as shown in the rectangle's own space. */
export function within({ shown: [a, b, c, d, e, f] }: Place, x: number, y: number): [x: number, y: number] {
  const [right, up, area] = [x - e, y - f, a * d - b * c];
  return [(d * right - c * up) / area, (a * up - b * right) / area];
}

/** The upright rectangle on the page as shown that holds a place with `more` of its own units around it. */
export function boundsOf({ width, height, shown }: Place, more = 0) {
  const [a, b, c, d, e, f] = shown;
  const corners = [-more, width + more].flatMap((x) => [-more, height + more].map((y) => [x, y] as const));
  const across = corners.map(([x, y]) => a * x + c * y + e);
  const up = corners.map(([x, y]) => b * x + d * y + f);
  return { left: Math.min(...across), right: Math.max(...across), bottom: Math.min(...up), top: Math.max(...up) };
}
