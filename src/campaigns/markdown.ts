import MarkdownIt from 'markdown-it';
import sanitize from 'sanitize-html';

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: true });

/** Where the links of a prose lead, as they are written. */
export function linksIn(source: string): string[] {
  const inline = markdown.parse(source, {}).flatMap(({ children }) => children ?? []);
  return inline.flatMap((token) => (token.type === 'link_open' ? [String(token.attrGet('href') ?? '')] : []));
}

/** Prose as HTML for a page. Raw HTML is off; the sanitiser then lets through only what prose needs, and links that lead to pages. */
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
