import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { type ErrorKind, GatefoldError, messageOf } from '../errors';
import { renderPage } from './page';
import { sendProblem } from './problem';
import type { Services } from './services';

/** The one place that knows which kind of trouble is which status. */
const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  gone: 410,
  conflict: 409,
  'too-large': 413,
  'invalid-type': 415,
  unprocessable: 422,
  'too-many': 429,
  unavailable: 503,
  internal: 500,
};

const TITLES: Record<number, string> = {
  400: 'That did not arrive right',
  401: 'Who is asking?',
  403: 'This page is not for you',
  404: 'There is nothing here',
  409: 'That can’t be done now',
  410: 'This is no longer here',
  413: 'That is too much at once',
  415: 'That is not a form',
  422: 'That does not fit',
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

/** What a route said about the answer that it didn't give. */
const OF_THE_ANSWER = [
  'ETag',
  'Last-Modified',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'Accept-Ranges',
];

async function answer(request: Request, response: Response, status: number, known: GatefoldError): Promise<void> {
  for (const header of OF_THE_ANSWER) response.removeHeader(header);
  response.set('Cache-Control', 'no-store');
  const title = TITLES[status] ?? 'Something went wrong on our side';
  if (request.path.startsWith('/api/')) return sendProblem(response, status, title, known);
  const locals = { title, status, reader: known.reader, wayOut: known.wayOut };
  await renderPage(request, response, 'web/error', locals, { status });
}

const BAD_REQUEST = {
  kind: 'invalid',
  code: 'bad-request',
  reader: 'We could not read this request.',
  wayOut: 'Go back, reload the page, and try again.',
} as const;

/** What libraries mean by a status, in our words; any other 4xx is a bad request. */
const WORDS: Record<number, { kind: ErrorKind; code: string; reader: string; wayOut: string }> = {
  413: {
    kind: 'too-large',
    code: 'too-large',
    reader: 'The form holds more than we take at once.',
    wayOut: 'Shorten what you typed and send it again.',
  },
  415: {
    kind: 'invalid-type',
    code: 'encoding-unknown',
    reader: 'The form came packed in a way that we do not know.',
    wayOut: 'Go back, reload the page, and send it again.',
  },
};

/** What libraries throw at us, in our words: body-parser and the router say `status`. */
function asKnown(error: unknown): GatefoldError {
  if (error instanceof GatefoldError) return error;
  const { status = 500 } = error as { status?: number };
  if (status >= 400 && status < 500) {
    const { kind, code, reader, wayOut } = WORDS[status] ?? BAD_REQUEST;
    return new GatefoldError(kind, code, { log: messageOf(error), reader, wayOut });
  }
  return new GatefoldError('internal', 'unexpected', {
    log: messageOf(error),
    reader: 'We could not finish this. Nothing that you sent before is lost.',
    wayOut: 'Try again in a minute.',
  });
}
