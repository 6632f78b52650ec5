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

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hexOf = (code: number) => `${BYTES[code >> 8]}${BYTES[code & 255]}`;

function codeOf(point: number): number | null {
  if (point <= 0xffff) return point;
  const range = REMAPPED.find(
    ({ codes, characters }) => point >= characters && point - characters <= codes[1] - codes[0],
  );
  return range ? range.codes[0] + point - range.characters : null;
}

/** Advance of every glyph of the text layer's font, in ems. */
const ADVANCE = 0.5;
/**
 * Advance of a space, in ems. Poppler breaks a line at a wide gap that happens to stand above or below another's edge;
 * a narrow one keeps names together (measured with "Çağrı Işık").
 */
const SPACE_ADVANCE = 0.15;
const SPACE = '0020';

/** A text for the text layer's font. */
export interface LayerText {
  /** The operand of TJ: hex strings, pulled together after each space. */
  array: string;
  /** Advance in ems. */
  width: number;
  /** False when some characters have no code and need an ActualText. */
  whole: boolean;
}

const PULL = Math.round((ADVANCE - SPACE_ADVANCE) * 1000);
/** A space, and what pulls the next word to it; the string that ends with it begins anew. */
const PULLED = `${SPACE}>${PULL}<`;

/** Encodes a text for the text layer's font. */
export function layerText(text: string): LayerText {
  let [hex, length, spaces, whole] = ['', 0, 0, true];
  for (const char of text) {
    const code = codeOf(char.codePointAt(0) ?? 0);
    length += 1;
    whole &&= code !== null;
    if (char === ' ') spaces += 1;
    hex += char === ' ' ? PULLED : hexOf(code ?? REPLACEMENT);
  }
  return {
    array: `[<${hex}>]`.replaceAll('<>', ''),
    width: length * ADVANCE - spaces * (ADVANCE - SPACE_ADVANCE),
    whole,
  };
}
