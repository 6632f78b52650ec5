import bidiFactory from 'bidi-js';
import { type Slice, sliceChooser } from './font-slices';
import { type PlacedGlyph, shapeRun } from './glyph-outlines';

/** A stretch of one direction, in the order in which it is read. Lengths are thousandths of the text size. */
export interface Stretch {
  text: string;
  x: number;
  width: number;
  rightToLeft: boolean;
}

/** A text ready to be drawn on one line. */
export interface ShapedText {
  text: string;
  width: number;
  glyphs: PlacedGlyph[];
  stretches: Stretch[];
  /** Characters that no font of ours has; drawn as their code point, such as [U+1D11E]. */
  missing: string[];
}

interface Run {
  text: string;
  level: number;
  slice: Slice | undefined;
}

const bidi = bidiFactory();
const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The text cut where direction (Unicode bidirectional algorithm) or font changes, in reading order. */
function itemise(text: string): Run[] {
  const { levels } = bidi.getEmbeddingLevels(text);
  const choose = sliceChooser(text);
  const runs: Run[] = [];
  for (const { segment, index } of clusters.segment(text)) {
    const level = levels[index] ?? 0;
    const slice = choose(segment);
    const last = runs.at(-1);
    if (last && last.level === level && last.slice === slice && slice) last.text += segment;
    else runs.push({ text: segment, level, slice });
  }
  return runs;
}

/** Reading order to order on the line: from the highest level down, turn what has that level (UAX #9, rule L2). */
function visualOrder<T extends { level: number }>(runs: T[]): T[] {
  const ordered = [...runs];
  const highest = Math.max(0, ...runs.map((run) => run.level));
  for (let level = highest; level > 0; level -= 1) {
    for (let from = 0; from < ordered.length; from += 1) {
      let to = from;
      while ((ordered[to]?.level ?? -1) >= level) to += 1;
      if (to > from) ordered.splice(from, to - from, ...ordered.slice(from, to).reverse());
      from = to;
    }
  }
  return ordered;
}

const codePointName = (char: string) => `[U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;

function shapePart(run: Run) {
  const shaped = run.slice && shapeRun(run.slice, run.text, run.level % 2 === 1);
  if (shaped) return { ...shaped, missing: [] };
  const name = [...run.text].map(codePointName).join('');
  const latin = sliceChooser('U')('U');
  const drawn = latin && shapeRun(latin, name, false);
  return { glyphs: drawn?.glyphs ?? [], width: drawn?.width ?? 0, missing: [...run.text] };
}

/** Runs that follow each other with one level make one stretch for whoever copies or searches the text. */
function joinStretches(placed: (Run & { x: number; width: number })[]): Stretch[] {
  const stretches: (Stretch & { level: number })[] = [];
  for (const { text, level, x, width } of placed) {
    const last = stretches.at(-1);
    if (last?.level === level) {
      last.x = Math.min(last.x, x);
      last.text += text;
      last.width += width;
    } else stretches.push({ text, x, width, level, rightToLeft: level % 2 === 1 });
  }
  return stretches.map(({ level: _, ...stretch }) => stretch);
}

/**
 * Shapes a text of any script for one line.
 * @param text clean text: no control or formatting characters that would move its neighbours
 */
export function shapeText(text: string): ShapedText {
  const runs = itemise(text).map((run) => ({ ...run, ...shapePart(run), x: 0 }));
  let pen = 0;
  for (const run of visualOrder(runs)) {
    run.x = pen;
    pen += run.width;
  }
  return {
    text,
    width: pen,
    glyphs: runs.flatMap((run) => run.glyphs.map((glyph) => ({ ...glyph, x: glyph.x + run.x }))),
    stretches: joinStretches(runs),
    missing: [...new Set(runs.flatMap((run) => run.missing))],
  };
}
