import type { Response } from 'express';
import { GatefoldError } from '../errors';

/** One value that does not fit, and where it stood. */
export interface WrongValue {
  in: 'path' | 'query' | 'body';
  /** Path in the body, or name of the parameter. */
  at: string;
  message: string;
}

/** A call whose values don't fit the operation's schema. */
export class InvalidCall extends GatefoldError {
  constructor(readonly errors: WrongValue[]) {
    super('unprocessable', 'invalid-call', {
      log: `a call with ${errors.length} wrong values`,
      reader: errors.map(({ at, message }) => [at, message].filter(Boolean).join(': ')).join('; '),
      wayOut: 'See /api/v1/openapi.json for what the operation takes.',
    });
  }
}

/** Answers as `application/problem+json` (RFC 9457); `code` is the stable name of what went wrong. */
export function sendProblem(response: Response, status: number, title: string, known: GatefoldError): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:gatefold:problem:${known.code}`,
        title,
        status,
        detail: known.reader,
        code: known.code,
        ...(known.wayOut !== undefined && { wayOut: known.wayOut }),
        ...(known instanceof InvalidCall && { errors: known.errors }),
      }),
    );
}
