import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { GatefoldError } from '../errors';

/** Contract: a body over 64 KB is refused. */
const BODY_MAX = '64kb';
const FIELDS_MAX = 1000;

/** A form as it came: each name once or several times, nothing nested. `email[$ne]` is a name like any other. */
export type FormBody = Record<string, string | string[]>;

const raw = express.raw({ type: () => true, limit: BODY_MAX });

/**
 * Reads `application/x-www-form-urlencoded` (WHATWG URL, 5.1) into `request.body`, strictly: what isn't UTF-8 is refused
 * instead of replaced, so that a name never arrives mangled.
 */
export const readUrlEncoded: RequestHandler = express.Router().use(requireUrlEncoded, raw, parse);

function requireUrlEncoded(request: Request, _response: Response, next: NextFunction): void {
  const { charset = 'utf-8' } =
    /;\s*charset="?(?<charset>[^";\s]+)/i.exec(request.get('content-type') ?? '')?.groups ?? {};
  const isForm = request.is('application/x-www-form-urlencoded') && /^utf-?8$/i.test(charset);
  if (isForm) next();
  else next(notAForm(request));
}

function notAForm(request: Request): GatefoldError {
  return new GatefoldError('invalid-type', 'form-type', {
    log: `a form as ${request.get('content-type') ?? 'nothing'}`,
    reader: 'This address takes a filled-in form.',
    wayOut: 'Open the page and send its form.',
  });
}

function parse(request: Request, _response: Response, next: NextFunction): void {
  try {
    request.body = formBody(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    next();
  } catch {
    next(
      new GatefoldError('invalid', 'form-encoding', {
        log: 'a form that is not UTF-8',
        reader: 'The form did not arrive in a form that we can read.',
        wayOut: 'Go back, reload the page, and send it again.',
      }),
    );
  }
}

/** @throws TypeError or URIError when the bytes are not UTF-8, RangeError on a flood of fields */
export function formBody(bytes: Buffer): FormBody {
  const body: FormBody = Object.create(null);
  const pairs = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('&');
  if (pairs.length > FIELDS_MAX) throw new RangeError('too many fields');
  for (const pair of pairs) {
    if (pair === '') continue;
    const [name = '', ...rest] = pair.split('=');
    const key = decode(name);
    const value = decode(rest.join('='));
    const before = body[key];
    body[key] = before === undefined ? value : [before, value].flat();
  }
  return body;
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
