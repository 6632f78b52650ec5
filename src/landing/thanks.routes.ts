import { type Request, type Response, Router } from 'express';
import type { Campaign } from '../campaigns/campaign.types';
import { campaignAt, EMAIL_MAX, markdownHtml, openCampaigns, readEmail, unknownCampaign } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import type { AddressClass, LeadRequest } from '../leads/lead.types';
import { correct, emailKey, findRequest, isHeld } from '../leads/leads';
import { readUrlEncoded } from '../web/body';
import { limitPosts } from '../web/limits';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { onSite, paperCard, paperCards, related } from './paper-view';
import { openToken } from './reader-token';

interface Thanked {
  campaign: Campaign;
  request: LeadRequest;
  token: string;
}

/** The page after the form, and the correction of a mistyped address. It knows only what was just typed. */
export function thanksRoutes(services: Services): Router {
  const router = Router();

  router.get('/w/:slug/thanks', async (request, response) => {
    const thanked = await findThanked(services, request.params.slug, request.query['t']);
    await showThanks(services, request, response, thanked);
  });

  router.post(
    '/w/:slug/thanks',
    limitPosts(services),
    readUrlEncoded,
    async (request: Request<{ slug: string }>, response: Response) => {
      const thanked = await findThanked(services, request.params.slug, request.query['t']);
      const typed = request.body['email'];
      const read = readEmail(thanked.campaign, typed);
      if ('errors' in read) {
        const mistake = { typed: typeof typed === 'string' ? typed : '', message: read.errors[0]?.message };
        return showThanks(services, request, response, thanked, mistake);
      }
      const { ref } = await corrected(services, thanked.request, read);
      const { links, now } = services;
      response.redirect(303, onSite(links.thanks(thanked.campaign.slug, links.readerToken(ref, 'page', now()))));
    },
  );

  return router;
}

/** The request with the right address; the address that it has already changes nothing. */
async function corrected(
  services: Services,
  wrong: LeadRequest,
  right: { email: string; addressClass: AddressClass },
): Promise<LeadRequest> {
  if (emailKey(wrong.answers.email) === emailKey(right.email)) return wrong;
  const request = await correct(wrong.ref, right.email, right.addressClass, services.now());
  services.nudge();
  return request;
}

/** Only the page token of a request of this very campaign opens its thank-you page. */
async function findThanked(services: Services, slug: string, token: unknown): Promise<Thanked> {
  const { request: ref, channel } = await openToken(services, token);
  const [campaign, request] = await Promise.all([campaignAt(slug), findRequest(ref)]);
  if (!campaign) throw unknownCampaign(slug);
  if (channel !== 'page' || !request || request.campaign !== campaign.slug) {
    throw new GatefoldError('not-found', 'unknown-request', {
      log: 'a reader token that fits no request of this campaign',
      reader: 'This address is not complete.',
      wayOut: 'Open the paper again and send the form once more.',
    });
  }
  return { campaign, request, token: String(token) };
}

function titleOf(captured: LeadRequest): string {
  return isHeld(captured) ? 'Confirm your address to get your paper' : 'Your paper is on its way';
}

async function showThanks(
  { now }: Services,
  request: Request,
  response: Response,
  { campaign, request: captured, token }: Thanked,
  mistake?: { typed: string; message: string | undefined },
): Promise<void> {
  response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' });
  const locals = {
    title: mistake ? 'Error: correct your address' : titleOf(captured),
    held: isHeld(captured),
    paper: await paperCard(campaign),
    text: campaign.thanks && markdownHtml(campaign.thanks),
    more: await paperCards(related(campaign, await openCampaigns(now()))),
    email: captured.answers.email,
    token,
    download: `/d/${token}`,
    emailMax: EMAIL_MAX,
    mistake,
  };
  await renderPage(request, response, 'landing/thanks', locals, { status: mistake ? 422 : 200 });
}
