import { type NextFunction, type Request, type Response, Router } from 'express';
import { findCampaign } from '../campaigns/campaigns';
import { ALL_FOLLOW_UPS, suppress } from '../deliveries/deliveries';
import { GatefoldError } from '../errors';
import { findLead, type Lead, withdraw } from '../leads/leads';
import { readUrlEncoded } from '../web/body';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';

type ByToken = Request<{ token: string }>;

interface Asked {
  lead: Lead;
  /** Key of the consent that the message was sent under. */
  consent: string;
}

/**
 * The way out of follow-ups. A mail program posts it with one click (RFC 8058: no cookie, no question); a person who opens
 * the link gets a page with a button, because scanners open links, too.
 */
export function unsubscribeRoutes(services: Services): Router {
  const router = Router();

  router.get('/u/:token', async (request: ByToken, response) => {
    const asked = await findAsked(services, request.params.token);
    await show(request, response, asked, 'landing/unsubscribe', 'Unsubscribe');
  });

  router.post('/u/:token', readBody, async (request: ByToken, response: Response) => {
    const asked = await findAsked(services, request.params.token);
    await unsubscribe(services, asked, request.body['all'] === 'yes');
    services.nudge();
    await show(request, response, asked, 'landing/unsubscribed', 'You are unsubscribed');
  });

  return router;
}

/** RFC 8058, 3.2: a mail program may post `multipart/form-data`, too; what it says there is known. */
function readBody(request: Request, response: Response, next: NextFunction): void {
  if (request.is('application/x-www-form-urlencoded')) return void readUrlEncoded(request, response, next);
  request.body = {};
  next();
}

/** The list first: it stops what is about to go, whatever becomes of the rest. */
async function unsubscribe({ links, now }: Services, { lead, consent }: Asked, all: boolean): Promise<void> {
  const purpose = all ? ALL_FOLLOW_UPS : consent;
  await suppress({ who: lead.email, purpose, why: 'unsubscribed', at: now() });
  await withdraw(lead.id, consent, `${links.origin}/u/`, now());
}

async function findAsked({ links }: Services, token: string): Promise<Asked> {
  const read = links.readUnsubscribeToken(token);
  const lead = read && (await findLead(read.lead));
  if (read && lead) return { lead, consent: read.consent };
  throw new GatefoldError('not-found', 'unknown-unsubscribe', {
    log: 'an unsubscribe link that names no lead',
    reader: 'This link is not complete, or what it was about has been deleted.',
    wayOut: 'Copy the whole link from the message. If you still get mail, write to us.',
  });
}

async function show(
  request: Request,
  response: Response,
  { lead, consent }: Asked,
  view: string,
  title: string,
): Promise<void> {
  response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex', 'Referrer-Policy': 'no-referrer' });
  const campaign = await findCampaign(lead.campaign);
  const text = lead.current.consents.find(({ key }) => key === consent)?.text ?? '';
  await renderPage(request, response, view, { title, email: lead.email, text, paper: campaign?.title ?? '' });
}
