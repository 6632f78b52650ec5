import { once } from 'node:events';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { stringify } from 'csv-stringify';
import Excel from 'exceljs';
import type { Cell } from './columns';

export type Format = 'csv' | 'ndjson' | 'xlsx';

/** A table on its way out: names, then rows as the consumer takes them. */
export interface Table {
  names: string[];
  rows: AsyncIterable<Cell[]>;
}

export const CONTENT_TYPES: Record<Format, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Excel's rows on a sheet, less the header (ECMA-376 leaves it open; Excel takes 1,048,576). */
const SHEET_ROWS = 1_048_575;
/** Rows of a workbook that are written before we look whether they leave. */
const BREATH = 100;

/** Writes a table as bytes, in constant memory. */
export function write(table: Table, format: Format): Readable {
  if (format === 'csv') return csv(table);
  return format === 'ndjson' ? ndjson(table) : xlsx(table);
}

/** What a spreadsheet takes for a formula (OWASP, CSV injection), with the full-width forms that some fold. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const PHONE = /^\+[0-9 ]+$/;

/** A cell that a spreadsheet would run becomes text. Phone numbers stay numbers to dial. */
export function guarded(cell: Cell): Cell {
  const text = String(cell);
  return FORMULA.test(text) && !PHONE.test(text) ? `'${text}` : cell;
}

/** RFC 4180: CRLF, quotes doubled, and quotes around a lone CR or LF, which the library leaves bare. */
function csv({ names, rows }: Table): Readable {
  const lines = stringify({ record_delimiter: 'windows', quoted_match: /[\r\n]/ });
  async function* guardedRows() {
    yield names.map(guarded);
    for await (const row of rows) yield row.map(guarded);
  }
  return piped(Readable.from(guardedRows()), lines);
}

function ndjson({ names, rows }: Table): Readable {
  async function* lines() {
    for await (const row of rows) {
      yield `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, row[i]])))}\n`;
    }
  }
  return Readable.from(lines(), { objectMode: false });
}

function xlsx({ names, rows }: Table): Readable {
  const out = new PassThrough();
  const book = new Excel.stream.xlsx.WorkbookWriter({ stream: out, useSharedStrings: false, useStyles: true });
  const gone = new AbortController();
  out.once('close', () => gone.abort());
  fill(book, { names, rows }, gone.signal)
    .then(() => book.commit())
    .catch((error: Error) => out.destroy(error));
  return out;
}

async function fill(
  book: Excel.stream.xlsx.WorkbookWriter,
  { names, rows }: Table,
  signal: AbortSignal,
): Promise<void> {
  let sheet = newSheet(book, names, 1);
  let count = 0;
  for await (const row of rows) {
    if (count > 0 && count % SHEET_ROWS === 0) {
      sheet.commit();
      sheet = newSheet(book, names, count / SHEET_ROWS + 1);
    }
    sheet.addRow(row).commit();
    count += 1;
    if (count % BREATH === 0) await drained(sheet, signal);
  }
  sheet.commit();
}

/** A stream of any readable-stream that exceljs came with: `writableNeedDrain` is younger than some of them. */
type Pipe = Writable & { _writableState: { needDrain: boolean } };

/** The writer takes all it is given at once, so we wait for the zip behind it, and stop when the taker has left. */
async function drained(sheet: Excel.Worksheet, signal: AbortSignal): Promise<void> {
  const { pipes } = (sheet as unknown as { stream: { pipes: Pipe[] } }).stream;
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
  for (const pipe of pipes) if (pipe._writableState.needDrain) await once(pipe, 'drain', { signal });
}

/** Typed cells: text stays text, so that nothing a reader wrote is ever a formula and no leading zero is lost. */
function newSheet(book: Excel.stream.xlsx.WorkbookWriter, names: string[], n: number): Excel.Worksheet {
  const sheet = book.addWorksheet(n === 1 ? 'Leads' : `Leads ${n}`, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = names.map((header) => ({ header, width: widthOf(header) }));
  sheet.getRow(1).font = { bold: true };
  sheet.getRow(1).commit();
  return sheet;
}

/** In characters. What is usually longer than its name has the room it needs, so that nobody has to pull columns first. */
const WIDTHS: Record<string, number> = {
  lead_id: 17,
  captured_at: 26,
  campaign: 46,
  email: 34,
  company: 30,
  job_title: 26,
};

function widthOf(name: string): number {
  return WIDTHS[name] ?? Math.min(40, Math.max(14, name.length + 2));
}

function piped(source: Readable, target: NodeJS.ReadWriteStream & Readable): Readable {
  source.on('error', (error) => target.destroy(error));
  target.on('close', () => source.destroy());
  source.pipe(target);
  return target;
}
