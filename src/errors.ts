/** What kind of trouble it is; `web/` alone knows which HTTP status each kind becomes. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'gone'
  | 'conflict'
  | 'too-many'
  | 'too-large'
  | 'invalid-type'
  | 'unprocessable'
  | 'unavailable'
  | 'internal';

interface Wording {
  /** For the log: what happened, without personal data. */
  log: string;
  /** For the person in front of the screen, in their words. */
  reader: string;
  /** What they can do now. */
  wayOut?: string;
}

/**
 * An expected failure with a stable code. Thrown by rooms, turned into a page, a JSON answer or a line on stderr by
 * whoever speaks to the person.
 */
export class GatefoldError extends Error {
  readonly reader: string;
  readonly wayOut: string | undefined;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    wording: Wording | string,
  ) {
    const words = typeof wording === 'string' ? { log: wording, reader: wording } : wording;
    super(words.log);
    this.name = 'GatefoldError';
    this.reader = words.reader;
    this.wayOut = 'wayOut' in words ? words.wayOut : undefined;
  }
}

/** The text of whatever was thrown; for logs and command line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
