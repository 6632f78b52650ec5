import { inflateSync } from 'node:zlib';

/**
 * pdf-lib looks for `endstream` when a stream's /Length is a reference, and so drops a line end that belongs to the data
 * or stops at a word that looks like the end. This writes the length that the reference stands for in its place.
 */
const NUMBER_OBJECT = /(\d+)\s+(\d+)\s+obj\s+(\d+)\s+endobj/g;
const LENGTH_REFERENCE = /\/Length\s+(\d+)\s+(\d+)\s+R/g;
const STREAM_START = /stream(\r\n|\n|\r)/;
const STREAM_END = /^\s{0,2}endstream/;
/** A stream's dictionary ends within so many bytes of its length. */
const DICTIONARY = 4096;

const OBJECT_STREAM = /<<[^<>]*\/Type\s*\/ObjStm[^<>]*>>\s*stream(\r\n|\n|\r)/g;
/** Object streams that unpack to more are no place for lengths. */
const LARGEST_UNPACKED = 16 * 1024 * 1024;

/** The numbers among the objects of one object stream (PDF 32000-1, 7.5.7): pairs of number and offset, then objects. */
function packedNumbers(dict: string, data: Buffer): [key: string, value: number][] {
  const value = (key: string) => Number(new RegExp(`/${key}\\s+(\\d+)`).exec(dict)?.[1] ?? Number.NaN);
  const [count, first, length] = [value('N'), value('First'), value('Length')];
  const packed = data.subarray(0, length);
  const options = { maxOutputLength: LARGEST_UNPACKED };
  const text = (dict.includes('/FlateDecode') ? inflateSync(packed, options) : packed).toString('latin1');
  const index = text.slice(0, first).trim().split(/\s+/).map(Number);
  return Array.from({ length: count }, (_, at): [string, number] => {
    const object = /^\s*(\d+)(?=\s|$)/.exec(
      text.slice(first + (index[2 * at + 1] ?? 0), first + (index[2 * at + 3] ?? text.length)),
    );
    return [`${index[2 * at]} 0`, Number(object?.[1] ?? Number.NaN)];
  }).filter(([, number]) => !Number.isNaN(number));
}

/** What can't be read here, the parser will say something about. */
function allPackedNumbers(source: string, pdf: Buffer): [key: string, value: number][] {
  return [...source.matchAll(OBJECT_STREAM)].flatMap((match) => {
    try {
      return packedNumbers(match[0], pdf.subarray(match.index + match[0].length));
    } catch {
      return [];
    }
  });
}

function listed(numbers: Iterable<[key: string, value: number]>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [key, value] of numbers) {
    const values = found.get(key);
    if (values) values.push(value);
    else found.set(key, [value]);
  }
  return found;
}

/** Looks up numbers that are objects, by `number generation`; a later revision adds another candidate. */
function numberObjects(source: string, pdf: Buffer): (key: string) => number[] {
  const plain = listed(
    [...source.matchAll(NUMBER_OBJECT)].map(([, number, generation, value]) => [
      `${number} ${generation}`,
      Number(value),
    ]),
  );
  let packed: Map<string, number[]> | undefined;
  return (key) => {
    const known = plain.get(key);
    if (known) return known;
    packed ??= listed(allPackedNumbers(source, pdf));
    return packed.get(key) ?? [];
  };
}

/** Where the data of the stream begins whose dictionary has a length at `from`; -1 when there is none. */
function dataStart(source: string, from: number): number {
  const rest = source.slice(from, from + DICTIONARY);
  const start = STREAM_START.exec(rest);
  if (!start || rest.slice(0, start.index).includes('endobj')) return -1;
  return from + start.index + start[0].length;
}

/**
 * @param pdf the file
 * @returns the same file with direct lengths where they could be resolved and are true; offsets shift, which pdf-lib,
 * reading from object to object, doesn't mind
 */
export function resolveStreamLengths(pdf: Buffer): Buffer {
  const source = pdf.toString('latin1');
  const numbers = numberObjects(source, pdf);
  const chunks: Buffer[] = [];
  let kept = 0;
  for (const match of source.matchAll(LENGTH_REFERENCE)) {
    const data = dataStart(source, match.index + match[0].length);
    if (data < 0) continue;
    const candidates = numbers(`${match[1]} ${match[2]}`);
    const length = candidates.find((size) => STREAM_END.test(source.slice(data + size, data + size + 11)));
    if (length === undefined) continue;
    chunks.push(pdf.subarray(kept, match.index), Buffer.from(`/Length ${length}`, 'latin1'));
    kept = match.index + match[0].length;
  }
  return kept === 0 ? pdf : Buffer.concat([...chunks, pdf.subarray(kept)]);
}
