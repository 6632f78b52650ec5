import { markdownHtml } from '../campaigns/campaigns';

const PROMO = /^[ \t]*<!--\s*promo\s*-->[ \t]*$/m;

/** HTML for the two parts of an article around its promo box; without the mark, the box comes last. */
export function articleText(source: string): { before: string; after: string } {
  const [before = '', ...after] = source.split(PROMO);
  return { before: markdownHtml(before), after: markdownHtml(after.join('\n\n')) };
}
