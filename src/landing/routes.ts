import { type Request, type Response, Router } from 'express';
import type { Campaign } from '../campaigns/campaign.types';
import {
  addressOf,
  availability,
  campaignAt,
  listCampaigns,
  openCampaigns,
  topicSlug,
  topicsOf,
  unknownCampaign,
} from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { listSponsors } from '../sponsors/sponsors';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { againRoutes, linkGonePages } from './again.routes';
import { showArticlePage } from './article-page';
import { downloadRoutes } from './download.routes';
import { ownPageRoutes } from './me.routes';
import { movedTo } from './moved';
import { paperCards } from './paper-view';
import { pictureRoutes } from './picture.routes';
import { proofRoutes } from './proof.routes';
import { thanksRoutes } from './thanks.routes';
import { unsubscribeRoutes } from './unsubscribe.routes';
import { whitepaperRoutes } from './whitepaper.routes';

/** Everything that is open to the street. */
export function landingRoutes(services: Services): Router {
  const router = Router();
  router.get('/', (request, response) => showCatalogue(services, request, response));
  router.get('/topics/:topic', (request, response) => showCatalogue(services, request, response, request.params.topic));
  router.get('/articles/:slug', (request, response) => showArticle(services, request, response, request.params.slug));
  router.get('/privacy', showPrivacy);
  router.use(unsubscribeRoutes(services));
  router.use(whitepaperRoutes(services), pictureRoutes(services), thanksRoutes(services));
  router.use(downloadRoutes(services), proofRoutes(services), againRoutes(services), ownPageRoutes(services));
  router.use(linkGonePages);
  return router;
}

async function showCatalogue({ now }: Services, request: Request, response: Response, topic?: string): Promise<void> {
  const open = await openCampaigns(now());
  const topics = await topicsOf(open);
  const chosen = topics.find(({ slug }) => slug === topic);
  if (topic !== undefined && !chosen) throw unknownTopic(topic);
  const shown = chosen ? open.filter((campaign) => campaign.topics.some((name) => topicSlug(name) === topic)) : open;
  const title = chosen ? `Whitepapers on ${chosen.name}` : 'Whitepapers and reports';
  await renderPage(request, response, 'landing/catalogue', {
    title,
    topics,
    chosen,
    papers: await paperCards(shown),
  });
}

function unknownTopic(topic: string): GatefoldError {
  return new GatefoldError('not-found', 'unknown-topic', {
    log: `no open campaign is about ${JSON.stringify(topic)}`,
    reader: 'We have no open paper on this topic.',
    wayOut: 'Have a look at all papers that are open now.',
  });
}

async function showArticle(services: Services, request: Request, response: Response, slug: string): Promise<void> {
  const campaign = await findPublic(slug, services.now());
  const { article } = campaign;
  if (!article) throw unknownCampaign(slug);
  if (slug !== addressOf(campaign)) return response.redirect(301, movedTo(request, `/articles/${addressOf(campaign)}`));
  await showArticlePage(services, request, response, { campaign, article });
}

/** A campaign that the street may know of; a draft, or one that opens later, is as unknown as none. */
async function findPublic(slug: string, now: Date): Promise<Campaign> {
  const campaign = await campaignAt(slug);
  if (!campaign || availability(campaign, now) === 'hidden') throw unknownCampaign(slug);
  return campaign;
}

async function showPrivacy(request: Request, response: Response): Promise<void> {
  const [sponsors, campaigns] = await Promise.all([listSponsors(), listCampaigns()]);
  const seen = new Set(campaigns.filter(({ status }) => status !== 'draft').flatMap((campaign) => campaign.sponsors));
  await renderPage(request, response, 'landing/privacy', {
    title: 'Privacy',
    sponsors: sponsors.filter(({ slug }) => seen.has(slug)),
  });
}
