import MarkdownIt from 'markdown-it';
import sanitize from 'sanitize-html';

const PROMO = /^[ \t]*<!--\s*promo\s*-->[ \t]*$/m;

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: true });

/** HTML for the two parts of an article around its promo box; without the mark, the box comes last. */
export function articleText(source: string): { before: string; after: string } {
  const [before = '', ...after] = source.split(PROMO);
  return { before: markdownHtml(before), after: markdownHtml(after.join('\n\n')) };
}

/** Raw HTML is off; the sanitiser then lets through only what prose needs, and links that lead to pages. */
export function markdownHtml(source: string): string {
  return sanitize(markdown.render(source), {
    allowedTags: [
      'h2',
      'h3',
      'h4',
      'p',
      'ul',
      'ol',
      'li',
      'blockquote',
      'a',
      'em',
      'strong',
      'code',
      'pre',
      'hr',
      'br',
      'table',
      'thead',
      'tbody',
      'tr',
      'th',
      'td',
    ],
    allowedAttributes: { a: ['href', 'title', 'rel'] },
    allowedSchemes: ['https', 'http', 'mailto'],
    transformTags: { a: sanitize.simpleTransform('a', { rel: 'noopener' }), h1: 'h2' },
  });
}
