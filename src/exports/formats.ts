import { Readable } from 'node:stream';
import { Clock } from './clock';
import type { Cell } from './columns';
import { csvLines } from './csv';
import { type Format, type Look, standard } from './profile.types';
import { xlsx } from './xlsx';

/** A table on its way out: names, then some hundred rows at a time as the consumer takes them. */
export interface Table {
  names: string[];
  rows: AsyncIterable<Cell[][]>;
}

export const CONTENT_TYPES: Record<Format, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

const BOM = '\uFEFF';

/** Writes a table as bytes, in constant memory, always the same for the same table. */
export function write(table: Table, look: Look, clock: Clock): Readable {
  if (look.format === 'xlsx') return xlsx(table, look, clock);
  const lines = look.format === 'csv' ? csv(table, look, clock) : ndjson(table, clock);
  return Readable.from(lines, { objectMode: false, highWaterMark: 256 * 1024 });
}

/** Another room's table as the contract writes exports: guarded, typed, as its rows come. */
export function writeTable(
  { names, rows }: { names: string[]; rows: AsyncIterable<Cell[]> },
  format: Format,
): Readable {
  async function* batches() {
    for await (const row of rows) yield [row];
  }
  return write({ names, rows: batches() }, standard(format), new Clock('iso', 'UTC'));
}

async function* csv({ names, rows }: Table, look: Look, clock: Clock): AsyncGenerator<Buffer> {
  const lines = csvLines(look, (at) => clock.text(at));
  yield Buffer.from((look.bom ? BOM : '') + lines([names]));
  for await (const some of rows) yield Buffer.from(lines(some));
}

/** Verbatim (contract): what a reader wrote is what stands there. */
async function* ndjson({ names, rows }: Table, clock: Clock): AsyncGenerator<Buffer> {
  const keys = names.map((name, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  const value = (cell: Cell) => JSON.stringify(cell instanceof Date ? clock.text(cell) : cell);
  for await (const some of rows) {
    let lines = '';
    for (const row of some) {
      for (let i = 0; i < row.length; i += 1) lines += (keys[i] ?? '') + value(row[i] ?? '');
      lines += '}\n';
    }
    yield Buffer.from(lines);
  }
}
