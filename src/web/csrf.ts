import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { readUrlEncoded } from './body';

/** Gives every form of the session its token as `csrf`. */
export const csrfToken: RequestHandler = (request, response, next) => {
  request.session.csrf ??= randomBytes(24).toString('base64url');
  response.locals['csrf'] = request.session.csrf;
  next();
};

/** Reads a form of the staff site or the portal, and refuses one that didn't come from a page of ours. */
export const readForm: RequestHandler = Router().use(readUrlEncoded, refuseForeignForm);

export function refuseForeignForm(request: Request, _response: Response, next: NextFunction): void {
  // Every browser of today says where a request comes from; the token is for the others.
  const site = request.get('sec-fetch-site');
  const foreign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (!foreign && matches(request.session.csrf, request.body['_csrf'])) next();
  else next(foreignForm());
}

function foreignForm(): GatefoldError {
  return new GatefoldError('forbidden', 'foreign-form', {
    log: 'a form without the token of its session',
    reader: 'This form is from another session.',
    wayOut: 'Go back, reload the page, and send it again.',
  });
}

function matches(expected: string | undefined, given: unknown): boolean {
  if (expected === undefined || typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
