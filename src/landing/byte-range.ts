/** The bytes from `start` up to and including `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Reads a Range header for a body of `length` bytes (RFC 9110, 14.1.2 and 14.2).
 * @returns `whole` when there is none or it may be ignored (another unit, broken syntax, several ranges),
 *   `unsatisfiable` when it lies outside of the body (416)
 */
export function readRange(header: string | undefined, length: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (!match || (first === '' && last === '')) return 'whole';
  if (first === '') return suffix(Number(last), length);
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= length) return 'unsatisfiable';
  return { start, end: last === '' ? length - 1 : Math.min(Number(last), length - 1) };
}

/** `bytes=-500`: the last 500 bytes, or all when there are fewer. */
function suffix(wanted: number, length: number): ByteRange | 'unsatisfiable' {
  if (wanted === 0 || length === 0) return 'unsatisfiable';
  return { start: Math.max(0, length - wanted), end: length - 1 };
}

/** Whether If-None-Match names this representation (RFC 9110, 13.1.2: weak comparison). */
export function isNamedBy(header: string | undefined, etag: string): boolean {
  if (!header) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
