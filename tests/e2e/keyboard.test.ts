import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import { CLOUD } from '../support/form';
import { startServer, type TestServer } from '../support/server';

jest.setTimeout(120_000);

let browser: Browser;
let server: TestServer;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer()]);
  page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
});

afterAll(async () => {
  await browser?.close();
  await server?.cleanUp();
});

/** What has the focus, by its name or its words. */
const focused = () =>
  page.evaluate(() => {
    const at = document.activeElement;
    return at?.getAttribute('name') ?? at?.textContent?.trim() ?? '';
  });

/** Tabs until the field or link of that name has the focus, as a person without a mouse would. */
async function tabTo(name: string): Promise<void> {
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press('Tab');
    if ((await focused()) === name) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

test('a reader without a mouse goes from the article to their copy, past a mistake', async () => {
  await page.goto(`${server.url}/articles/${CLOUD}`);
  await page.keyboard.press('Tab');
  expect(await focused()).toMatch(/skip/i);
  await tabTo('Get the whitepaper');
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/w/${CLOUD}`));

  await tabTo('email');
  await page.keyboard.type('keyboard@homes.example');
  await page.waitForTimeout(3100);
  await Promise.all([page.waitForLoadState('load'), page.keyboard.press('Enter')]);
  await page.locator('.error-summary').waitFor();
  expect(await focused()).toMatch(/There is a problem/);
  expect(await page.title()).toMatch(/^Error: /);

  // The first link of the summary leads to the first field that is wrong.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await focused()).toBe('firstName');
  await page.keyboard.type('Kay');
  for (const [name, text] of [
    ['lastName', 'Board'],
    ['company', 'Homes'],
    ['jobTitle', 'Manager'],
  ] as const) {
    await tabTo(name);
    await page.keyboard.type(text);
  }
  await tabTo('country');
  await page.keyboard.type('United K');
  await tabTo('q.units');
  await page.keyboard.press('ArrowDown');
  await tabTo('q.vms');
  await page.keyboard.press('Space');
  await tabTo('consent.acme-cloud');
  await page.keyboard.press('Space');
  await tabTo('Send me the paper');
  await page.waitForTimeout(3100);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/thanks\?t=/);
  expect(await page.textContent('main')).toContain('keyboard@homes.example');
  await tabTo('Open your copy now (PDF)');
});

test('what has the focus is seen, and never under something else', async () => {
  await page.goto(`${server.url}/w/${CLOUD}`);
  for (let n = 0; n < 30; n += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return 'nothing';
      const { outlineStyle, boxShadow } = getComputedStyle(at);
      const { left, top, width, height } = at.getBoundingClientRect();
      const hit = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 20));
      const visible = hit !== null && (at.contains(hit) || hit.contains(at));
      return outlineStyle !== 'none' || boxShadow !== 'none'
        ? visible
          ? 'seen'
          : `hidden: ${at.outerHTML}`
        : at.outerHTML;
    });
    expect(['seen', 'nothing']).toContain(seen);
  }
});
