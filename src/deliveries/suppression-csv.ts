import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { GatefoldError, messageOf } from '../errors';
import { allSuppressions, readEntry, suppress } from './suppression';
import { ALL_FOLLOW_UPS, EVERYTHING } from './suppression.types';

const COLUMNS = ['who', 'purpose', 'why', 'at', 'by'] as const;
/** What a spreadsheet would run; `@domain` is such a thing, too (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;

/** The list as CSV (RFC 4180, UTF-8), with a header line. What a spreadsheet would run has a leading `'`. */
export function exportSuppressions(): Readable {
  return Readable.from(
    (async function* () {
      yield lineOf(COLUMNS);
      for await (const { who, purpose, why, at, by = '' } of allSuppressions()) {
        yield lineOf([who, purpose, why, at.toISOString(), by]);
      }
    })(),
  );
}

function lineOf(cells: readonly string[]): string {
  const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return `${cells.map((cell) => quoted(FORMULA.test(cell) ? `'${cell}` : cell)).join(',')}\r\n`;
}

export interface Imported {
  added: number;
  /** Were on the list before. */
  known: number;
  /** Lines that hold no entry, with what is wrong; the others are taken. */
  wrong: { line: number; message: string }[];
}

const WRONG_MAX = 100;
const HEADERS = ['who', 'address', 'email', 'e-mail', 'domain'];

/**
 * Reads a list: ours, or one address or `@domain` a line. A column `purpose` may say for what; without one it is all
 * follow-ups. Lines that hold no entry are told and left out.
 * @param by who imports it
 */
export async function importSuppressions(csv: Readable, by: string, now: Date): Promise<Imported> {
  const result: Imported = { added: 0, known: 0, wrong: [] };
  const rows = csv.pipe(parse({ bom: true, relax_column_count: true, relax_quotes: true, trim: true, info: true }));
  csv.once('error', (error) => rows.destroy(error));
  let columns: { who: number; purpose: number } | undefined;
  for await (const { record, info } of rows as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    if (!columns) {
      const first = columnsOf(record);
      columns = first;
      if (first.header) continue;
    }
    await take(record, columns, { by, now, line: info.lines }, result);
  }
  return result;
}

/** Where the columns are; a first line that holds no address names them. */
function columnsOf(first: string[]): { who: number; purpose: number; header: boolean } {
  const names = first.map((cell) => cell.toLowerCase());
  const who = names.findIndex((name) => HEADERS.includes(name));
  if (who < 0) return { who: 0, purpose: 1, header: false };
  return { who, purpose: names.indexOf('purpose'), header: true };
}

async function take(
  record: string[],
  columns: { who: number; purpose: number },
  { by, now, line }: { by: string; now: Date; line: number },
  result: Imported,
): Promise<void> {
  const plain = (index: number) => (record[index] ?? '').replace(/^'(?=[=+\-@\t\r])/, '');
  if (record.every((cell) => cell === '')) return;
  try {
    const entry = readEntry(plain(columns.who), plain(columns.purpose));
    if (await suppress({ ...entry, why: 'imported', at: now, by })) result.added += 1;
    else result.known += 1;
  } catch (error) {
    if (result.wrong.length < WRONG_MAX) {
      result.wrong.push({ line, message: error instanceof GatefoldError ? error.reader : messageOf(error) });
    }
  }
}

/** For pages and help: the purposes that aren't the key of a consent. */
export const PURPOSES: readonly [string, string][] = [
  [ALL_FOLLOW_UPS, 'All follow-ups; what they ask for comes'],
  [EVERYTHING, 'Everything, even what they ask for'],
];
