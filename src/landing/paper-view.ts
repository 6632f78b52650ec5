import type { Campaign, Site } from '../campaigns/campaign.types';
import { topicSlug } from '../campaigns/campaigns';

/** A paper as lists and promo boxes show it. */
export interface PaperCard {
  slug: string;
  title: string;
  introduction: string;
  covered: string[];
  topics: { slug: string; name: string }[];
  href: string;
  cover: string | undefined;
  pages: number | undefined;
  minutes: number | undefined;
}

/** About 400 words on a page of text and figures, 240 words a minute. */
const MINUTES_PER_PAGE = 400 / 240;

export function paperCard(campaign: Campaign): PaperCard {
  const { slug, title, introduction, covered, topics, cover, whitepaper } = campaign;
  return {
    slug,
    title,
    introduction,
    covered,
    topics: topics.map((name) => ({ slug: topicSlug(name), name })),
    href: `/w/${slug}`,
    // The hash makes a new picture a new address, whatever a cache thinks of the old one.
    cover: cover && `/w/${slug}/cover?v=${cover.file.slice(0, 12)}`,
    pages: whitepaper?.pages,
    minutes: whitepaper && Math.max(1, Math.round(whitepaper.pages * MINUTES_PER_PAGE)),
  };
}

/** Where an article's promo box leads: the landing page, told where the reader comes from. */
export function promoLink(slug: string, site: Site): string {
  const query = new URLSearchParams({
    ref: `articles/${slug}`,
    utm_source: topicSlug(site.name),
    utm_medium: 'article',
    utm_campaign: slug,
  });
  return `/w/${slug}?${query}`;
}

/** Other open papers for a reader who came too late: what shares a topic first. */
export function related(campaign: Campaign, open: Campaign[], count = 3): Campaign[] {
  const shared = (other: Campaign) => other.topics.filter((topic) => campaign.topics.includes(topic)).length;
  const others = open.filter(({ slug }) => slug !== campaign.slug);
  return others.sort((a, b) => shared(b) - shared(a)).slice(0, count);
}

/** The path of one of our addresses: pages stay on the origin by which the reader came. */
export function onSite(link: string): string {
  const { pathname, search } = new URL(link);
  return `${pathname}${search}`;
}
