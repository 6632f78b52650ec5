import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Clock } from './clock';
import type { Cell } from './columns';
import type { Table } from './formats';
import type { DateStyle, Look } from './profile.types';
import * as parts from './xlsx.parts';

/** Excel's rows on a sheet, less the header (ECMA-376 leaves it open; Excel takes 1,048,576). */
const SHEET_ROWS = 1_048_575;
/** One moment for every file, without a time zone, so that the same table is the same bytes. */
const ZIP = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true, compressionLevel: 3 } as const;

/**
 * Writes a workbook (ECMA-376, SpreadsheetML) as its rows come: typed cells, a header that stays in view, a filter.
 * Text stays text, so that nothing a reader wrote is ever a formula and no leading zero is lost. By hand over a zip
 * library: exceljs puts the time of writing into the file, and has no way to wait for a slow reader.
 */
export function xlsx(table: Table, look: Look, clock: Clock): Readable {
  const zip = new ZipFile();
  const out = new PassThrough();
  const rows = table.rows[Symbol.asyncIterator]();
  out.once('close', () => void rows.return?.());
  zip.outputStream.on('error', (error) => out.destroy(error as Error));
  zip.outputStream.pipe(out);
  fill(zip, out, { ...table, rows }, look.dates, clock).catch((error: Error) => out.destroy(error));
  return out;
}

interface Taking {
  names: string[];
  rows: AsyncIterator<Cell[][]>;
}

async function fill(zip: ZipFile, out: PassThrough, taking: Taking, dates: DateStyle, clock: Clock): Promise<void> {
  const cells = cellWriter(dates, clock);
  const rest: { rows: Cell[][] | undefined } = { rows: [] };
  let sheets = 0;
  do {
    sheets += 1;
    const sheet = Readable.from(sheetXml(taking, rest, cells), { objectMode: false });
    const written = new Promise<void>((resolve, reject) => {
      sheet.once('end', resolve);
      sheet.once('error', reject);
      out.once('close', resolve);
    });
    sheet.on('error', (error) => out.destroy(error));
    out.once('close', () => sheet.destroy());
    zip.addReadStream(sheet, `xl/worksheets/sheet${sheets}.xml`, ZIP);
    await written;
  } while (rest.rows && !out.closed);
  for (const [name, text] of parts.parts(sheets)) zip.addBuffer(Buffer.from(text), name, ZIP);
  zip.end();
}

/** One sheet's rows; what doesn't fit on it stays in `rest` for the next. */
async function* sheetXml(
  { names, rows }: Taking,
  rest: { rows: Cell[][] | undefined },
  cells: (row: Cell[], n: number) => string,
): AsyncGenerator<Buffer> {
  yield Buffer.from(parts.sheetHead(names));
  let n = 1;
  let some = rest.rows;
  while (some && n <= SHEET_ROWS) {
    const fitting: Cell[][] = some.slice(0, SHEET_ROWS + 1 - n);
    let xml = '';
    for (const row of fitting) {
      n += 1;
      xml += cells(row, n);
    }
    if (xml !== '') yield Buffer.from(xml);
    const left: Cell[][] = some.slice(fitting.length);
    some = left.length > 0 ? left : await next(rows);
  }
  rest.rows = some;
  yield Buffer.from(parts.sheetFoot(names.length, n));
}

async function next(rows: AsyncIterator<Cell[][]>): Promise<Cell[][] | undefined> {
  const { done, value } = await rows.next();
  return done ? undefined : value;
}

/** Writes one row. A profile's own way of writing dates makes them dates of the spreadsheet; the contract's stay text. */
function cellWriter(dates: DateStyle, clock: Clock): (row: Cell[], n: number) => string {
  const letters: string[] = [];
  const style = parts.dateStyle(dates);
  const cell = (value: Cell, at: string): string => {
    if (value === '') return '';
    if (typeof value === 'number') return `<c r="${at}"><v>${value}</v></c>`;
    if (typeof value === 'string') return parts.textCell(at, value);
    return style === undefined
      ? parts.textCell(at, clock.text(value))
      : `<c r="${at}" s="${style}"><v>${clock.serial(value)}</v></c>`;
  };
  return (row, n) => {
    let xml = `<row r="${n}">`;
    for (let i = 0; i < row.length; i += 1) {
      letters[i] ??= parts.columnName(i);
      xml += cell(row[i] ?? '', `${letters[i]}${n}`);
    }
    return `${xml}</row>`;
  };
}
