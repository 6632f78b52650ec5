import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Fontkit from '@pdf-lib/fontkit';

/** A part of a font that covers some code points; loaded when a name first needs it. */
export interface Slice {
  family: string;
  file: string;
  ranges: [from: number, to: number][];
}

/** What we use of a font; fontkit's own typing leaves out script, language and direction. */
export interface ShapingFont {
  unitsPerEm: number;
  hasGlyphForCodePoint(codePoint: number): boolean;
  layout(
    text: string,
    features: Record<string, boolean>,
    script: string | undefined,
    language: string | undefined,
    direction: 'ltr' | 'rtl',
  ): {
    glyphs: ShapedGlyph[];
    positions: { xAdvance: number; yAdvance: number; xOffset: number; yOffset: number }[];
  };
}

export interface ShapedGlyph {
  id: number;
  path: { commands: { command: string; args: number[] }[] };
}

interface Index {
  families: { name: string; slices: { file: string; ranges: string }[] }[];
}

/** The same place from src/ and dist/. */
const FOLDER = join(__dirname, '../../assets/fonts/stamping');
const EMOJI = 'noto-emoji';
const EAST_ASIAN = ['noto-sans-jp', 'noto-sans-sc', 'noto-sans-kr', 'noto-sans-tc'];
const HAN = /\p{Script=Han}/u;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const HANGUL = /\p{Script=Hangul}/u;
const SHOWN_AS_EMOJI = /\p{Emoji_Presentation}|\p{Emoji}\uFE0F/u;
/** Joiners and variation selectors choose between glyphs; a slice without them can still draw the rest. */
const INVISIBLE = /^(?:\u200C|\u200D|[\uFE00-\uFE0F])$/;

const fonts = new Map<string, ShapingFont>();
let fontkit: typeof Fontkit | undefined;
const holders = new Map<string, Slice[]>();
/** Clusters may be any length and number; single characters are finite. */
const LONGEST_REMEMBERED = 2;
const usualSlices = new Map<string, Slice | null>();
let slices: Slice[] | undefined;

function parseRanges(text: string): [number, number][] {
  return text.split(',').map((range) => {
    const [from = '', to = from] = range.split('-');
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)];
  });
}

function allSlices(): Slice[] {
  if (slices) return slices;
  const index = JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')) as Index;
  slices = index.families.flatMap(({ name, slices: list }) =>
    list.map(({ file, ranges }) => ({ family: name, file, ranges: parseRanges(ranges) })),
  );
  return slices;
}

/**
 * Loads what reads fonts, once. It takes a fifth of a second, which commands and pages that stamp nothing need not
 * spend; opening a master calls it, so that no reader waits for it.
 */
export function loadFontkit(): typeof Fontkit {
  if (fontkit) return fontkit;
  // fontkit was compiled with generators that need this, but does not bring it; the scripts of India use them.
  require('regenerator-runtime/runtime');
  fontkit = require('@pdf-lib/fontkit') as typeof Fontkit;
  return fontkit;
}

/** The font of a slice; the first use reads and unpacks it (15-150 ms), later ones are free. */
export function fontOf(slice: Slice): ShapingFont {
  const known = fonts.get(slice.file);
  if (known) return known;
  // fontkit's typing leaves out half of `layout`, see ShapingFont.
  const font = loadFontkit().create(readFileSync(join(FOLDER, slice.file))) as unknown as ShapingFont;
  fonts.set(slice.file, font);
  return font;
}

const holds = (slice: Slice, codePoint: number) =>
  slice.ranges.some(([from, to]) => codePoint >= from && codePoint <= to);

/** The slices that hold a character, in the order of the index; remembered, for the search is linear. */
function slicesWith(char: string): Slice[] {
  const known = holders.get(char);
  if (known) return known;
  const found = allSlices().filter((slice) => holds(slice, char.codePointAt(0) ?? 0));
  holders.set(char, found);
  return found;
}

function slicesFor(cluster: string): Slice[] {
  const [first = '', ...rest] = [...cluster].filter((char) => !INVISIBLE.test(char));
  return slicesWith(first).filter((slice) => rest.every((char) => slicesWith(char).includes(slice)));
}

/**
 * The order in which East Asian families are asked for a text's characters. Han characters look different in Japan,
 * China and Korea: kana or hangul decide; a text of Han characters alone gets the first family that has all of them.
 */
function eastAsianOrder(text: string): string[] {
  if (HANGUL.test(text)) return ['noto-sans-kr', 'noto-sans-jp', 'noto-sans-sc', 'noto-sans-tc'];
  if (KANA.test(text) || !HAN.test(text)) return EAST_ASIAN;
  const han = [...text].filter((char) => HAN.test(char));
  const complete = EAST_ASIAN.find((family) =>
    han.every((char) => slicesWith(char).some((slice) => slice.family === family)),
  );
  return complete ? [complete, ...EAST_ASIAN.filter((family) => family !== complete)] : EAST_ASIAN;
}

/** The slice that every text would choose for this cluster; undefined when it depends, null when there is none. */
function usualSlice(cluster: string): Slice | null | undefined {
  const able = slicesFor(cluster);
  const emoji = SHOWN_AS_EMOJI.test(cluster) && able.find((slice) => slice.family === EMOJI);
  const first = emoji || able[0];
  if (!first) return null;
  return EAST_ASIAN.includes(first.family) ? undefined : first;
}

/** A function that names the slice for each grapheme cluster of `text`; undefined where no font of ours has it. */
export function sliceChooser(text: string): (cluster: string) => Slice | undefined {
  let order: string[] | undefined;
  return (cluster) => {
    let usual = usualSlices.get(cluster);
    if (usual === undefined) {
      usual = usualSlice(cluster);
      if (usual !== undefined && cluster.length <= LONGEST_REMEMBERED) usualSlices.set(cluster, usual);
    }
    if (usual !== undefined) return usual ?? undefined;
    order ??= eastAsianOrder(text);
    const [best] = order.flatMap((family) => slicesFor(cluster).find((slice) => slice.family === family) ?? []);
    return best;
  };
}
