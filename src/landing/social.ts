import type { Links } from '../links';
import type { PaperCard } from './paper-view';

/** What other sites and messengers show for a link to one of our pages (Open Graph, X cards). */
export interface Social {
  title: string;
  description: string;
  /** Absolute, and always the same for the same page. */
  url: string;
  /** The paper that the picture shows. */
  paper: string;
  card: PaperCard['card'];
}

/** @param page the page's own address; `title` and `description` are its own, too */
export function socialOf(
  links: Links,
  { card, title: paper }: PaperCard,
  { url, title, description }: Pick<Social, 'url' | 'title' | 'description'>,
): Social {
  return { url, title, description, paper, card: card && { ...card, src: `${links.origin}${card.src}` } };
}
