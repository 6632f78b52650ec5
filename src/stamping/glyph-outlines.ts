import { remember } from './bounded-cache';
import { type DeflatePart, deflatePart } from './fixed-deflate';
import { fontOf, type ShapedGlyph, type ShapingFont, type Slice } from './font-slices';

/** PDF path operators that fill a glyph with its origin at 0 0, as they are and compressed once for all copies. */
export interface Outline {
  operators: Buffer;
  packed: DeflatePart;
}

/** A glyph placed on its run's baseline; lengths in thousandths of the text size. */
export interface PlacedGlyph {
  x: number;
  y: number;
  outline: Outline;
}

export interface GlyphRun {
  glyphs: PlacedGlyph[];
  width: number;
}

const EM = 1000;
const REMEMBERED_RUNS = 4000;
const REMEMBERED_PAIRS = 20_000;
const REMEMBERED_OUTLINES = 20_000;
const outlines = new Map<string, Outline>();
const runs = new Map<string, GlyphRun | null>();

/** The operators of one path command; TrueType's quadratic curves become cubic ones, the only kind PDF has (8.5.2). */
function operators(command: string, args: number[], pen: [number, number]): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
  const [x, y] = pen;
  const line = (numbers: number[], operator: string) => `${numbers.map(Math.round).join(' ')} ${operator}\n`;
  switch (command) {
    case 'moveTo':
      return line([a, b], 'm');
    case 'lineTo':
      return line([a, b], 'l');
    case 'quadraticCurveTo':
      return line(
        [x + (2 / 3) * (a - x), y + (2 / 3) * (b - y), c + (2 / 3) * (a - c), d + (2 / 3) * (b - d), c, d],
        'c',
      );
    case 'bezierCurveTo':
      return line([a, b, c, d, e, f], 'c');
    default:
      return 'h\n';
  }
}

function drawOutline(glyph: ShapedGlyph, unitsPerEm: number): Outline {
  const scale = EM / unitsPerEm;
  let pen: [number, number] = [0, 0];
  let path = '';
  for (const { command, args } of glyph.path.commands) {
    const scaled = args.map((value) => value * scale);
    path += operators(command, scaled, pen);
    const [x, y] = scaled.slice(-2);
    if (x !== undefined && y !== undefined) pen = [x, y];
  }
  const drawn = Buffer.from(path && `${path}f\n`, 'latin1');
  return { operators: drawn, packed: deflatePart(drawn) };
}

function outlineOf(slice: Slice, glyph: ShapedGlyph, unitsPerEm: number): Outline {
  const key = `${slice.file}#${glyph.id}`;
  return outlines.get(key) ?? remember(outlines, REMEMBERED_OUTLINES, key, drawOutline(glyph, unitsPerEm));
}

/** Latin, Greek and Cyrillic without combining marks: each character a cluster, all from left to right. */
const SIMPLE = /^[\u0020-\u007E\u00A0-\u02FF\u0370-\u0482\u048A-\u058F\u1E00-\u1FFF\u2010-\u2027]*$/;

/** Whether a text is one of those in which a character's shape and place depend on its neighbours at most. */
export const isSimple = (text: string): boolean => SIMPLE.test(text);

/** fontkit stumbles over anchors that a slice of a font lacks; marks then keep the place that their glyph gives them. */
function layOut(font: ShapingFont, text: string, direction: 'ltr' | 'rtl'): ReturnType<ShapingFont['layout']> | null {
  for (const features of [{}, { mark: false, mkmk: false, curs: false }]) {
    try {
      return font.layout(text, features, undefined, undefined, direction);
    } catch {
      // The next try asks for less.
    }
  }
  return null;
}

/** A character by itself, and how far the next one stands from it, in the font's units; null: not to be had so. */
interface Known {
  singles: Map<string, { id: number; outline: Outline; advance: number } | null>;
  pairs: Map<string, number | null>;
}

function alone(slice: Slice, char: string): ReturnType<Known['singles']['get']> {
  const font = fontOf(slice);
  const { glyphs, positions } = layOut(font, char, 'ltr') ?? { glyphs: [], positions: [] };
  const [glyph, position] = [glyphs[0], positions[0]];
  if (glyphs.length !== 1 || !glyph || !position || glyph.id === 0 || position.xOffset || position.yOffset) return null;
  return { id: glyph.id, outline: outlineOf(slice, glyph, font.unitsPerEm), advance: position.xAdvance };
}

