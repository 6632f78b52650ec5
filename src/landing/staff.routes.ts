import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import type { Campaign } from '../campaigns/campaign.types';
import {
  type FormView,
  findCampaign,
  formView,
  preparedWhitepaper,
  site as publisher,
  readForm as readAnswers,
  type Typed,
  typedOf,
  unknownCampaign,
} from '../campaigns/campaigns';
import { capture } from '../leads/leads';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { showArticlePage } from './article.routes';
import { mailPreviewRoutes } from './mail-preview.routes';
import { paperCard } from './paper-view';
import { staffPictureRoutes } from './picture.routes';
import { type Sample, sampleAnswers } from './sample-answers';
import { requestOf, showPaper, thanksAddress } from './whitepaper.routes';

type Asked = Request<{ slug: string }>;

/**
 * The landing page as its readers will see it, whatever the campaign's status. What is sent from it is a test lead: the
 * same form, capture, copy and message, and nothing that a figure, an export or a sponsor could meet.
 */
export function staffPreviewRoutes(services: Services): Router {
  const router = Router();
  router.use(staffPictureRoutes(), mailPreviewRoutes(services));

  router.get('/staff/campaigns/:slug/preview', requireStaff(), async (request: Asked, response: Response) => {
    const [campaign, { locale }] = await Promise.all([mustFind(request), publisher()]);
    await showPreview(services, request, response, campaign, formView(campaign, locale));
  });

  router.get('/staff/campaigns/:slug/promo', requireStaff(), async (request: Asked, response: Response) => {
    const campaign = await mustFind(request);
    const { article, slug } = campaign;
    response.locals['layout'] = 'web/layout';
    if (article) return showArticlePage(services, request, response, { campaign, article, preview: true });
    const paper = await paperCard(campaign, { draft: true });
    const locals = { title: `Promo box of ${campaign.title}`, paper, promoLink: `/staff/campaigns/${slug}/preview` };
    await renderPage(request, response, 'landing/promo-preview', locals);
  });

  router.post(
    '/staff/campaigns/:slug/preview',
    requireStaff('admin', 'marketer'),
    readForm,
    async (request: Asked, response: Response) => {
      await sendTest(services, request, response, request.body);
    },
  );

  // The same with one click: a willing reader's answers, under the name and to the address that staff typed.
  router.post(
    '/staff/campaigns/:slug/test',
    requireStaff('admin', 'marketer'),
    readForm,
    async (request: Asked, response: Response) => {
      await sendTest(services, request, response, sampleAnswers(await mustFind(request), sampleOf(request.body)));
    },
  );

  return router;
}

async function mustFind({ params: { slug } }: Asked): Promise<Campaign> {
  const campaign = await findCampaign(slug);
  if (!campaign) throw unknownCampaign(slug);
  return campaign;
}

function sampleOf(body: Record<string, unknown>): Sample {
  const text = (key: string, fallback: string) => {
    const value = body[key];
    return typeof value === 'string' && value.trim() !== '' ? value : fallback;
  };
  return {
    email: text('email', ''),
    firstName: text('firstName', 'Łukasz'),
    lastName: text('lastName', 'Żółć'),
    company: text('company', 'Example Homes'),
  };
}

async function sendTest(services: Services, request: Asked, response: Response, typed: Typed): Promise<void> {
  const campaign = await mustFind(request);
  const form = readAnswers(campaign, typed);
  if ('errors' in form) {
    const { locale } = await publisher();
    return showPreview(
      services,
      request,
      response,
      campaign,
      formView(campaign, locale, typedOf(campaign, typed), form.errors),
    );
  }
  const now = services.now();
  const whitepaper = await preparedWhitepaper(campaign, services.config.dataDir);
  const asked = requestOf(services, request, { campaign: { ...campaign, whitepaper }, value: form.value, now });
  const captured = await capture({ ...asked, suspicions: [], test: true });
  services.nudge();
  await audit({ actor: accountOf(response).email, action: 'sent a test', subject: `${campaign.slug} ${captured.ref}` });
  response.redirect(303, thanksAddress(services, captured, now));
}

async function showPreview(
  services: Services,
  request: Asked,
  response: Response,
  campaign: Campaign,
  form: FormView,
): Promise<void> {
  response.locals['layout'] = 'web/layout';
  const mayTest = campaign.upload !== undefined && accountOf(response).role !== 'analyst';
  await showPaper(services, request, response, { campaign, form, preview: { mayTest } });
}
