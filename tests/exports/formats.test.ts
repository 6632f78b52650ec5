import { randomBytes } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import Excel from 'exceljs';
import { Clock } from '../../src/exports/clock';
import type { Cell } from '../../src/exports/columns';
import * as formats from '../../src/exports/formats';
import { type Format, type Look, standard } from '../../src/exports/profile.types';
import { bytesOf } from './desk';

async function* each(rows: Cell[][]) {
  for (const row of rows) yield [row];
}

/** As the contract's own export, or as a profile wants it. */
const write = (table: formats.Table, format: Format, more: Partial<Look> = {}) => {
  const look = { ...standard(format), ...more };
  return formats.write(table, look, new Clock(look.dates, look.timeZone));
};

/** A store takes its time; the event loop has its turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

const written = (names: string[], rows: Cell[][], format: Format, more: Partial<Look> = {}) =>
  bytesOf(write({ names, rows: each(rows) }, format, more));

/** One cell through the CSV and back by an independent reader. */
async function cellBack(cell: Cell): Promise<string | undefined> {
  const text = (await written(['a', 'b'], [[cell, 'end']], 'csv')).toString();
  return (parse(text) as string[][])[1]?.[0];
}

describe('CSV', () => {
  test.each<[string, Cell, string]>([
    ['an equals sign', '=1+1', "'=1+1"],
    ['a plus', '+1+1', "'+1+1"],
    ['a minus', '-1+1', "'-1+1"],
    ['an at sign', '@SUM(A1)', "'@SUM(A1)"],
    ['a tab', '\t=1', "'\t=1"],
    ['a carriage return', '\r=1', "'\r=1"],
    ['a line feed', '\n=1', "'\n=1"],
    ['a full-width equals sign', '＝1+1', "'＝1+1"],
    ['a full-width plus', '＋1', "'＋1"],
    ['a full-width minus', '－1', "'－1"],
    ['a full-width at sign', '＠SUM', "'＠SUM"],
    ['a command', "=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ['a negative number', -5, "'-5"],
    ['a phone number', '+44 20 7946 0000', '+44 20 7946 0000'],
    ['an E.164 number', '+442079460000', '+442079460000'],
    ['a formula that begins like a phone', '+44 20+A1', "'+44 20+A1"],
    ['a phone with a line below it', '+44\n=1', "'+44\n=1"],
    ['a sign inside', 'a=b+c-d@e', 'a=b+c-d@e'],
    ['a quote', "'=1", "'=1"],
    ['a number', 12, '12'],
    ['nothing', '', ''],
  ])('guards %s', async (_, cell, expected) => {
    expect(await cellBack(cell)).toBe(expected);
  });

  test.each([
    ['a comma', 'Smith, Jones'],
    ['quotes', 'the "best" paper'],
    ['nothing but a quote', '"'],
    ['CRLF', 'one\r\ntwo'],
    ['LF', 'one\ntwo'],
    ['CR', 'one\rtwo'],
    ['blanks at the ends', ' a '],
    ['many scripts', 'Ωμέγα محمد 山田 😀'],
    ['a semicolon', 'a;b'],
    ['a backslash', '\\"'],
  ])('is read back whole: %s', async (_, text) => {
    expect(await cellBack(text)).toBe(text);
  });

  test('follows RFC 4180 to the byte: CRLF, quotes only where needed, no mark in front', async () => {
    const bytes = await written(
      ['a', 'b'],
      [
        ['x', 'ż'],
        ['1,2', 'q"q'],
        ['l\nf', 3],
      ],
      'csv',
    );
    expect(bytes.toString()).toBe('a,b\r\nx,ż\r\n"1,2","q""q"\r\n"l\nf",3\r\n');
    expect((await written(['a', 'b'], [], 'csv')).toString()).toBe('a,b\r\n');
  });
});

const HOSTILE: Cell[] = ['=1+1', '+44', '@x', '-1', '007', '<b>&"\'', 'ż山😀', 'TRUE', '2026-01-01', '\u0001x', ' a '];

async function sheetsOf(bytes: Buffer): Promise<Excel.Worksheet[]> {
  const book = new Excel.Workbook();
  await book.xlsx.load(bytes as unknown as Excel.Buffer);
  return book.worksheets;
}

test('XLSX: text is a text cell whatever it looks like, a number a number', async () => {
  const names = HOSTILE.map((_, i) => `column ${i}`);
  const [sheet] = await sheetsOf(await written([...names, 'n'], [[...HOSTILE, 1200]], 'xlsx'));
  const cells = HOSTILE.map((_, i) => sheet?.getRow(2).getCell(i + 1));
  // XML has no way to write most control characters.
  expect(cells.map((cell) => cell?.value)).toEqual(HOSTILE.map((cell) => String(cell).replace('\u0001', '')));
  expect(new Set(cells.map((cell) => cell?.type))).toEqual(new Set([Excel.ValueType.String]));
  expect(sheet?.getRow(2).getCell(HOSTILE.length + 1)).toMatchObject({ type: Excel.ValueType.Number, value: 1200 });
  expect(sheet?.getRow(1).getCell(1).value).toBe('column 0');
});

test('NDJSON: a line for each lead, verbatim', async () => {
  const text = (
    await written(['a', 'n'], [...HOSTILE.map((cell) => [cell, 1]), ['two\nlines', 2]], 'ndjson')
  ).toString();
  expect(text.endsWith('\n')).toBe(true);
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    ...HOSTILE.map((a) => ({ a, n: 1 })),
    { a: 'two\nlines', n: 2 },
  ]);
});

test.each<Format>(['csv', 'ndjson', 'xlsx'])('%s: trouble in the middle breaks the stream off', async (format) => {
  async function* failing(): AsyncGenerator<Cell[][]> {
    yield [['1']];
    throw new Error('the store went away');
  }
  await expect(bytesOf(write({ names: ['a'], rows: failing() }, format))).rejects.toThrow('the store went away');
});

test.each<Format>(['csv', 'ndjson', 'xlsx'])('%s: who hangs up is read for no further', async (format) => {
  let [read, closed] = [0, false];
  async function* endless(): AsyncGenerator<Cell[][]> {
    try {
      for (;;) {
        if (read % 50 === 0) await turn();
        yield [[`row ${read++}`]];
      }
    } finally {
      closed = true;
    }
  }
  const stream = write({ names: ['a'], rows: endless() }, format);
  stream.resume();
  while (read < 2000) await turn();
  stream.destroy();
  while (!closed) await turn();
  const before = read;
  for (let n = 0; n < 50; n += 1) await turn();
  expect(read).toBe(before);
});

test.each<Format>(['csv', 'ndjson', 'xlsx'])('%s: who reads slowly is waited for', async (format) => {
  let read = 0;
  async function* endless(): AsyncGenerator<Cell[][]> {
    for (;;) {
      if (read % 50 === 0) await turn();
      read += 1;
      yield [[randomBytes(120).toString('base64')]];
    }
  }
  const stream = write({ names: ['a'], rows: endless() }, format);
  stream.on('error', () => {}).on('readable', () => {});
  let [before, still] = [-1, 0];
  while (still < 200) {
    [still, before] = [read === before ? still + 1 : 0, read];
    await turn();
    if (read > 60_000) break;
  }
  stream.destroy();
  expect(read).toBeLessThan(60_000);
});
