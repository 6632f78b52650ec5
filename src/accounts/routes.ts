import { type Request, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { readForm } from '../web/csrf';
import { networkOf } from '../web/limits';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { type Account, audit, auditedFrom, authenticate, findSetup, redeemSetup } from './accounts';

/** Signing in and out, and the single-use links by which people begin. */
export function accountRoutes(services: Services): Router {
  const router = Router();
  router.use(['/sign-in', '/sign-out', '/setup'], noStore, fromHere);

  router.get('/sign-in', (request, response) => showSignIn(request, response, {}));

  router.post('/sign-in', readForm, async (request, response) => {
    const { email, password } = request.body;
    const account = await authenticate(single(email), single(password), networkOf(request.ip ?? ''));
    if (!account) return showSignIn(request, response, { typed: single(email), wrong: true });
    await beginSession(request, account, services.now());
    await audit({ actor: account.email, action: 'signed in', kind: 'access' });
    response.redirect(303, destination(account, request.query['next']));
  });

  router.post('/sign-out', readForm, async (request, response) => {
    await new Promise((resolve) => request.session.destroy(resolve));
    response.redirect(303, '/sign-in');
  });

  router.get('/setup/:token', async (request, response) => {
    const { account } = await findSetup(request.params.token, services.now());
    await showSetup(request, response, { account, typed: {} });
  });

  router.post('/setup/:token', readForm, async (request, response) => {
    const { account } = await findSetup(String(request.params['token']), services.now());
    const typed = { email: single(request.body.email).trim(), name: single(request.body.name).trim() };
    try {
      const person = { ...typed, password: single(request.body.password) };
      const made = await redeemSetup(String(request.params['token']), person, services.now());
      await beginSession(request, made, services.now());
      await audit({ actor: made.email, action: 'set up their account', kind: 'access' });
      response.redirect(303, destination(made, undefined));
    } catch (error) {
      if (!(error instanceof GatefoldError) || !['invalid', 'conflict'].includes(error.kind)) throw error;
      await showSetup(request, response, { account, typed, mistake: error });
    }
  });

  return router;
}

function noStore(_request: Request, response: Response, next: () => void): void {
  response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' });
  next();
}

/** What the log says of this request came from its network address. */
function fromHere(request: Request, _response: Response, next: () => void): void {
  auditedFrom(request.ip ?? '', next);
}

const single = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A new session id, so that one planted before the sign-in is worth nothing (session fixation). */
async function beginSession(request: Request, account: Account, now: Date): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    request.session.regenerate((error) => (error ? reject(error) : resolve())),
  );
  request.session.account = account.id;
  request.session.since = now.getTime();
  await new Promise<void>((resolve, reject) => request.session.save((error) => (error ? reject(error) : resolve())));
}

/** Where to go after the sign-in: a page of their own part of the house, else its front page. */
function destination({ role }: Account, next: unknown): string {
  const home = role.startsWith('sponsor') ? '/portal' : '/staff';
  const inside =
    typeof next === 'string' && (next === home || next.startsWith(`${home}/`) || next.startsWith(`${home}?`));
  // A path is resolved as a browser would, so that nothing like `/staff/..//elsewhere` leaves the house.
  return inside && new URL(next, 'http://here').pathname.startsWith(home) ? next : home;
}

async function showSignIn(
  request: Request,
  response: Response,
  { typed = '', wrong = false }: { typed?: string; wrong?: boolean },
): Promise<void> {
  const next = single(request.query['next']);
  const locals = { title: wrong ? 'Error: sign in' : 'Sign in', typed, wrong, next };
  await renderPage(request, response, 'accounts/sign-in', locals, { status: wrong ? 422 : 200 });
}

interface SetupView {
  account: Account | undefined;
  typed: { email?: string; name?: string };
  mistake?: GatefoldError;
}

async function showSetup(request: Request, response: Response, { account, typed, mistake }: SetupView): Promise<void> {
  const locals = {
    title: mistake ? 'Error: set up your account' : 'Set up your account',
    email: account?.email,
    typed: { email: typed.email ?? '', name: typed.name ?? account?.name ?? '' },
    mistake,
    field: mistake?.code === 'password-length' ? 'password' : 'email',
  };
  await renderPage(request, response, 'accounts/setup', locals, { status: mistake ? 422 : 200 });
}
