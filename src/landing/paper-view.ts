import type { Campaign, Site } from '../campaigns/campaign.types';
import {
  addressOf,
  picturesOf,
  type ShownPicture,
  type ShownPictures,
  showPictures,
  topicSlug,
} from '../campaigns/campaigns';

/** A paper as lists and promo boxes show it. */
export interface PaperCard {
  slug: string;
  title: string;
  introduction: string;
  covered: string[];
  topics: { slug: string; name: string }[];
  href: string;
  cover: ShownPicture | undefined;
  /** Small pictures of the pages after the cover. */
  previews: ShownPicture[];
  /** What stands beside a link to it elsewhere. */
  card: ShownPictures['card'];
  pages: number | undefined;
  minutes: number | undefined;
}

/** About 400 words on a page of text and figures, 240 words a minute. */
const MINUTES_PER_PAGE = 400 / 240;

/** @param draft shows what was handed in, by the addresses of the staff site */
export async function paperCard(campaign: Campaign, { draft = false } = {}): Promise<PaperCard> {
  const { slug, title, introduction, covered, topics, whitepaper } = campaign;
  const base = draft ? `/staff/campaigns/${slug}` : `/w/${addressOf(campaign)}`;
  const { pictures } = await picturesOf(campaign, draft ? 'upload' : 'published');
  const shown = showPictures(pictures, base);
  return {
    slug,
    title,
    introduction,
    covered,
    topics: topics.map((name) => ({ slug: topicSlug(name), name })),
    href: `/w/${addressOf(campaign)}`,
    ...shown,
    cover: shown.cover ?? ownCover(campaign, base),
    pages: whitepaper?.pages,
    minutes: whitepaper && Math.max(1, Math.round(whitepaper.pages * MINUTES_PER_PAGE)),
  };
}

/** The cards of a list, in its order. */
export function paperCards(campaigns: Campaign[]): Promise<PaperCard[]> {
  return Promise.all(campaigns.map((campaign) => paperCard(campaign)));
}

/** A cover that has no pictures of its own, such as a drawing, in whatever size it is. */
function ownCover({ cover }: Campaign, base: string): ShownPicture | undefined {
  if (!cover) return undefined;
  // The hash makes a new picture a new address, whatever a cache thinks of the old one.
  return { page: 1, src: `${base}/cover?v=${cover.file.slice(0, 12)}`, srcset: '', width: 210, height: 297 };
}

/** Where an article's promo box leads: the landing page, told where the reader comes from. */
export function promoLink(campaign: Campaign, site: Site): string {
  const query = new URLSearchParams({
    ref: `articles/${addressOf(campaign)}`,
    utm_source: topicSlug(site.name),
    utm_medium: 'article',
    utm_campaign: campaign.slug,
  });
  return `/w/${addressOf(campaign)}?${query}`;
}

/** Other open papers for a reader: those that staff chose, then what shares a topic. */
export function related(campaign: Campaign, open: Campaign[], count = 3): Campaign[] {
  const shared = (other: Campaign) => other.topics.filter((topic) => campaign.topics.includes(topic)).length;
  const chosen = campaign.related ?? [];
  const rank = ({ slug }: Campaign) => (chosen.includes(slug) ? chosen.indexOf(slug) : chosen.length);
  const others = open.filter(({ slug }) => slug !== campaign.slug);
  return others.sort((a, b) => rank(a) - rank(b) || shared(b) - shared(a)).slice(0, count);
}

/** The path of one of our addresses: pages stay on the origin by which the reader came. */
export function onSite(link: string): string {
  const { pathname, search } = new URL(link);
  return `${pathname}${search}`;
}
