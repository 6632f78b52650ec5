import { type Request, type Response, Router } from 'express';
import { networkOf } from '../network';
import { readForm } from '../web/csrf';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { audit, spendReset, wantReset } from './accounts';
import { single } from './entrance.routes';

/** A forgotten password: the same answer after the same work, whether or not anybody has the address. */
export function forgottenRoutes(services: Services): Router {
  const router = Router();
  router.get('/forgotten', (request, response) => show(request, response, { sent: false }));

  router.post('/forgotten', readForm, async (request, response) => {
    const email = single(request.body.email).trim().slice(0, 320);
    if (email === '') return show(request, response, { sent: false, missing: true });
    if (await spendReset(email, networkOf(request.ip ?? ''))) await wantReset(email, services.now());
    services.nudge();
    await audit({ actor: 'nobody', action: 'asked for a new password', kind: 'access' });
    await show(request, response, { sent: true });
  });

  return router;
}

async function show(request: Request, response: Response, view: { sent: boolean; missing?: boolean }): Promise<void> {
  const { sent, missing = false } = view;
  const title = missing ? 'Error: forgotten password' : 'Forgotten password';
  await renderPage(request, response, 'accounts/forgotten', { title, sent, missing }, { status: missing ? 422 : 200 });
}
