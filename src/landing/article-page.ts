import type { Request, Response } from 'express';
import type { Article, Campaign, Site } from '../campaigns/campaign.types';
import { addressOf, availability, openCampaigns, site as publisher, topicsOf } from '../campaigns/campaigns';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { articleText } from './article-text';
import { paperCard, promoLink } from './paper-view';
import { socialOf } from './social';

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
