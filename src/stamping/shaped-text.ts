import bidiFactory from 'bidi-js';
import { remember } from './bounded-cache';
import { type Slice, sliceChooser } from './font-slices';
import { isSimple, type PlacedGlyph, shapeRun } from './glyph-outlines';

/** A stretch of one direction, in the order in which it is read. Lengths are thousandths of the text size. */
interface Stretch {
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

const REMEMBERED_TEXTS = 2000;
const shapedTexts = new Map<string, ShapedText>();
const bidi = bidiFactory();
const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Adds a cluster to the run before it where direction and font allow. */
function addCluster(runs: Run[], text: string, level: number, slice: Slice | undefined): void {
  const last = runs.at(-1);
  if (last && last.level === level && last.slice === slice && slice) last.text += text;
  else runs.push({ text, level, slice });
}

/** The text cut where direction (Unicode bidirectional algorithm) or font changes, in reading order. */
function itemise(text: string): Run[] {
  const runs: Run[] = [];
  const choose = sliceChooser(text);
  const { levels } = bidi.getEmbeddingLevels(text);
  for (const { segment, index } of clusters.segment(text)) {
    addCluster(runs, segment, levels[index] ?? 0, choose(segment));
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

/** A simple text whose fonts we have, as most names are, without what the others need; undefined when it is none. */
function shapeSimple(text: string): ShapedText | undefined {
  if (!isSimple(text)) return undefined;
  const choose = sliceChooser(text);
  const glyphs: PlacedGlyph[] = [];
  let width = 0;
  for (let from = 0; from < text.length; ) {
    const slice = choose(text[from] as string);
    let to = from + 1;
    while (to < text.length && choose(text[to] as string) === slice) to += 1;
    const run = slice && shapeRun(slice, text.slice(from, to), false);
    if (!run) return undefined;
    for (const glyph of run.glyphs) glyphs.push(width === 0 ? glyph : { ...glyph, x: glyph.x + width });
    width += run.width;
    from = to;
  }
  return { text, width, glyphs, stretches: [{ text, x: 0, width, rightToLeft: false }], missing: [] };
}

function shape(text: string): ShapedText {
  const runs = itemise(text).map((run) => ({ ...run, ...shapePart(run), x: 0 }));
  let pen = 0;
  for (const run of visualOrder(runs)) {
    run.x = pen;
    pen += run.width;
  }
  return {
    text,
    width: pen,
    glyphs: runs.flatMap(({ glyphs, x }) => (x === 0 ? glyphs : glyphs.map((glyph) => ({ ...glyph, x: glyph.x + x })))),
    stretches: joinStretches(runs),
    missing: [...new Set(runs.flatMap((run) => run.missing))],
  };
}

/**
 * Shapes a text of any script for one line; the words of the template and other frequent texts once.
 * @param text clean text: no control or formatting characters that would move its neighbours
 */
export function shapeText(text: string): ShapedText {
  return shapedTexts.get(text) ?? remember(shapedTexts, REMEMBERED_TEXTS, text, shapeSimple(text) ?? shape(text));
}
