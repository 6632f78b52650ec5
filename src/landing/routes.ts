import { type Request, type Response, Router } from 'express';
import { listCampaigns, openCampaigns, topicSlug, topicsOf } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { listSponsors } from '../sponsors/sponsors';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { againRoutes, linkGonePages } from './again.routes';
import { articleRoutes } from './article.routes';
import { downloadRoutes } from './download.routes';
import { ownPageRoutes } from './me.routes';
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
  router.get('/privacy', showPrivacy);
  router.use(unsubscribeRoutes(services));
  router.use(articleRoutes(services), whitepaperRoutes(services), pictureRoutes(services), thanksRoutes(services));
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

async function showPrivacy(request: Request, response: Response): Promise<void> {
  const [sponsors, campaigns] = await Promise.all([listSponsors(), listCampaigns()]);
  const seen = new Set(campaigns.filter(({ status }) => status !== 'draft').flatMap((campaign) => campaign.sponsors));
  await renderPage(request, response, 'landing/privacy', {
    title: 'Privacy',
    sponsors: sponsors.filter(({ slug }) => seen.has(slug)),
  });
}
