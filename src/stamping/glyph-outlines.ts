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

function shape(slice: Slice, text: string, rightToLeft: boolean): GlyphRun | null {
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

/**
 * Shapes a run of one font and direction: ligatures, joining, kerning, marks; glyphs from left to right.
 * @returns null when the font lacks one of the glyphs after all
 */
export function shapeRun(slice: Slice, text: string, rightToLeft: boolean): GlyphRun | null {
  const key = `${slice.file}#${rightToLeft ? 'r' : 'l'}#${text}`;
  const known = runs.get(key);
  return known !== undefined ? known : remember(runs, REMEMBERED_RUNS, key, shape(slice, text, rightToLeft));
}
