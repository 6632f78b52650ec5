import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe is asked in a window: everything, or the rules that colours decide, since a theme changes nothing else, or
 * nothing, where both of its themes are asked beside it and only the width is new. Style sheets are not fetched once more
 * for axe: no rule of ours reads them.
 */
const EVERYTHING = { resultTypes: ['violations'], preload: false };
const COLOURS = { ...EVERYTHING, runOnly: ['color-contrast', 'link-in-text-block'] };

/** 320 pixels are a window of 1280 at 400 % zoom (WCAG 2.2, 1.4.10). */
const WINDOWS = [
  { width: 320, theme: 'light', ask: EVERYTHING },
  { width: 320, theme: 'dark', ask: COLOURS },
  { width: 768, theme: 'light', ask: undefined },
  { width: 1440, theme: 'light', ask: EVERYTHING },
  { width: 1440, theme: 'dark', ask: COLOURS },
] as const;

/**
 * What axe finds, and whether the page is wider than the window, in every window: the page stays, the window changes, as
 * with a reader who zooms or turns the phone. The page's context must bypass its CSP.
 */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found: string[] = [];
  for (const { width, theme, ask } of WINDOWS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: theme });
    found.push(...(await faultsNow(page, ask)).map((fault) => `at ${width} in ${theme}: ${fault}`));
  }
  return found;
}

async function faultsNow(page: Page, ask: object | undefined): Promise<string[]> {
  const found = ask ? await violationsOf(page, ask) : [];
  const tooWide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  return tooWide === 0 ? found : [...found, `${tooWide} pixels too wide`];
}

async function violationsOf(page: Page, ask: object): Promise<string[]> {
  const run = `axe.run(document, ${JSON.stringify(ask)}).then(({ violations }) => violations)`;
  const violations = (await page.evaluate(run)) as AxeResults['violations'];
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
