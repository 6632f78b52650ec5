import { Router } from 'express';
import { findCampaign } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { findRequest, isHeld, prove } from '../leads/leads';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { paperCard } from './paper-view';
import { openToken } from './reader-token';

/**
 * The proof of a mailbox. Mail scanners open links, so opening shows a page with one button, and only the button proves.
 */
export function proofRoutes(services: Services): Router {
  const router = Router();

  router.get('/v/:token', async (request, response) => {
    const ref = await mailRef(services, request.params.token);
    const found = await findRequest(ref);
    if (!found) throw unproven();
    response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' });
    await renderPage(request, response, 'landing/prove', {
      title: 'Confirm your address',
      email: found.answers.email,
      held: isHeld(found),
    });
  });

  router.post('/v/:token', async (request, response) => {
    const ref = await mailRef(services, request.params.token);
    const lead = await prove(ref, services.now());
    if (!lead) throw unproven();
    services.nudge();
    response.set('Cache-Control', 'no-store');
    const campaign = await findCampaign(lead.campaign);
    await renderPage(request, response, 'landing/proved', {
      title: 'Your address is confirmed',
      paper: campaign && (await paperCard(campaign)),
      download: `/d/${request.params.token}`,
    });
  });

  return router;
}

/** The request of a token that went through the mailbox; a page token proves nothing and is as good as none. */
async function mailRef(services: Services, text: string): Promise<string> {
  const token = await openToken(services, text);
  if (token.channel !== 'mail') throw unproven();
  return token.request;
}

function unproven(): GatefoldError {
  return new GatefoldError('not-found', 'no-proof', {
    log: 'a proof link that proves nothing',
    reader: 'This link can’t confirm an address.',
    wayOut: 'Use the link in the message that brought you the paper.',
  });
}
