import { type Request, type Response, Router } from 'express';
import type { Article, Campaign, Site } from '../campaigns/campaign.types';
import {
  addressOf,
  availability,
  campaignAt,
  openCampaigns,
  site as publisher,
  topicsOf,
  unknownCampaign,
} from '../campaigns/campaigns';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { articleText } from './article-text';
import { movedTo } from './moved';
import { paperCard, promoLink } from './paper-view';
import { socialOf } from './social';

/** Articles that a paper is promoted in. */
export function articleRoutes(services: Services): Router {
  const router = Router();
  router.get('/articles/:slug', (request, response) => showArticle(services, request, response, request.params.slug));
  return router;
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

/** The text about a paper with its promo box; as a preview it says so, and has the box whether the campaign is open or not. */
export async function showArticlePage(
  { links, now }: Services,
  request: Request,
  response: Response,
  { campaign, article, preview = false }: { campaign: Campaign; article: Article; preview?: boolean },
): Promise<void> {
  const site = await publisher();
  const paper = await paperCard(campaign, { draft: preview });
  const page = { url: links.article(addressOf(campaign)), title: article.title, description: campaign.introduction };
  await renderPage(request, response, 'landing/article', {
    title: article.title,
    social: preview ? undefined : socialOf(links, paper, page),
    article,
    date: articleDate(article.date, site),
    topics: await topicsOf([{ ...campaign, topics: article.related }]),
    openTopics: (await topicsOf(await openCampaigns(now()))).map((topic) => topic.slug),
    text: articleText(article.markdown),
    paper: preview || availability(campaign, now()) === 'open' ? paper : undefined,
    promoLink: preview ? `/staff/campaigns/${campaign.slug}/preview` : promoLink(campaign, site),
    preview: preview ? campaign.slug : undefined,
  });
}

/** A day of publication is a day everywhere. */
function articleDate(date: string, site: Site): { iso: string; text: string } {
  const text = new Intl.DateTimeFormat(site.locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(date));
  return { iso: date, text };
}
