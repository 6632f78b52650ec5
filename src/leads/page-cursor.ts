import type { Lead } from './lead.types';
import type { Cursor } from './leads';

/** Where a page of leads ended, as it stands in an address: `<time in base 36>.<id>`. */
export function writeCursor({ capturedAt, id }: Pick<Lead, 'capturedAt' | 'id'>): string {
  return `${capturedAt.getTime().toString(36)}.${id}`;
}

/** Undefined for what is no cursor: the list begins anew. */
export function readCursor(text: unknown): Cursor | undefined {
  const [time, id] = typeof text === 'string' ? text.split('.') : [];
  const capturedAt = new Date(Number.parseInt(time ?? '', 36));
  return id && !Number.isNaN(capturedAt.getTime()) ? { capturedAt, id } : undefined;
}
