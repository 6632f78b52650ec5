import type { Request } from 'express';

/** Where a page is now, with everything that its old address said after the `?`: attribution outlives a move. */
export function movedTo({ originalUrl }: Request, path: string): string {
  const [, ...query] = originalUrl.split('?');
  return query.length > 0 ? `${path}?${query.join('?')}` : path;
}
