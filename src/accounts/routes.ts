import { type Request, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { networkOf } from '../network';
import { readForm } from '../web/csrf';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  type Account,
  audit,
  auditedFrom,
  authenticate,
  endSession,
  findSetup,
  proveSecondFactor,
  redeemSetup,
} from './accounts';
import { beginSession, destination, pendingOf, single } from './entrance.routes';
import { forgottenRoutes } from './forgotten.routes';
import { ownRoutes } from './own.routes';

/** Signing in and out, and the single-use links by which people begin. */
export function accountRoutes(services: Services): Router {
  const router = Router();
  router.use(['/sign-in', '/sign-out', '/setup', '/forgotten'], noStore, fromHere);
  router.get('/sign-in', (request, response) => showSignIn(request, response, {}));
  router.post('/sign-in', readForm, signInWith(services));
  router.get('/sign-in/code', async (request, response) => {
    if (await pendingOf(request, services.now())) await showCode(request, response, {});
    else response.redirect(303, '/sign-in');
  });
  router.post('/sign-in/code', readForm, codeWith(services));
  router.post('/sign-out', readForm, signOut);

  router.get('/setup/:token', async (request, response) => {
    const setup = await findSetup(request.params.token, services.now());
    await showSetup(request, response, { ...setup, typed: {} });
  });
  router.post('/setup/:token', readForm, setUpWith(services));
  router.use(forgottenRoutes(services));
  router.use(ownRoutes(services));
  return router;
}

/** What the log says of this request came from its network address. */
function fromHere(request: Request, _response: Response, next: () => void): void {
  auditedFrom(request.ip ?? '', next);
}

function noStore(_request: Request, response: Response, next: () => void): void {
  response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' });
  next();
}

type Handler = (request: Request, response: Response) => Promise<void>;

const signInWith =
  (services: Services): Handler =>
  async (request, response) => {
    const { email, password } = request.body;
    const account = await authenticate(single(email), single(password), networkOf(request.ip ?? ''));
    if (!account) {
      // Whether it is an address of ours stays open here, too.
      await audit({ actor: 'nobody', action: 'was refused at the sign-in', kind: 'access' });
      return showSignIn(request, response, { typed: single(email), wrong: true });
    }
    await enter(request, response, { account, services, action: 'signed in' });
  };

/** Lets a person in, or asks for their second factor first. */
async function enter(
  request: Request,
  response: Response,
  { account, services, action }: { account: Account; services: Services; action: string },
): Promise<void> {
  const next = single(request.query['next']);
  if (account.secondAt) {
    request.session.pending = { account: account.id, since: services.now().getTime() };
    return response.redirect(303, `/sign-in/code${next ? `?next=${encodeURIComponent(next)}` : ''}`);
  }
  await beginSession(request, account, services.now());
  await audit({ actor: account.email, action, kind: 'access' });
  response.redirect(303, destination(account, next));
}

const codeWith =
  (services: Services): Handler =>
  async (request, response) => {
    const now = services.now();
    const account = await pendingOf(request, now);
    if (!account) return response.redirect(303, '/sign-in');
    const proof = await proveSecondFactor(account.id, single(request.body.code), {
      secrets: services.config.secretKeys,
      now,
    });
    if (!proof) {
      await audit({ actor: account.email, action: 'typed a wrong code', kind: 'access' });
      return showCode(request, response, { wrong: true });
    }
    await beginSession(request, account, now);
    const action = proof === 'app' ? 'signed in with a code' : 'signed in with a recovery code';
    await audit({ actor: account.email, action, kind: 'access' });
    response.redirect(303, destination(account, request.query['next']));
  };

const signOut: Handler = async (request, response) => {
  const { account, signedIn } = request.session;
  if (account && signedIn) await endSession(account, signedIn);
  await new Promise((resolve) => request.session.destroy(resolve));
  response.redirect(303, '/sign-in');
};

const setUpWith =
  (services: Services): Handler =>
  async (request, response) => {
    const token = String(request.params['token']);
    const setup = await findSetup(token, services.now());
    const typed = { email: single(request.body.email).trim(), name: single(request.body.name).trim().slice(0, 200) };
    try {
      const account = await redeemSetup(token, { ...typed, password: single(request.body.password) }, services.now());
      const action = setup.reset ? 'chose a new password' : 'set up their account';
      await audit({ actor: account.email, action, kind: 'access' });
      await enter(request, response, { account, services, action: 'signed in' });
    } catch (error) {
      if (!(error instanceof GatefoldError) || !['invalid', 'conflict'].includes(error.kind)) throw error;
      await showSetup(request, response, { ...setup, typed, mistake: error });
    }
  };

async function showSignIn(
  request: Request,
  response: Response,
  { typed = '', wrong = false }: { typed?: string; wrong?: boolean },
): Promise<void> {
  const next = single(request.query['next']);
  const locals = { title: wrong ? 'Error: sign in' : 'Sign in', typed, wrong, next };
  await renderPage(request, response, 'accounts/sign-in', locals, { status: wrong ? 422 : 200 });
}

async function showCode(request: Request, response: Response, { wrong = false }: { wrong?: boolean }): Promise<void> {
  const next = single(request.query['next']);
  const locals = { title: wrong ? 'Error: your code' : 'Your code', wrong, next };
  await renderPage(request, response, 'accounts/code', locals, { status: wrong ? 422 : 200 });
}

interface SetupView {
  account?: Account;
  reset?: true;
  typed: { email?: string; name?: string };
  mistake?: GatefoldError;
}

async function showSetup(request: Request, response: Response, view: SetupView): Promise<void> {
  const { account, reset, typed, mistake } = view;
  const title = reset ? 'Choose a new password' : 'Set up your account';
  const locals = {
    title: mistake ? `Error: ${title.toLowerCase()}` : title,
    email: account?.email,
    reset: reset === true,
    typed: { email: typed.email ?? '', name: typed.name ?? account?.name ?? '' },
    mistake,
    field: mistake?.code === 'password-length' ? 'password' : 'email',
  };
  await renderPage(request, response, 'accounts/setup', locals, { status: mistake ? 422 : 200 });
}
