import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { authenticate } from '../accounts/accounts';
import { networkOf } from '../network';
import { accountOf } from './guards';
import { renderPage } from './page';
import type { Services } from './services';

/** After this long without the password, a sensitive change asks for it. */
const FRESH_MS = 15 * 60_000;
/** The field of the page that asks; no form of ours has one of that name. */
const FIELD = '_password';

/**
 * Lets a sensitive change through when its person showed a moment ago that it is them; else asks for their password, with
 * the form that they sent waiting behind it. Mount after the guard and `readForm`.
 */
export function confirmed({ now }: Services): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction) => {
    const { session, body } = request;
    const age = now().getTime() - (session.confirmed ?? 0);
    if (age < FRESH_MS) return next();
    const typed = typeof body[FIELD] === 'string' ? body[FIELD] : undefined;
    const account = accountOf(response);
    if (typed !== undefined && (await authenticate(account.email, typed, networkOf(request.ip ?? '')))) {
      session.confirmed = now().getTime();
      return next();
    }
    await ask(request, response, typed !== undefined);
  };
}

async function ask(request: Request, response: Response, wrong: boolean): Promise<void> {
  const waiting = Object.entries(request.body as Record<string, string | string[]>)
    .filter(([name]) => name !== FIELD)
    .flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const locals = { title: wrong ? 'Error: is it you?' : 'Is it you?', action: request.originalUrl, waiting, wrong };
  await renderPage(request, response, 'accounts/confirm', locals, { status: 422 });
}
