import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import { EMAIL_MAX } from '../campaigns/campaigns';
import { type AskedAgain, wantAgain } from '../deliveries/deliveries';
import { GatefoldError } from '../errors';
import { readUrlEncoded } from '../web/body';
import { limitPosts } from '../web/limits';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';

/** A link that was good once; its holder may have a new one, in the mailbox that the paper went to. */
const GONE = ['link-expired', 'link-revoked', 'link-used-up'];

/**
 * The paper once more, by mail. Every answer is the same, whether the address is known or not: what comes of it comes by
 * mail, to an address that had asked before.
 */
export function againRoutes(services: Services): Router {
  const router = Router();

  router.get('/again', (request, response) => showForm(request, response));

  router.post('/again', limitPosts(services), readUrlEncoded, async (request: Request, response: Response) => {
    const asked = askedIn(services, request.body);
    if (!asked) return showForm(request, response, typedIn(request.body));
    await wantAgain(asked, services.links);
    services.nudge();
    response.redirect(303, '/again/sent');
  });

  router.get('/again/sent', async (request, response) => {
    await renderPage(request, response, 'landing/again-sent', { title: 'Look into your mailbox', noindex: true });
  });

  return router;
}

/** The page in the place of what a link led to. Mount behind every route that opens one. */
export const linkGonePages: ErrorRequestHandler = async (error, request, response, next) => {
  const gone = error instanceof GatefoldError && GONE.includes(error.code);
  const [, token] = /^\/(?:d|v|me)\/([^/]+)/.exec(request.path) ?? [];
  const asked = token ?? (typeof request.query['t'] === 'string' ? request.query['t'] : '');
  if (!gone || response.headersSent || request.method === 'HEAD') return next(error);
  response.set('Cache-Control', 'no-store');
  const locals = { title: error.reader.replace(/\.$/, ''), reader: error.reader, token: asked };
  await renderPage(request, response, 'landing/link-gone', locals, { status: 410 });
};

function typedIn(body: Record<string, unknown>): string {
  return typeof body['email'] === 'string' ? body['email'].trim() : '';
}

/** A link's own request goes before what is typed. Null for what can be no address. */
function askedIn({ links, now }: Services, body: Record<string, unknown>): AskedAgain | null {
  const token = typeof body['t'] === 'string' ? links.readReaderToken(body['t'], now()) : undefined;
  if (token && token.state !== 'malformed') return { request: token.token.request };
  const email = typedIn(body);
  return email.length <= EMAIL_MAX && /^[^\p{C}]+@[^\s@\p{C}]+$/u.test(email) ? { email } : null;
}

async function showForm(request: Request, response: Response, mistaken?: string): Promise<void> {
  const title = mistaken === undefined ? 'Send it again' : 'Error: send it again';
  const locals = { title, noindex: true, typed: mistaken ?? '', mistaken: mistaken !== undefined, emailMax: EMAIL_MAX };
  await renderPage(request, response, 'landing/again', locals, { status: mistaken === undefined ? 200 : 422 });
}
