// Typesets whitepapers/<slug>/whitepaper.md into whitepaper.pdf and cover.png: `npm run typeset [slug…] [--out folder]`.
// The same sources give the same bytes, so that a build that differs is a change.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from '../tests/support/chromium.mjs';
import { documentOf } from './typeset/document.mjs';
import { normalise } from './typeset/normalise.mjs';
import { headingPages } from './typeset/pages.mjs';

const ROOT = new URL('../whitepapers/', import.meta.url).pathname;

const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
const slugs =
  positionals.length > 0
    ? positionals
    : readdirSync(ROOT).filter((name) => existsSync(join(ROOT, name, 'whitepaper.md')));

const browser = await launchChromium();
for (const slug of slugs) {
  const source = readFileSync(join(ROOT, slug, 'whitepaper.md'), 'utf8');
  const folder = values.out ? join(values.out, slug) : join(ROOT, slug);
  mkdirSync(folder, { recursive: true });
  const page = await browser.newPage();
  // Twice: the first print tells on which page each heading stands, the second prints that in the contents.
  const first = await print(page, documentOf(source));
  const pages = await headingPages(first);
  const paper = documentOf(source, pages);
  writeFileSync(join(folder, 'whitepaper.pdf'), await normalise(await print(page, paper), paper));
  await page.setViewportSize({ width: 794, height: 1123 });
  writeFileSync(join(folder, 'cover.png'), await page.locator('.cover').screenshot({ scale: 'css' }));
  await page.close();
  console.log(slug);
}
await browser.close();

async function print(page, { html }) {
  await page.setContent(html, { waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready);
  return page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true, outline: true });
}
