import { type Request, type Response, Router } from 'express';
import { site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { confirmed } from '../web/confirm';
import { readForm } from '../web/csrf';
import { accountOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  audit,
  enrolSecondFactor,
  newSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
  secondFactorRoles,
  showSecondFactor,
} from './accounts';
import { single } from './entrance.routes';

type Handler = (request: Request, response: Response) => Promise<void>;

/** A second factor of one's own: set up, new recovery codes, taken off. Mounted behind `/account`. */
export function secondFactorRoutes(services: Services): Router {
  const router = Router();
  router.get('/account/second-factor', async (request, response) => {
    if (accountOf(response).secondAt) return response.redirect(303, '/account');
    await showEnrolment(request, response, { services, wrong: false });
  });
  router.post('/account/second-factor', readForm, confirmed(services), enrol(services));
  router.post('/account/recovery-codes', readForm, confirmed(services), async (request, response) => {
    const { id, email, secondAt } = accountOf(response);
    if (!secondAt) return response.redirect(303, '/account/second-factor');
    const codes = await renewRecoveryCodes(id);
    await audit({ actor: email, action: 'made new recovery codes', subject: email, kind: 'access' });
    await showCodes(request, response, codes);
  });
  router.post('/account/second-factor/remove', readForm, confirmed(services), remove);
  return router;
}

const enrol =
  (services: Services): Handler =>
  async (request, response) => {
    const account = accountOf(response);
    const { enrolling: seal } = request.session;
    if (account.secondAt || !seal) return response.redirect(303, '/account/second-factor');
    const codes = await enrolSecondFactor(account, {
      seal,
      code: single(request.body.code),
      secrets: services.config.secretKeys,
      now: services.now(),
    });
    if (!codes) return showEnrolment(request, response, { services, wrong: true });
    delete request.session.enrolling;
    const { email } = account;
    await audit({ actor: email, action: 'set up a second factor', subject: email, kind: 'access' });
    await showCodes(request, response, codes);
  };

const remove: Handler = async (_request, response) => {
  const { id, email, role } = accountOf(response);
  if ((await secondFactorRoles()).includes(role)) {
    throw new GatefoldError('conflict', 'second-factor-required', {
      log: 'a second factor that the role must have',
      reader: 'Your role needs a second factor.',
      wayOut: 'If you have a new telephone, ask an administrator to take the old one off.',
    });
  }
  await removeSecondFactor(id);
  await audit({ actor: email, action: 'took off their second factor', subject: email, kind: 'access' });
  response.redirect(303, '/account?done=second');
};

async function showEnrolment(
  request: Request,
  response: Response,
  { services, wrong }: { services: Services; wrong: boolean },
): Promise<void> {
  const { secretKeys: secrets } = services.config;
  const { email, role } = accountOf(response);
  // The same until it is used, so that a reload does not spoil what was scanned already.
  request.session.enrolling ??= newSecondFactor(secrets);
  const { name } = await site();
  const shown = showSecondFactor(request.session.enrolling, { secrets, issuer: name, label: email });
  const must = (await secondFactorRoles()).includes(role);
  const title = wrong ? 'Error: second factor' : 'Second factor';
  const locals = { title, ...shown, wrong, must };
  await renderPage(request, response, 'accounts/second-factor', locals, { status: wrong ? 422 : 200 });
}

async function showCodes(request: Request, response: Response, codes: string[]): Promise<void> {
  await renderPage(request, response, 'accounts/recovery-codes', { title: 'Recovery codes', codes });
}
