import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { type ErrorKind, GatefoldError, messageOf } from '../errors';
import { renderPage } from './page';
import type { Services } from './services';

/** The one place that knows which kind of trouble is which status. */
const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  forbidden: 403,
  'not-found': 404,
  gone: 410,
  conflict: 409,
  'too-large': 413,
  'invalid-type': 415,
  'too-many': 429,
  unavailable: 503,
  internal: 500,
};

const TITLES: Record<number, string> = {
  400: 'That did not arrive right',
  403: 'This page is not for you',
  404: 'There is nothing here',
  409: 'That can’t be done now',
  410: 'This is no longer here',
  413: 'That is too much at once',
  415: 'That is not a form',
  429: 'Too many at once',
  503: 'Not available right now',
};

/** Whatever no route answered. */
export const notFound: RequestHandler = (_request, _response, next) => {
  next(
    new GatefoldError('not-found', 'no-page', {
      log: 'no such page',
      reader: 'The address may be mistyped, or the page has moved.',
      wayOut: 'Have a look at all papers that are open now.',
    }),
  );
};

/** Says what went wrong in the reader's words, and logs the rest. Nobody sees a stack trace. */
export function errorPages({ log }: Services): ErrorRequestHandler {
  return async (error: unknown, request, response, next) => {
    const known = asKnown(error);
    const status = STATUS[known.kind];
    if (status >= 500) log.error({ error: messageOf(error), stack: (error as Error).stack }, 'a request failed');
    if (response.headersSent) return next(error);
    try {
      await answer(request, response, status, known);
    } catch (failed) {
      log.error({ error: messageOf(failed) }, 'the error page failed');
      response.status(status).type('text').send(`${known.reader}\n`);
    }
  };
}

async function answer(request: Request, response: Response, status: number, known: GatefoldError): Promise<void> {
  response.set('Cache-Control', 'no-store');
  if (request.path.startsWith('/api/')) {
    response.status(status).json({ error: { code: known.code, message: known.reader, wayOut: known.wayOut } });
    return;
  }
  const title = TITLES[status] ?? 'Something went wrong on our side';
  const locals = { title, status, reader: known.reader, wayOut: known.wayOut };
  await renderPage(request, response, 'web/error', locals, { status });
}

/** What libraries throw at us, in our words: body-parser and the router say `status` or `type`. */
function asKnown(error: unknown): GatefoldError {
  if (error instanceof GatefoldError) return error;
  const { status, type } = error as { status?: number; type?: string };
  if (type === 'entity.too.large' || status === 413) {
    return new GatefoldError('too-large', 'too-large', {
      log: 'a body over the limit',
      reader: 'The form holds more than we take at once.',
      wayOut: 'Shorten what you typed and send it again.',
    });
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return new GatefoldError('invalid', 'bad-request', {
      log: messageOf(error),
      reader: 'We could not read this request.',
      wayOut: 'Go back, reload the page, and try again.',
    });
  }
  return new GatefoldError('internal', 'unexpected', {
    log: messageOf(error),
    reader: 'We could not finish this. Nothing that you sent before is lost.',
    wayOut: 'Try again in a minute.',
  });
}
