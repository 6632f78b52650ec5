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

/** All numbers that are objects of their own, by `number generation`; a later revision adds another candidate. */
function numberObjects(source: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [, number, generation, value] of source.matchAll(NUMBER_OBJECT)) {
    const key = `${number} ${generation}`;
    const values = found.get(key);
    if (values) values.push(Number(value));
    else found.set(key, [Number(value)]);
  }
  return found;
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
  const numbers = numberObjects(source);
  const chunks: Buffer[] = [];
  let kept = 0;
  for (const match of source.matchAll(LENGTH_REFERENCE)) {
    const data = dataStart(source, match.index + match[0].length);
    if (data < 0) continue;
    const candidates = numbers.get(`${match[1]} ${match[2]}`) ?? [];
    const length = candidates.find((size) => STREAM_END.test(source.slice(data + size, data + size + 11)));
    if (length === undefined) continue;
    chunks.push(pdf.subarray(kept, match.index), Buffer.from(`/Length ${length}`, 'latin1'));
    kept = match.index + match[0].length;
  }
  return kept === 0 ? pdf : Buffer.concat([...chunks, pdf.subarray(kept)]);
}