function singleOf({ singles }: Known, slice: Slice, char: string) {
  const known = singles.get(char);
  return known !== undefined ? known : remember(singles, REMEMBERED_RUNS, char, alone(slice, char) ?? null);
}

/** Kerned as the font says; null where two make a ligature, change their forms or leave the line. */
function distance(slice: Slice, known: Known, pair: string): number | null {
  const font = fontOf(slice);
  const { glyphs, positions } = layOut(font, pair, 'ltr') ?? { glyphs: [], positions: [] };
  const [first, second] = [singleOf(known, slice, pair[0] ?? ''), singleOf(known, slice, pair[1] ?? '')];
  const [from, to] = positions;
  if (glyphs.length !== 2 || !first || !second || !from || !to) return null;
  if (glyphs[0]?.id !== first.id || glyphs[1]?.id !== second.id) return null;
  if (from.xOffset || from.yOffset || to.xOffset || to.yOffset || to.xAdvance !== second.advance) return null;
  return from.xAdvance;
}

function stepOf(slice: Slice, known: Known, pair: string): number | null {
  const step = known.pairs.get(pair);
  return step !== undefined ? step : remember(known.pairs, REMEMBERED_PAIRS, pair, distance(slice, known, pair));
}

const knownOf = new Map<Slice, Known>();

/**
 * Puts a simple text together from pairs of characters, which are shaped once: names are new, their pairs are not.
 * @returns null when it must be shaped as a whole
 */
function compose(slice: Slice, text: string): GlyphRun | null {
  const known = knownOf.get(slice) ?? { singles: new Map(), pairs: new Map() };
  knownOf.set(slice, known);
  const scale = EM / fontOf(slice).unitsPerEm;
  const glyphs: PlacedGlyph[] = [];
  let pen = 0;
  for (let at = 0; at < text.length; at += 1) {
    const single = singleOf(known, slice, text[at] as string);
    if (!single) return null;
    const { outline } = single;
    if (outline.operators.length > 0) glyphs.push({ x: Math.round(pen * scale), y: 0, outline });
    const pair = text.slice(at, at + 2);
    const step = pair.length === 2 ? stepOf(slice, known, pair) : single.advance;
    if (step === null) return null;
    pen += step;
  }
  return { glyphs, width: Math.round(pen * scale) };
}

/** The run as the font shapes it as a whole. */
export function shapeWhole(slice: Slice, text: string, rightToLeft: boolean): GlyphRun | null {
  const font = fontOf(slice);
  const shaped = layOut(font, text, rightToLeft ? 'rtl' : 'ltr');
  if (!shaped || shaped.glyphs.some((glyph) => glyph.id === 0)) return null;
  const scale = EM / font.unitsPerEm;
  let pen = 0;
  const glyphs = shaped.glyphs.map((glyph, at) => {
    const position = shaped.positions[at] ?? { xAdvance: 0, xOffset: 0, yOffset: 0 };
    const x = Math.round((pen + position.xOffset) * scale);
    pen += position.xAdvance;
    return { x, y: Math.round(position.yOffset * scale), outline: outlineOf(slice, glyph, font.unitsPerEm) };
  });
  return { glyphs: glyphs.filter((glyph) => glyph.outline.operators.length > 0), width: Math.round(pen * scale) };
}

function shapeAnew(slice: Slice, text: string, rightToLeft: boolean): GlyphRun | null {
  const composed = !rightToLeft && isSimple(text) ? compose(slice, text) : null;
  return composed ?? shapeWhole(slice, text, rightToLeft);
}

/**
 * Shapes a run of one font and direction: ligatures, joining, kerning, marks; glyphs from left to right.
 * @returns null when the font lacks one of the glyphs after all
 */
export function shapeRun(slice: Slice, text: string, rightToLeft: boolean): GlyphRun | null {
  const key = `${slice.file}#${rightToLeft ? 'r' : 'l'}#${text}`;
  const known = runs.get(key);
  return known !== undefined ? known : remember(runs, REMEMBERED_RUNS, key, shapeAnew(slice, text, rightToLeft));
}
