// A whitepaper's Markdown as an HTML document ready to print. Beyond Markdown it takes front matter, `::: note Title`,
// `::: pull` and `::: figure Caption` blocks; a figure holds SVG of our own or `chart: …` lines.
import { readFileSync } from 'node:fs';
import MarkdownIt from 'markdown-it';
import { parse } from 'yaml';
import { chart } from './chart.mjs';

const markdown = new MarkdownIt({ html: true, typographer: true, quotes: '“”‘’' });
const CSS = readFileSync(new URL('./print.css', import.meta.url), 'utf8');
const FONTS = new URL('../../assets/fonts/web/', import.meta.url);

const fontFace = ([family, file]) =>
  `@font-face{font-family:"${family}";font-weight:200 900;src:url(data:font/woff2;base64,${readFileSync(new URL(file, FONTS)).toString('base64')})}`;

const FACES = [
  ['Newsreader', 'newsreader-latin.woff2'],
  ['Libre Franklin', 'libre-franklin-latin.woff2'],
]
  .map(fontFace)
  .join('');

/** @param pages page of each heading by its id, for the contents; empty at the first print */
export function documentOf(source, pages = new Map()) {
  const [, front = '', body = source] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(source) ?? [];
  const meta = parse(front);
  const chapters = [];
  const content = blocks(body)
    .map((block) => rendered(block, chapters))
    .join('\n');
  const html = `<!doctype html><html lang="${meta.lang ?? 'en-GB'}"><head><meta charset="utf-8"><title>${escaped(meta.title)}</title>
<style>${FACES}${CSS}</style></head>
<body>${cover(meta)}${contents(chapters, pages)}<main>${content}</main></body></html>`;
  return { html, meta, chapters };
}

const escaped = (text) =>
  String(text).replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter]);

/** Splits into Markdown and `:::` blocks. */
function blocks(body) {
  const parts = [];
  const pattern = /^::: (\w+) ?(.*)\n([\s\S]*?)^:::$/gm;
  let at = 0;
  for (const match of body.matchAll(pattern)) {
    parts.push({ kind: 'text', text: body.slice(at, match.index) });
    parts.push({ kind: match[1], title: match[2], text: match[3] });
    at = match.index + match[0].length;
  }
  parts.push({ kind: 'text', text: body.slice(at) });
  return parts;
}

function rendered({ kind, title, text }, chapters) {
  switch (kind) {
    case 'note':
      return `<aside class="note"><p class="note-title">${escaped(title)}</p>${markdown.render(text)}</aside>`;
    case 'pull':
      return `<blockquote class="pull">${markdown.render(text)}</blockquote>`;
    case 'figure': {
      const picture = text.trim().startsWith('chart:') ? chart(parse(text)) : text;
      return `<figure>${picture}<figcaption>${markdown.renderInline(title)}</figcaption></figure>`;
    }
    default:
      return withIds(markdown.render(text), chapters);
  }
}

/** Headings of the second level are chapters: numbered, in the contents, and a link's target. */
function withIds(html, chapters) {
  return html.replace(/<h2>([\s\S]*?)<\/h2>/g, (_whole, text) => {
    const id = `c${chapters.length + 1}`;
    chapters.push({ id, text });
    return `<h2 id="${id}"><span class="number">${chapters.length}</span>${text}</h2>`;
  });
}

function cover({ title, subtitle, publisher, kind, edition, art }) {
  return `<section class="cover"><p class="cover-kind">${escaped(kind)}</p><h1>${escaped(title)}</h1><p class="cover-subtitle">${escaped(subtitle)}</p>
<div class="cover-art" aria-hidden="true">${ART[art]}</div><p class="cover-foot"><strong>${escaped(publisher)}</strong> · ${escaped(edition)}</p></section>`;
}

function contents(chapters, pages) {
  const rows = chapters.map(
    ({ id, text }) =>
      `<li><a href="#${id}"><span>${text}</span><span class="dots"></span><span class="page">${pages.get(id) ?? '0'}</span></a></li>`,
  );
  return `<nav class="contents"><p class="contents-title">Contents</p><ol>${rows.join('')}</ol></nav>`;
}

/** Cover pictures of our own. */
const ART = {
  estate: `<svg viewBox="0 0 600 330"><rect width="600" height="330" fill="#0d3b63"/><g fill="#14507f"><path d="M0 330V150l70-46 70 46v180z"/><path d="M430 330V120h90v210z"/><path d="M520 330V170l80-40v200z"/></g><g fill="#0a2f50"><path d="M140 330V90h130v240z"/><path d="M270 330V60l80-40 80 40v270z"/></g><g fill="#e9b872">${windows()}</g><g fill="none" stroke="#e9b872" stroke-width="3"><path d="M205 92l-26 16"/><path d="M180 104l-170 226M180 104l60 226" stroke-dasharray="2 9"/></g><path d="M168 100l22-12 10 17-22 12z" fill="#ffffff"/></svg>`,
  doors: `<svg viewBox="0 0 600 330"><rect width="600" height="330" fill="#3d2436"/>${[0, 1, 2, 3, 4]
    .map(
      (i) =>
        `<g transform="translate(${40 + i * 108} 60)"><rect width="84" height="230" fill="${['#5a3350', '#6f4061', '#8a5275', '#a5698c', '#c48aa6'][i]}"/><circle cx="70" cy="122" r="5" fill="#f0d9a8"/><path d="M0 230l${-8 - i * 4} 40h${92 + i * 8}l-8-40z" fill="#2c1927"/></g>`,
    )
    .join('')}</svg>`,
};

function windows() {
  const lit = [];
  for (let row = 0; row < 6; row += 1) {
    for (let column = 0; column < 9; column += 1) {
      if ((row * 7 + column * 5) % 4 === 0) continue;
      lit.push(
        `<rect x="${150 + column * 30 + (column > 3 ? 12 : 0)}" y="${112 + row * 34}" width="10" height="14" opacity="${(row + column) % 3 ? 0.85 : 0.35}"/>`,
      );
    }
  }
  return lit.join('');
}
