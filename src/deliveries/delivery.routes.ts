import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { EMAIL_MAX, findCampaign, readEmail, site, unknownCampaign } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { correct, emailKey, findRequest, type LeadRequest } from '../leads/leads';
import { longDateTime } from '../locale';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { cancel, type Delivery, findDelivery, reissue, revocationsOf, revokeLinks } from './deliveries';

type ById = Request<{ id: string }>;

/** One delivery with all that happened to it; called off, or put right when the reader says that the address is wrong. */
export function staffDeliveryPage(services: Services): Router {
  const router = Router();
  const decide = [requireStaff('admin', 'marketer'), readForm];

  router.get('/staff/deliveries/:id', async (request: ById, response) => showDelivery(request, response));

  router.post('/staff/deliveries/:id/cancel', ...decide, async (request: ById, response: Response) => {
    const actor = accountOf(response).email;
    const { id, request: ref } = await cancel(request.params.id, actor, services.now());
    services.nudge();
    await audit({ actor, action: 'called off a delivery', subject: ref });
    response.redirect(303, `/staff/deliveries/${id}`);
  });

  router.post('/staff/deliveries/:id/revoke', ...decide, async (request: ById, response: Response) => {
    const { wrong } = await mustFind(request.params.id);
    const actor = accountOf(response).email;
    await revokeLinks(wrong.ref, actor, services.now());
    await audit({ actor, action: 'took links back', subject: wrong.ref });
    response.redirect(303, `/staff/deliveries/${request.params.id}`);
  });

  router.post('/staff/deliveries/:id/reissue', ...decide, async (request: ById, response: Response) => {
    const { wrong } = await mustFind(request.params.id);
    const actor = accountOf(response).email;
    await reissue(wrong.ref, actor, services.now(), services.config.limits);
    services.nudge();
    await audit({ actor, action: 'gave out new links', subject: wrong.ref });
    response.redirect(303, `/staff/leads/${wrong.lead}`);
  });

  router.post('/staff/deliveries/:id/correct', ...decide, (request: ById, response: Response) =>
    correctAddress(services, request, response),
  );

  return router;
}

async function correctAddress(services: Services, request: ById, response: Response): Promise<void> {
  const { wrong } = await mustFind(request.params.id);
  const campaign = await findCampaign(wrong.campaign);
  if (!campaign) throw unknownCampaign(wrong.campaign);
  const typed = String(request.body['email'] ?? '');
  const read = readEmail(campaign, typed);
  if ('errors' in read) return showDelivery(request, response, { typed, message: read.errors[0]?.message });
  if (emailKey(read.email) === emailKey(wrong.answers.email)) {
    return showDelivery(request, response, { typed, message: 'This is the address that it has already' });
  }
  const right = await correct(wrong.ref, read.email, read.addressClass, services.now(), 'staff');
  services.nudge();
  // Without the addresses: the log is never erased.
  await audit({ actor: accountOf(response).email, action: 'corrected an address', subject: wrong.ref });
  response.redirect(303, `/staff/leads/${right.lead}`);
}

async function showDelivery(
  request: ById,
  response: Response,
  mistake?: { typed: string; message: string | undefined },
): Promise<void> {
  const [{ delivery, wrong }, { locale, timezone }] = await Promise.all([mustFind(request.params.id), site()]);
  const actor = accountOf(response).email;
  await audit({ actor, kind: 'read', action: 'opened delivery', subject: delivery.lead });
  const when = (at: Date) => longDateTime(at, locale, timezone);
  const title = mistake ? 'Error: correct the address' : `Delivery to ${delivery.to}`;
  const mayCorrect = wrong.correctedAt === undefined && accountOf(response).role !== 'analyst';
  const revoked = await revocationsOf([wrong.ref]);
  const locals = { title, delivery, when, mistake, mayCorrect, revoked, emailMax: EMAIL_MAX };
  await renderPage(request, response, 'deliveries/delivery', locals, { status: mistake ? 422 : 200 });
}

async function mustFind(id: string): Promise<{ delivery: Delivery; wrong: LeadRequest }> {
  const delivery = await findDelivery(id);
  const wrong = delivery && (await findRequest(delivery.request));
  if (delivery && wrong) return { delivery, wrong };
  throw new GatefoldError('not-found', 'unknown-delivery', {
    log: 'no such delivery',
    reader: 'There is no such delivery.',
    wayOut: 'Look for it in the list of deliveries.',
  });
}
