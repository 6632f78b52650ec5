import type { Layout, Line, Part } from './stamp-layout';
import { layerText, utf16Hex } from './text-layer-codes';

/**
 * Right-to-left values lie this many ems off the line in the text layer. Readers of text put a line together from left
 * to right; on a line of their own the words of such a value keep their order (measured: poppler, mupdf, pdfium).
 */
const OFF_THE_LINE = 0.6;

const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(4).replace(/\.?0+$/, ''));
/** The scale from thousandths of an em: an error in it adds up over a line. */
const fine = (value: number) => value.toFixed(8);

/** The outlines of a line, filled in the colour that the page has set. */
function drawLine(line: Line, size: number): Buffer[] {
  const scale = fine(size / 1000);
  const chunks: Buffer[] = [];
  for (const { shaped, x } of line.parts) {
    if (shaped.glyphs.length === 0) continue;
    let [penX, penY] = [0, 0];
    chunks.push(Buffer.from(`q ${scale} 0 0 ${scale} ${number(x)} ${number(line.y)} cm\n`, 'latin1'));
    for (const glyph of shaped.glyphs) {
      chunks.push(Buffer.from(`1 0 0 1 ${glyph.x - penX} ${glyph.y - penY} cm\n`, 'latin1'), glyph.outline);
      [penX, penY] = [glyph.x, glyph.y];
    }
    chunks.push(Buffer.from('Q\n', 'latin1'));
  }
  return chunks;
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

function layText({ lines, size }: Layout): string {
  let turned = 0;
  const shown = lines.flatMap((line) =>
    line.parts.map((part) => {
      if (!part.shaped.stretches.some((stretch) => stretch.rightToLeft)) return layPart(part, line.y, size);
      turned += 1;
      return layPart(part, line.y + (turned % 2 === 1 ? OFF_THE_LINE : -OFF_THE_LINE) * size, size);
    }),
  );
  return `BT 0 Tr /T ${number(size)} Tf\n${shown.join('')}ET\n`;
}

/**
 * The content stream of the stamp's form: a marked point that names the reference, the outlines, and the text layer.
 */
export function stampContent(layout: Layout, ref: string): Buffer {
  return Buffer.concat([
    Buffer.from(`/Gatefold <</Ref <feff${utf16Hex(ref)}>>> DP\n`, 'latin1'),
    ...layout.lines.flatMap((line) => drawLine(line, layout.size)),
    Buffer.from(layText(layout), 'latin1'),
  ]);
}
