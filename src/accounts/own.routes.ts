import { type Request, type Response, Router } from 'express';
import { site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { networkOf } from '../network';
import { confirmed } from '../web/confirm';
import { readForm } from '../web/csrf';
import { accountOf, requireSignedIn } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  audit,
  authenticate,
  changePassword,
  changeProfile,
  endSession,
  endSessions,
  listSessions,
  recoveryCodesLeft,
  secondFactorRoles,
  setDigest,
  wantAddressNote,
} from './accounts';
import { single } from './entrance.routes';
import { secondFactorRoutes } from './second-factor.routes';

/** What everybody may do with their own account: name, address, password, second factor, sessions, digest. */
export function ownRoutes(services: Services): Router {
  const router = Router();
  router.use('/account', requireSignedIn, officeOf);
  router.get('/account', (request, response) => showAccount(request, response, {}));
  router.post('/account/profile', readForm, confirmed(services), changeOwnProfile(services));
  router.post('/account/password', readForm, changeOwnPassword);
  router.post('/account/digest', readForm, async (request, response) => {
    const account = accountOf(response);
    const rhythm = (['daily', 'weekly'] as const).find((one) => one === request.body.digest) ?? null;
    await setDigest(account.id, rhythm, services.now());
    await audit({
      actor: account.email,
      action: 'chose their digest',
      subject: account.email,
      before: { digest: account.digest ?? 'off' },
      after: { digest: rhythm ?? 'off' },
    });
    response.redirect(303, '/account?done=digest');
  });
  router.post('/account/sessions/end-others', readForm, async (request, response) => {
    const { id, email } = accountOf(response);
    await endSessions(id, request.session.signedIn);
    await audit({ actor: email, action: 'ended their other sessions', subject: email, kind: 'access' });
    response.redirect(303, '/account?done=sessions');
  });
  router.post('/account/sessions/:session/end', readForm, async (request, response) => {
    const { id, email } = accountOf(response);
    await endSession(id, String(request.params['session']));
    await audit({ actor: email, action: 'ended a session', subject: email, kind: 'access' });
    response.redirect(303, '/account?done=sessions');
  });
  router.use(secondFactorRoutes(services));
  return router;
}

/** The frame of the part of the house that the person works in. */
function officeOf(_request: Request, response: Response, next: () => void): void {
  const { role } = accountOf(response);
  response.locals['layout'] = role.startsWith('sponsor') ? 'web/portal-layout' : 'web/staff-layout';
  next();
}

type Handler = (request: Request, response: Response) => Promise<void>;

const changeOwnProfile =
  (services: Services): Handler =>
  async (request, response) => {
    const account = accountOf(response);
    const typed = { name: single(request.body.name).trim(), email: single(request.body.email).trim() };
    try {
      await changeProfile(account, typed);
    } catch (error) {
      if (!(error instanceof GatefoldError)) throw error;
      return showAccount(request, response, { typed, mistake: error, field: 'email' });
    }
    if (typed.email !== account.email) await wantAddressNote(account.id, account.email);
    services.nudge();
    const { name, email } = account;
    await audit({
      actor: email,
      action: 'changed their profile',
      subject: email,
      before: { name, email },
      after: typed,
    });
    response.redirect(303, '/account?done=profile');
  };

const changeOwnPassword: Handler = async (request, response) => {
  const account = accountOf(response);
  const known = await authenticate(account.email, single(request.body.current), networkOf(request.ip ?? ''));
  const wrong = new GatefoldError('invalid', 'password-wrong', 'That is not your password.');
  if (!known) return showAccount(request, response, { mistake: wrong, field: 'current' });
  try {
    await changePassword(account.id, single(request.body.password), request.session.signedIn);
  } catch (error) {
    if (!(error instanceof GatefoldError)) throw error;
    return showAccount(request, response, { mistake: error, field: 'password' });
  }
  await audit({ actor: account.email, action: 'changed their password', subject: account.email, kind: 'access' });
  response.redirect(303, '/account?done=password');
};

interface AccountView {
  typed?: { name: string; email: string };
  mistake?: GatefoldError;
  field?: string;
}

async function showAccount(
  request: Request,
  response: Response,
  { typed, mistake, field }: AccountView,
): Promise<void> {
  const account = accountOf(response);
  const [{ locale, timezone }, sessions, left, roles] = await Promise.all([
    site(),
    listSessions(account.id),
    recoveryCodesLeft(account.id),
    secondFactorRoles(),
  ]);
  const locals = {
    title: mistake ? 'Error: your account' : 'Your account',
    me: account,
    typed: typed ?? { name: account.name, email: account.email },
    mistake,
    field,
    sessions,
    here: request.session.signedIn,
    left,
    must: roles.includes(account.role),
    done: single(request.query['done']),
    when: (at: Date) => longDateTime(at, locale, timezone),
  };
  await renderPage(request, response, 'accounts/account', locals, { status: mistake ? 422 : 200 });
}
