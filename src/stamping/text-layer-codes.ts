/**
 * The text layer is drawn with a font of empty glyphs whose two-byte codes are UTF-16 (text-layer-font.ts). Codes that
 * are no characters there, surrogates and private use, stand for characters beyond the first 65,536: emoji and common
 * rare Han characters.
 */
export const REMAPPED: { codes: [from: number, to: number]; characters: number }[] = [
  { codes: [0xd800, 0xdfff], characters: 0x1f000 },
  { codes: [0xe000, 0xe7ff], characters: 0x1f800 },
  { codes: [0xe800, 0xf8ff], characters: 0x20000 },
];
const REPLACEMENT = 0xfffd;

/** UTF-16BE as hex digits. */
export function utf16Hex(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('hex');
}

const hexOf = (code: number) => code.toString(16).padStart(4, '0');

function codeOf(point: number): number | null {
  if (point <= 0xffff) return point;
  const range = REMAPPED.find(
    ({ codes, characters }) => point >= characters && point - characters <= codes[1] - codes[0],
  );
  return range ? range.codes[0] + point - range.characters : null;
}

/** Codes of a text for the text layer's font; `whole` is false when some characters have none and need an ActualText. */
export function textLayerCodes(text: string): { hex: string; count: number; whole: boolean } {
  const codes = [...text].map((char) => codeOf(char.codePointAt(0) ?? 0));
  return {
    hex: codes.map((code) => hexOf(code ?? REPLACEMENT)).join(''),
    count: codes.length,
    whole: codes.every((code) => code !== null),
  };
}
