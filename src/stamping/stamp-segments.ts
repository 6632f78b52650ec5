import { cleanText } from './clean-text';
import { type ShapedText, shapeText } from './shaped-text';
import { isShown, readerValue } from './stamp-template';
import type { Reader, Segment } from './stamping.types';

const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** At most `limit` characters as a reader counts them (grapheme clusters), and an ellipsis for the rest. */
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
export function valuesOf(reader: Reader, limit: number): Values {
  return (variable) => {
    const value = cleanText(readerValue(reader, variable));
    if (KEPT.includes(variable)) return value;
    return limit === 0 ? '' : shorten(value, limit);
  };
}

/** A segment's texts, and the separator that stands before them unless they begin a line. */
export interface ShapedSegment {
  separator: ShapedText;
  texts: ShapedText[];
}

/** The shaped texts of each segment that has something to show; of each value at most `drawn` characters are drawn. */
export function shapeSegments(segments: Segment[], values: Values, drawn: number): ShapedSegment[] {
  return segments
    .filter((segment) => isShown(segment, values))
    .map(({ separator, pieces }) => ({
      separator: shapeText(separator),
      texts: pieces.map((piece) =>
        'text' in piece ? shapeText(piece.text) : shapeShortened(values(piece.variable), drawn),
      ),
    }));
}

/** In thousandths of the text size. */
export const widthOf = (texts: ShapedText[]) => texts.reduce((sum, text) => sum + text.width, 0);

const joined = (segments: ShapedSegment[]) =>
  segments.flatMap(({ separator, texts }, at) => (at === 0 ? texts : [separator, ...texts]));

/** One line, or two broken between segments so that the longer one is as short as can be. */
export function breakLines(segments: ShapedSegment[], lines: 1 | 2): ShapedText[][] {
  const whole = [joined(segments)];
  if (lines === 1) return whole;
  const breaks = segments.slice(1).map((_, at) => [joined(segments.slice(0, at + 1)), joined(segments.slice(at + 1))]);
  const longest = (candidate: ShapedText[][]) => Math.max(...candidate.map(widthOf));
  return breaks.reduce((best, candidate) => (longest(candidate) < longest(best) ? candidate : best), whole);
}
