/** Longest value that is printed, in code points; what is longer ends in an ellipsis. */
const LONGEST = 300;
/** Controls, formatting characters that would move their neighbours (overrides, isolates), private use, non-characters. */
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu;

/** Most names: words of letters that are as they should be already, whatever follows them. */
const CLEAN = /^[!-~\u00C0-\u024F\u0400-\u045F]+(?: [!-~\u00C0-\u024F\u0400-\u045F]+)*$/;

/**
 * A value as it may be printed: composed (NFC), on one line, without characters that are not text.
 * Joiners (U+200C, U+200D) stay, for names in Persian, Hindi and emoji need them.
 */
export function cleanText(value: string): string {
  if (value.length <= LONGEST && CLEAN.test(value)) return value;
  const text = value.normalize('NFC').replace(/\s+/gu, ' ').replace(UNPRINTABLE, '').replace(/ +/g, ' ').trim();
  const points = [...text];
  return points.length > LONGEST ? `${points.slice(0, LONGEST - 1).join('')}…` : text;
}
