import { deflatePart, FixedZlibWriter } from './fixed-deflate';
import type { Outline } from './glyph-outlines';
import type { Layout, Line, Part } from './stamp-layout';
import type { FormShape } from './stamping.types';
import { layerText, utf16Hex } from './text-layer-codes';

/**
 * Right-to-left values lie this many ems off the line in the text layer. Readers of text put a line together from left
 * to right; on a line of their own the words of such a value keep their order (measured: poppler, mupdf, pdfium).
 */
const OFF_THE_LINE = 0.6;

const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(4).replace(/\.?0+$/, ''));
/** The scale from thousandths of an em: an error in it adds up over a line. */
const fine = (value: number) => value.toFixed(8);

/** Content in order: text of its own, and outlines, which are shared and compressed already. */
type Content = (string | Outline)[];

/** The outlines of a line, filled in the colour that the page has set. */
function drawLine(line: Line, content: Content): void {
  const scale = fine(line.size / 1000);
  for (const { shaped, x } of line.parts) {
    if (shaped.glyphs.length === 0) continue;
    let [penX, penY] = [0, 0];
    content.push(`q ${scale} 0 0 ${scale} ${number(x)} ${number(line.y)} cm\n`);
    for (const glyph of shaped.glyphs) {
      content.push(`1 0 0 1 ${glyph.x - penX} ${glyph.y - penY} cm\n`, glyph.outline);
      [penX, penY] = [glyph.x, glyph.y];
    }
    content.push('Q\n');
  }
}

/**
 * A stretch of text in the text layer. One that is read from right to left is drawn with a negative horizontal scale:
 * the characters stay in reading order and stand where they are seen.
 */
function layStretch(text: string, left: number, width: number, y: number, size: number, rightToLeft: boolean): string {
  const layer = layerText(text);
  if (text === '' || width <= 0) return '';
  const scale = (100 * width) / (layer.width * size);
  const start = rightToLeft ? left + width : left;
  const show = `${number(rightToLeft ? -scale : scale)} Tz 1 0 0 1 ${number(start)} ${number(y)} Tm ${layer.array} TJ\n`;
  return layer.whole ? show : `/Span <</ActualText <feff${utf16Hex(text)}>>> BDC\n${show}EMC\n`;
}

function layPart({ shaped, x }: Part, y: number, size: number): string {
  return shaped.stretches
    .map((part) =>
      layStretch(part.text, x + (part.x * size) / 1000, (part.width * size) / 1000, y, size, part.rightToLeft),
    )
    .join('');
}

function layText({ lines }: Layout): string {
  let turned = 0;
  const shown = lines.map(({ parts, y, size }) => {
    const texts = parts.map((part) => {
      if (!part.shaped.stretches.some((stretch) => stretch.rightToLeft)) return layPart(part, y, size);
      turned += 1;
      return layPart(part, y + (turned % 2 === 1 ? OFF_THE_LINE : -OFF_THE_LINE) * size, size);
    });
    return `/T ${number(size)} Tf\n${texts.join('')}`;
  });
  return `BT 0 Tr\n${shown.join('')}ET\n`;
}

/**
 * Drawn outside of the form's box, so nowhere: mupdf extracts no text of empty glyphs from a form in which nothing but
 * they is drawn (measured).
 */
const NOTHING = '-99 -99 1 1 re f\n';

/** What a form shows of a layout, behind what comes `first`. */
function contentOf(layout: Layout, shows: FormShape['shows'], first = ''): Content {
  const content: Content = [first];
  if (shows === 'words') content.push(NOTHING);
  else for (const line of layout.lines) drawLine(line, content);
  if (shows !== 'outlines') content.push(layText(layout));
  return content;
}

const bytesOf = (content: Content) =>
  Buffer.concat(content.map((item) => (typeof item === 'string' ? Buffer.from(item, 'latin1') : item.operators)));

/** A layout that is the same in every copy, as a content stream; its font is called /T. */
export function fixedContent(layout: Layout): Buffer {
  return bytesOf(contentOf(layout, 'both'));
}

/** Copies the shared outlines as they are compressed; neighbouring texts become one block. */
function writeQuickly(content: Content, length: number): Buffer | null {
  const writer = new FixedZlibWriter(length);
  let text = '';
  for (const item of content) {
    if (typeof item === 'string') text += item;
    else {
      writer.text(text);
      writer.part(item.packed);
      text = '';
    }
  }
  writer.text(text);
  return writer.finish();
}

/** Compresses everything as a whole, which takes half the room and ten times as long. */
function writeTightly(content: Content, length: number): Buffer | null {
  const writer = new FixedZlibWriter(length);
  writer.part(deflatePart(bytesOf(content)));
  return writer.finish();
}

/**
 * The content stream of one of the stamp's forms, compressed to exactly `length` bytes: a marked point that names the
 * reference, the outlines, and the text layer.
 * @returns null when it doesn't fit
 */
export function stampStream(layout: Layout, shows: FormShape['shows'], ref: string, length: number): Buffer | null {
  const content = contentOf(layout, shows, `/Gatefold <</Ref <feff${utf16Hex(ref)}>>> DP\n`);
  return writeQuickly(content, length) ?? writeTightly(content, length);
}
