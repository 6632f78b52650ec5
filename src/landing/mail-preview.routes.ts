import { type Request, type Response, Router } from 'express';
import type { Campaign } from '../campaigns/campaign.types';
import { findCampaign, preparedWhitepaper, readForm, unknownCampaign } from '../campaigns/campaigns';
import { previewLetter } from '../deliveries/deliveries';
import { GatefoldError } from '../errors';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import { framedMail } from '../web/secure';
import type { Services } from '../web/services';
import { sampleAnswers } from './sample-answers';
import { requestOf } from './whitepaper.routes';

type Asked = Request<{ slug: string; which: string }>;

/** No request has it, so that no link of a preview opens anything. */
const NOBODY = '0000-0000-0000';

/** The messages of a campaign as its readers get them, made by the same function; nothing is sent. */
export function mailPreviewRoutes(services: Services): Router {
  const router = Router();

  router.get('/staff/campaigns/:slug/mail/:which', requireStaff(), async (request: Asked, response: Response) => {
    const campaign = await mustFind(request);
    const message = await previewed(services, request, response, campaign);
    const followUps = (campaign.mail.followUps ?? []).map((_, n) => [String(n), `Follow-up ${n + 1}`]);
    const messages = [['copy', 'The copy'], ['confirmation', 'The button before it'], ...followUps];
    const locals = { title: `Mail of ${campaign.title}`, campaign, message, messages, which: request.params.which };
    await renderPage(request, response, 'mail/preview', locals);
  });

  router.get('/staff/campaigns/:slug/mail/:which/html', requireStaff(), async (request: Asked, response: Response) => {
    const { html } = await previewed(services, request, response, await mustFind(request));
    response.set({ 'Content-Security-Policy': framedMail, 'X-Frame-Options': 'SAMEORIGIN' });
    const { look } = request.query;
    const shown = look === 'light' || look === 'dark' ? inLook(html, look) : html;
    response.type('html').send(`<base target="_blank">${shown}`);
  });

  return router;
}

/** As a mail program of that look shows it, whatever the browser's own is. */
function inLook(html: string, look: 'light' | 'dark'): string {
  return html
    .replaceAll('@media (prefers-color-scheme: dark)', look === 'dark' ? '@media all' : '@media not all')
    .replaceAll('content="light dark"', `content="${look}"`);
}

async function mustFind({ params: { slug } }: Asked): Promise<Campaign> {
  const campaign = await findCampaign(slug);
  if (!campaign) throw unknownCampaign(slug);
  return campaign;
}

/** To whoever looks, with a willing reader's answers. */
async function previewed(services: Services, request: Asked, response: Response, found: Campaign) {
  const { which } = request.params;
  const place = /^[0-9]$/.test(which) ? Number(which) : undefined;
  if (place === undefined && which !== 'copy' && which !== 'confirmation') throw unknownCampaign(which);
  const whitepaper = await preparedWhitepaper(found, services.config.dataDir);
  const campaign = { ...found, whitepaper };
  const who = { email: accountOf(response).email, firstName: 'Łukasz', lastName: 'Żółć', company: 'Example Homes' };
  const form = readForm(campaign, sampleAnswers(campaign, who));
  if ('errors' in form) {
    throw new GatefoldError('unprocessable', 'no-sample', {
      log: `the form of ${campaign.slug} takes no sample`,
      reader: form.errors[0]?.message ?? 'The form takes no sample answers.',
    });
  }
  const asked = requestOf(services, request, { campaign, value: form.value, now: services.now() });
  const sample = { ...asked, ref: NOBODY, lead: NOBODY };
  return previewLetter(place ?? (which === 'copy' ? 'copy' : 'confirmation'), { campaign, request: sample }, services);
}
