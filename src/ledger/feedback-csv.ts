import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { GatefoldError, messageOf } from '../errors';

/** What a file of returns or dispositions came to. */
export interface Taken {
  done: number;
  /** Lines that were refused, and why; the others are taken. */
  wrong: { line: number; message: string }[];
}

const ROWS_MAX = 10_000;
const WRONG_MAX = 100;

/**
 * Reads a file of one lead a line with a header: `lead_id`, as exports call it, a column for the code, and `note`. An
 * export with a column more will do: what else is in it is left alone.
 * @param code name of the column with the code
 * @throws GatefoldError `csv-columns`, `csv-invalid`
 */
export async function readFeedback(
  csv: Buffer,
  code: string,
  take: (row: { lead: string; code: string; note: string }) => Promise<unknown>,
): Promise<Taken> {
  const result: Taken = { done: 0, wrong: [] };
  const rows = Readable.from([csv]).pipe(parse({ bom: true, relax_column_count: true, trim: true, info: true }));
  let names: string[] | undefined;
  for await (const { record, info } of told(rows)) {
    if (!names) {
      names = columnsOf(record, code);
      continue;
    }
    if (record.every((cell) => cell === '')) continue;
    const cell = (name: string) => (record[names?.indexOf(name) ?? -1] ?? '').replace(/^'(?=[=+\-@\t\r])/, '');
    try {
      if (result.done + result.wrong.length >= ROWS_MAX) throw tooMany();
      await take({ lead: cell('lead_id'), code: cell(code), note: cell('note') });
      result.done += 1;
    } catch (error) {
      if (!(error instanceof GatefoldError)) throw error;
      if (result.wrong.length >= WRONG_MAX) return result;
      result.wrong.push({ line: info.lines, message: error.reader });
    }
  }
  if (!names) columnsOf([], code);
  return result;
}

type Line = { record: string[]; info: { lines: number } };

async function* told(rows: AsyncIterable<Line>): AsyncGenerator<Line> {
  try {
    yield* rows;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('CSV_')) throw error;
    throw new GatefoldError('invalid', 'csv-invalid', { log: messageOf(error), reader: `Not CSV: ${error.message}.` });
  }
}

function columnsOf(header: string[], code: string): string[] {
  const names = header.map((name) => name.toLowerCase());
  if (names.includes('lead_id') && names.includes(code)) return names;
  throw new GatefoldError('invalid', 'csv-columns', {
    log: 'a file without its columns',
    reader: `The first line has to name the columns lead_id and ${code}; note may follow.`,
  });
}

const tooMany = () => new GatefoldError('too-large', 'csv-rows', `A file has at most ${ROWS_MAX} lines.`);
