import { cleanText } from './clean-text';
import { type ShapedText, shapeText } from './shaped-text';
import { isShown, readerValue } from './stamp-template';
import type { Reader, Segment } from './stamping.types';

/** A shaped part of the stamp and its place on the line, in points. */
export interface Part {
  shaped: ShapedText;
  x: number;
}

export interface Line {
  parts: Part[];
  /** Baseline above the bottom of the strip, points. */
  y: number;
}

export interface Layout {
  lines: Line[];
  /** Text size in points. */
  size: number;
  /** Characters that no font has. */
  missing: string[];
}

export interface LayoutOptions {
  width: number;
  size: number;
  /** Draw at most so many characters of each value; the text for search and copy stays whole. */
  drawn?: number;
  withoutCompany?: boolean;
}

/** The height of the strip in points at scale 1: two small lines or a normal one. */
export const STRIP_HEIGHT = 16;
/** Text may shrink to this share of its size before the company is shortened or a second line is begun. */
const SMALL = 0.8;
const LEADING = 1.28;
const EM = 1000;
/**
 * How a line that is too long gives way, in this order: [characters of the company, lines]. Name, e-mail, date and
 * reference are never cut; with the last attempt the text becomes as small as they need.
 */
const ATTEMPTS: [company: number, lines: 1 | 2][] = [
  [Number.POSITIVE_INFINITY, 1],
  [36, 1],
  [24, 1],
  [Number.POSITIVE_INFINITY, 2],
  [36, 2],
  [24, 2],
  [12, 2],
  [0, 2],
];
const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' });

function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const all = [...clusters.segment(text)].map(({ segment }) => segment);
  return all.length <= limit ? text : `${all.slice(0, limit).join('').trimEnd()}…`;
}

/** Draws only the beginning of a value, over which its whole text lies for search and copy. */
function shapeShortened(text: string, limit: number): ShapedText {
  const whole = shapeText(text);
  const drawn = shorten(text, limit);
  if (drawn === text) return whole;
  const short = shapeText(drawn);
  const scale = whole.width === 0 ? 1 : short.width / whole.width;
  const stretches = whole.stretches.map((part) => ({ ...part, x: part.x * scale, width: part.width * scale }));
  return { ...short, text, stretches };
}

/** The value to print for each variable, clean. */
type Values = (variable: string) => string;

/** Values that are never cut; the others, the company first of all, give way to them. */
const KEPT: readonly string[] = ['name', 'email', 'date', 'ref'];

/** The values as they are printed when those that give way may be `limit` characters long. */
function valuesOf(reader: Reader, limit: number): Values {
  return (variable) => {
    const value = cleanText(readerValue(reader, variable));
    if (KEPT.includes(variable)) return value;
    return limit === 0 ? '' : shorten(value, limit);
  };
}

/** The shaped texts of each shown segment; a separator belongs to the segment after it. */
function shapeSegments(segments: Segment[], values: Values, drawn: number): ShapedText[][] {
  const shown = segments.filter((segment) => isShown(segment, values));
  return shown.map(({ separator, pieces }, at) => {
    const texts = pieces.map((piece) =>
      'text' in piece ? shapeText(piece.text) : shapeShortened(values(piece.variable), drawn),
    );
    return at === 0 ? texts : [shapeText(separator), ...texts];
  });
}

const widthOf = (texts: ShapedText[]) => texts.reduce((sum, text) => sum + text.width, 0);

/** One line, or two broken between segments so that the longer one is as short as can be. */
function breakLines(segments: ShapedText[][], lines: 1 | 2): ShapedText[][] {
  const whole = [segments.flat()];
  if (lines === 1) return whole;
  const breaks = segments.slice(1).map((_, at) => [
    segments.slice(0, at + 1).flat(),
    // The separator in front of the second line is not drawn.
    segments.slice(at + 1).flatMap((texts, index) => (index === 0 ? texts.slice(1) : texts)),
  ]);
  const longest = (candidate: ShapedText[][]) => Math.max(...candidate.map(widthOf));
  return breaks.reduce((best, candidate) => (longest(candidate) < longest(best) ? candidate : best), whole);
}

function place(lines: ShapedText[][], size: number, width: number): Line[] {
  const bottom = (STRIP_HEIGHT - (lines.length - 1) * LEADING * size - 0.7 * size) / 2;
  return lines.map((texts, row) => {
    let x = (width - (widthOf(texts) * size) / EM) / 2;
    const parts = texts.map((shaped) => {
      const part = { shaped, x };
      x += (shaped.width * size) / EM;
      return part;
    });
    return { parts, y: bottom + (lines.length - 1 - row) * LEADING * size };
  });
}

/** Lays the stamp's text out in the strip, centred, by the rules of ATTEMPTS. */
export function layOut(segments: Segment[], reader: Reader, options: LayoutOptions): Layout {
  const { width, size, drawn = Number.POSITIVE_INFINITY, withoutCompany = false } = options;
  const last = ATTEMPTS.length - 1;
  for (const [at, [limit, rows]] of ATTEMPTS.entries()) {
    const values = valuesOf(reader, withoutCompany ? 0 : limit);
    const lines = breakLines(shapeSegments(segments, values, drawn), rows);
    const fitting = (width * EM) / Math.max(1, ...lines.map(widthOf));
    if (fitting >= size * SMALL || at === last) {
      const chosen = Math.min(rows === 1 ? size : size * SMALL, fitting);
      const missing = lines.flatMap((texts) => texts.flatMap((text) => text.missing));
      return { lines: place(lines, chosen, width), size: chosen, missing: [...new Set(missing)] };
    }
  }
  throw new Error('unreachable: the last attempt always fits');
}
