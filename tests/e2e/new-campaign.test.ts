import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, FileChooser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import { eventually, gatefold, startServer, type TestServer } from '../support/server';

jest.setTimeout(240_000);

/** A new colleague with a PDF and a sponsor's name, who knows of Gatefold only what stands on the screen. */
const PDF = join(__dirname, '../../whitepapers/state-of-physical-access-2024/whitepaper.pdf');

let browser: Browser;
let server: TestServer;
let session: Awaited<ReturnType<BrowserContext['storageState']>>;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer()]);
  const context = await browser.newContext();
  const page = await context.newPage();
  const [link] = /\/setup\/\S+/.exec(readFileSync(join(server.dataDir, 'setup-link.txt'), 'utf8')) ?? [];
  await page.goto(`${server.url}${link}`);
  await page.getByLabel('Your e-mail address').fill('new@doors.example');
  await page.getByLabel('Choose a password').fill('three words in a row');
  await Promise.all([page.waitForURL(/\/staff$/), page.getByRole('button', { name: 'Save and sign in' }).click()]);
  session = await context.storageState();
  await context.close();
});

afterAll(async () => {
  await browser?.close();
  await server?.cleanUp();
});

/** How somebody works a page: what they see by its name, and nothing else. */
interface Hand {
  press(role: 'link' | 'button', name: string): Promise<void>;
  type(label: string, text: string): Promise<void>;
  choose(label: RegExp, file: string): Promise<void>;
}

/** With a mouse or a finger. */
const pointing = (page: Page): Hand => ({
  press: (role, name) => page.getByRole(role, { name, exact: true }).first().click(),
  type: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
  choose: (label, file) => page.getByLabel(label).setInputFiles(file),
});

/** With the keyboard alone: Tab until it has the focus, then Enter or letters. */
function typing(page: Page): Hand {
  // From the start, so that no chooser opens before the browser has been told to hand it over.
  const choosers: FileChooser[] = [];
  page.on('filechooser', (chooser) => choosers.push(chooser));
  async function tabTo(target: ReturnType<Page['getByLabel']>, what: unknown): Promise<void> {
    const hasFocus = () => target.evaluate((one) => one === document.activeElement);
    for (let n = 0; n < 200; n += 1) {
      if (await hasFocus()) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${what}`);
  }
  return {
    async press(role, name) {
      await tabTo(page.getByRole(role, { name, exact: true }).first(), name);
      await page.keyboard.press('Enter');
    },
    async type(label, text) {
      await tabTo(page.getByLabel(label, { exact: true }), label);
      await page.keyboard.insertText(text);
    },
    async choose(label, file) {
      await tabTo(page.getByLabel(label), label);
      await page.keyboard.press('Enter');
      const chooser = await eventually('a file chooser', async () => choosers.shift());
      await chooser.setFiles(file);
    },
  };
}

const WAYS: [string, string, BrowserContextOptions, (page: Page) => Hand][] = [
  ['with a mouse', 'Doors for people', { viewport: { width: 1440, height: 900 } }, pointing],
  [
    'on a phone without JavaScript',
    'Doors for pockets',
    { viewport: { width: 360, height: 740 }, javaScriptEnabled: false },
    pointing,
  ],
  ['by keyboard alone', 'Doors for hands', { viewport: { width: 1280, height: 800 } }, typing],
];

test.each(WAYS)(
  'from New campaign to a live page %s, by what stands on the screen',
  async (_way, title, options, handOf) => {
    const context = await browser.newContext({ ...options, storageState: session });
    const page = await context.newPage();
    const hand = handOf(page);
    await page.goto(`${server.url}/staff`);
    await hand.press('link', 'Campaigns');
    await page.waitForURL(/\/staff\/campaigns$/);
    await hand.press('link', 'New campaign');
    await page.getByRole('heading', { level: 1, name: 'New campaign' }).waitFor();

    await hand.choose(/^PDF/, PDF);
    if (options.javaScriptEnabled !== false) await page.getByText('The PDF is fine: it can be stamped.').waitFor();
    await hand.type('Title', title);
    await hand.type('Introduction', 'Who goes where, and who let them in.');
    await hand.type('What’s covered', 'Locks\nKeys\nPeople');
    await hand.press('button', 'Save as draft');

    // On its own page the list says what is missing, and what is not.
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await page.getByRole('heading', { name: 'Ready to publish' }).waitFor();
    await hand.press('button', 'Publish');
    await page.getByText('Readers can ask for it now.').waitFor();
    await hand.press('link', 'Landing page');
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await page.getByRole('button', { name: 'Send me the paper' }).waitFor();
    expect(await page.getByLabel(/e-mail address/i).count()).toBeGreaterThan(0);
    await context.close();
  },
);

test('on the command line an import over a campaign shows what would change, and an answer that is no yes changes nothing', async () => {
  const folder = join(server.dataDir, 'taken-away');
  const slug = 'state-of-physical-access-2024';
  expect((await gatefold(['campaign', 'export', slug, folder], server.env)).status).toBe(0);
  const same = await gatefold(['campaign', 'import', folder], server.env);
  expect([same.status, same.stderr]).toEqual([0, expect.stringContaining('nothing differs')]);
  const yaml = readFileSync(join(folder, 'campaign.yaml'), 'utf8').replace(/^title: .*/m, 'title: Elsewhere');
  writeFileSync(join(folder, 'campaign.yaml'), yaml);
  const no = await gatefold(['campaign', 'import', folder], server.env, 'n\n');
  expect([no.status, no.stderr]).toEqual([
    1,
    expect.stringMatching(/title\n {2}- .*\n {2}\+ Elsewhere[\s\S]*stays as it was/),
  ]);
  const list = await gatefold(['campaign', 'list'], server.env);
  expect(list.stdout).not.toContain('Elsewhere');
  const yes = await gatefold(['campaign', 'import', folder], server.env, 'y\n');
  expect([yes.status, yes.stderr]).toEqual([0, expect.stringContaining(`updated ${slug}`)]);
});
