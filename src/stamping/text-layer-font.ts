import { type PDFContext, PDFHexString, type PDFRef } from 'pdf-lib';
import { REMAPPED, utf16Hex } from './text-layer-codes';

const NAME = 'GatefoldText';
const ADVANCE = 500;

function table(length: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  fill(bytes);
  return bytes;
}

/** The tables that PDF asks of an embedded TrueType font (PDF 32000-1, 9.9), for two empty glyphs. */
function tables(): [tag: string, bytes: Buffer][] {
  const head = table(54, (bytes) => {
    bytes.writeUInt32BE(0x00010000, 0);
    bytes.writeUInt32BE(0x5f0f3cf5, 12);
    bytes.writeUInt16BE(3, 16);
    bytes.writeUInt16BE(1000, 18);
    bytes.writeUInt16BE(8, 46);
    bytes.writeInt16BE(2, 48);
  });
  const hhea = table(36, (bytes) => {
    bytes.writeUInt32BE(0x00010000, 0);
    bytes.writeInt16BE(800, 4);
    bytes.writeInt16BE(-200, 6);
    bytes.writeUInt16BE(ADVANCE, 10);
    bytes.writeUInt16BE(1, 34);
  });
  const maxp = table(32, (bytes) => {
    bytes.writeUInt32BE(0x00010000, 0);
    bytes.writeUInt16BE(2, 4);
    bytes.writeUInt16BE(1, 14);
  });
  const hmtx = table(6, (bytes) => bytes.writeUInt16BE(ADVANCE, 0));
  return [
    ['glyf', Buffer.alloc(4)],
    ['head', head],
    ['hhea', hhea],
    ['hmtx', hmtx],
    ['loca', Buffer.alloc(6)],
    ['maxp', maxp],
  ];
}

const padTo4 = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4) sum = (sum + bytes.readUInt32BE(at)) >>> 0;
  return sum;
}

/** A TrueType font file whose glyphs are empty and half an em wide. */
function emptyFont(): Buffer {
  const all = tables();
  const directory = Buffer.alloc(12 + 16 * all.length);
  directory.writeUInt32BE(0x00010000, 0);
  directory.writeUInt16BE(all.length, 4);
  directory.writeUInt16BE(64, 6);
  directory.writeUInt16BE(2, 8);
  directory.writeUInt16BE(16 * all.length - 64, 10);
  let offset = directory.length;
  for (const [at, [tag, bytes]] of all.entries()) {
    const entry = 12 + 16 * at;
    directory.write(tag, entry, 'latin1');
    directory.writeUInt32BE(checksum(padTo4(bytes)), entry + 4);
    directory.writeUInt32BE(offset, entry + 8);
    directory.writeUInt32BE(bytes.length, entry + 12);
    offset += padTo4(bytes).length;
  }
  const file = Buffer.concat([directory, ...all.map(([, bytes]) => padTo4(bytes))]);
  file.writeUInt32BE((0xb1b0afba - checksum(file)) >>> 0, directory.length + 4 + 8);
  return file;
}

/** What each code stands for (PDF 32000-1, 9.10.3): itself, save the remapped ones. A range keeps the first byte. */
function toUnicode(): string {
  const lines = Array.from({ length: 256 }, (_, high) => {
    const code = high << 8;
    const range = REMAPPED.find(({ codes }) => code >= codes[0] && code <= codes[1]);
    const target = range ? range.characters + code - range.codes[0] : code;
    const hex = high.toString(16).padStart(2, '0');
    return `<${hex}00> <${hex}ff> <${range ? utf16Hex(String.fromCodePoint(target)) : `${hex}00`}>`;
  });
  const blocks = [lines.slice(0, 100), lines.slice(100, 200), lines.slice(200)];
  const ranges = blocks.map((block) => `${block.length} beginbfrange\n${block.join('\n')}\nendbfrange`);
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    '1 begincodespacerange <0000> <ffff> endcodespacerange',
    ...ranges,
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n');
}

const ascii = (text: string) => PDFHexString.of(Buffer.from(text, 'latin1').toString('hex'));

/** Adds the font of the text layer: every code shows the same empty glyph and means a character. */
export function addTextLayerFont(context: PDFContext): PDFRef {
  const file = emptyFont();
  const font = context.register(context.flateStream(file, { Length1: file.length }));
  const glyphs = Buffer.alloc(131_072);
  for (let at = 1; at < glyphs.length; at += 2) glyphs[at] = 1;
  const descriptor = context.register(
    context.obj({
      Type: 'FontDescriptor',
      FontName: NAME,
      Flags: 4,
      FontBBox: [0, -200, ADVANCE, 800],
      ItalicAngle: 0,
      Ascent: 800,
      Descent: -200,
      CapHeight: 700,
      StemV: 80,
      FontFile2: font,
    }),
  );
  const descendant = context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'CIDFontType2',
      BaseFont: NAME,
      CIDSystemInfo: { Registry: ascii('Adobe'), Ordering: ascii('Identity'), Supplement: 0 },
      FontDescriptor: descriptor,
      DW: ADVANCE,
      CIDToGIDMap: context.register(context.flateStream(glyphs)),
    }),
  );
  return context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'Type0',
      BaseFont: NAME,
      Encoding: 'Identity-H',
      DescendantFonts: [descendant],
      ToUnicode: context.register(context.flateStream(toUnicode())),
    }),
  );
}
