import type { ShapedText } from './shaped-text';
import { breakLines, shapeSegments, valuesOf, widthOf } from './stamp-segments';
import type { FormShape, Reader, Segment } from './stamping.types';

/** A shaped part of the stamp and its place on the line, in points. */
export interface Part {
  shaped: ShapedText;
  x: number;
}

export interface Line {
  parts: Part[];
  /** Baseline above the bottom of the form, points. */
  y: number;
  /** Text size in points. */
  size: number;
}

export interface Layout {
  lines: Line[];
  /** Characters that no font has. */
  missing: string[];
}

/** What gives way when a form has not enough bytes for everything. */
export interface Cuts {
  /** Draw at most so many characters of each value; the text for search and copy stays whole. */
  drawn?: number;
  withoutCompany?: boolean;
}

const ALL = Number.POSITIVE_INFINITY;
const LEADING = 1.28;
/** A list has air between its lines. */
const LIST_LEADING = 1.6;
/** How much of the text size is above the baseline. */
const ASCENT = 0.7;
const EM = 1000;

interface Rule {
  /** How a line that is too long gives way, in this order. */
  attempts: [company: number, lines: 1 | 2][];
  /** Text may shrink to this share of its size before the next attempt. */
  small: number;
  /** The share of its size that text on two lines has at most. */
  halved: number;
}

/**
 * Name, e-mail, date and reference are never cut: with the last attempt the text becomes as small as they need. A line
 * at the edge would rather lose some of the company than begin a second line; across the page there is room for two.
 */
const RULES: Record<'line' | 'banner', Rule> = {
  line: {
    attempts: [
      ...[ALL, 36, 24].map((company): [number, 1] => [company, 1]),
      ...[ALL, 36, 24, 12, 0].map((company): [number, 2] => [company, 2]),
    ],
    small: 0.8,
    halved: 0.8,
  },
  banner: { attempts: [ALL, 36, 24, 12, 0].map((company): [number, 2] => [company, 2]), small: 0.4, halved: 1 },
};
/** Characters of the company on a list. */
const LIST_COMPANY = 100;

/** Puts texts side by side from `x` on. */
function partsFrom(texts: ShapedText[], size: number, from: number): Part[] {
  let x = from;
  return texts.map((shaped) => {
    const part = { shaped, x };
    x += (shaped.width * size) / EM;
    return part;
  });
}

/** Lines one below the other in the middle of the form. */
function centred(lines: ShapedText[][], size: number, { width, height }: FormShape): Line[] {
  const bottom = (height - (lines.length - 1) * LEADING * size - ASCENT * size) / 2;
  return lines.map((texts, row) => ({
    parts: partsFrom(texts, size, (width - (widthOf(texts) * size) / EM) / 2),
    y: bottom + (lines.length - 1 - row) * LEADING * size,
    size,
  }));
}

const layoutOf = (lines: Line[]): Layout => ({
  lines,
  missing: [...new Set(lines.flatMap(({ parts }) => parts.flatMap(({ shaped }) => shaped.missing)))],
});

function layOutLine(segments: Segment[], reader: Reader, shape: FormShape, rule: Rule, cuts: Cuts): Layout {
  const { size, width, height } = shape;
  const last = rule.attempts.length - 1;
  for (const [at, [limit, rows]] of rule.attempts.entries()) {
    const values = valuesOf(reader, cuts.withoutCompany ? 0 : limit);
    const lines = breakLines(shapeSegments(segments, values, cuts.drawn ?? ALL), rows);
    const fitting = (width * EM) / Math.max(1, ...lines.map(widthOf));
    if (fitting < size * rule.small && at !== last) continue;
    const high = height / ((lines.length - 1) * LEADING + 1);
    return layoutOf(centred(lines, Math.min(rows === 1 ? size : size * rule.halved, fitting, high), shape));
  }
  throw new Error('unreachable: the last attempt always fits');
}

/**
 * Lines from the top left, or the top right where they are read from there; each as small as it must be.
 * @param leading from line to line, in text sizes
 */
export function stack(
  lines: ShapedText[][],
  { width, height, size: wanted }: Pick<FormShape, 'width' | 'height' | 'size'>,
  leading: number,
): Layout {
  const step = Math.min(wanted * leading, height / Math.max(1, lines.length));
  return layoutOf(
    lines.map((texts, row) => {
      const size = Math.min(step / leading, (width * EM) / Math.max(1, widthOf(texts)));
      const rightToLeft = texts.at(-1)?.stretches[0]?.rightToLeft ?? false;
      const left = rightToLeft ? width - (widthOf(texts) * size) / EM : 0;
      return { parts: partsFrom(texts, size, left), y: height - row * step - size, size };
    }),
  );
}

function layOutList(
  segments: Segment[],
  reader: Reader,
  shape: FormShape,
  { drawn = ALL, withoutCompany }: Cuts,
): Layout {
  const values = valuesOf(reader, withoutCompany ? 0 : LIST_COMPANY);
  const lines = shapeSegments(segments, values, drawn).map(({ texts }) => texts);
  return stack(lines, shape, LIST_LEADING);
}

/** Lays the stamp's text out in a form: a line or two in its middle by the rules of RULES, or a list. */
export function layOut(segments: Segment[], reader: Reader, shape: FormShape, cuts: Cuts = {}): Layout {
  if (shape.arranged === 'list') return layOutList(segments, reader, shape, cuts);
  return layOutLine(segments, reader, shape, RULES[shape.arranged], cuts);
}
