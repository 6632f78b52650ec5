import type { Cell } from './columns';
import type { Look } from './profile.types';

/** What a spreadsheet takes for a formula (OWASP, CSV injection), with the full-width forms that some fold. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const PHONE = /^\+[0-9 ]+$/;

/** A cell that a spreadsheet would run becomes text. Phone numbers stay numbers to dial. */
export function guarded(text: string): string {
  return FORMULA.test(text) && !PHONE.test(text) ? `'${text}` : text;
}

/**
 * Writes rows as lines of CSV (RFC 4180): CRLF, quotes doubled, quoted where the text has a delimiter, a quote or the
 * end of a line. By hand, because a library that is handed cells one by one costs more than reading the leads does.
 */
export function csvLines({ delimiter, quotes }: Pick<Look, 'delimiter' | 'quotes'>, time: (at: Date) => string) {
  const special = new RegExp(`["\r\n${delimiter === '|' ? '\\|' : delimiter}]`);
  const always = quotes === 'always';
  const field = (cell: Cell): string => {
    const text = guarded(typeof cell === 'string' ? cell : cell instanceof Date ? time(cell) : String(cell));
    return always || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return (rows: Cell[][]): string => {
    let lines = '';
    for (const row of rows) {
      let line = '';
      for (let i = 0; i < row.length; i += 1) line += (i > 0 ? delimiter : '') + field(row[i] ?? '');
      lines += `${line}\r\n`;
    }
    return lines;
  };
}
