import type { Browser, BrowserContext, Page } from 'playwright-core';
import { faults } from '../support/axe';
import { launchBrowser } from '../support/browser';
import { CAST, type Reader } from '../support/cast';
import { CLOUD, cloudForm, post, ripeToken } from '../support/form';
import { eventually, gatefold, startServer, type TestServer } from '../support/server';
import { type SmtpSink, startSmtp } from '../support/smtp';

jest.setTimeout(240_000);

/** Pages that a plain visit doesn't show: after a form, behind a link, with a mistake, with something on them. */
const [READER] = CAST as [Reader];
const PASSWORD = 'three words in a row';
const CLOSED = 'state-of-physical-access-2024';

let browser: Browser;
let smtp: SmtpSink;
let server: TestServer;
let thanks: string;
let mail: string;
let lead: string;

beforeAll(async () => {
  smtp = await startSmtp();
  [browser, server] = await Promise.all([launchBrowser(), startServer({ SMTP_URL: smtp.url })]);
  const answer = await post(server.url, CLOUD, cloudForm(READER, await ripeToken(server.url, CLOUD)));
  thanks = answer.headers.get('location') ?? '';
  const found = await eventually('the mail', async () => smtp.received[0]);
  mail = /\/v\/(\S+)/.exec(found.mail.text ?? '')?.[1] ?? '';
  lead = /Reference ([0-9A-Z-]+)/.exec(found.mail.text ?? '')?.[1] ?? '';
  await gatefold(['campaign', 'pause', CLOSED], server.env);
  await gatefold(
    ['user', 'add', '--email', 'ada@x.example', '--role', 'admin', '--password-stdin'],
    server.env,
    PASSWORD,
  );
});

afterAll(async () => {
  await browser?.close();
  await server?.cleanUp();
  await smtp?.close();
});

/** Visits in a window of one person. */
async function asOne(
  visit: (page: Page) => Promise<string[]>,
  enter?: (context: BrowserContext) => Promise<void>,
): Promise<string[]> {
  const context = await browser.newContext({ bypassCSP: true });
  await enter?.(context);
  const found = await visit(await context.newPage());
  await context.close();
  return found;
}

/** Goes there, does something if asked, and says what axe finds, in every window. */
async function at(page: Page, path: string, act?: () => Promise<unknown>): Promise<string[]> {
  await page.goto(`${server.url}${path}`);
  if (act) await Promise.all([page.waitForLoadState('load'), act()]);
  return (await faults(page)).map((fault) => `${path}: ${fault}`);
}

test('readers: after the form, its correction gone wrong, the proof, a paused paper, a used-up address', async () => {
  const found = await asOne(async (page) => [
    ...(await at(page, thanks)),
    ...(await at(page, thanks, async () => {
      await page.locator('summary').click();
      await page.locator('#f-email').fill('nobody');
      await page.locator('details [type="submit"]').click();
      await page.locator('.error-summary').waitFor();
    })),
    ...(await at(page, `/v/${mail}`)),
    ...(await at(page, `/v/${mail}`, () => page.locator('main [type="submit"]').click())),
    ...(await at(page, `/w/${CLOSED}`)),
    ...(await at(page, '/d/broken')),
    ...(await at(page, '/topics/housing')),
  ]);
  expect(found).toEqual([]);
});

const cookies: Awaited<ReturnType<BrowserContext['cookies']>> = [];

async function signIn(context: BrowserContext): Promise<void> {
  if (cookies.length > 0) return context.addCookies(cookies);
  const page = await context.newPage();
  await page.goto(`${server.url}/sign-in`);
  await page.locator('#email').fill('ada@x.example');
  await page.locator('#password').fill(PASSWORD);
  await Promise.all([page.waitForURL(/\/staff$/), page.locator('main button[type="submit"]').click()]);
  await page.close();
  cookies.push(...(await context.cookies()));
}

test('staff: a lead with its story, people, the campaign editor empty, filled and with mistakes, the preview', async () => {
  const submit = (page: Page) => page.locator('main form [type="submit"]').last().click();
  const found = await asOne(
    async (page) => [
      ...(await at(page, `/staff/leads/${lead}`)),
      ...(await at(page, '/staff/leads')),
      ...(await at(page, '/staff/deliveries')),
      ...(await at(page, '/staff/campaigns/import', () => submit(page))),
      ...(await at(page, '/staff/people', () => submit(page))),
      ...(await at(page, '/staff/api-keys', () => submit(page))),
      ...(await at(page, '/staff/campaigns/new')),
      ...(await at(page, '/staff/campaigns/new', () => submit(page))),
      ...(await at(page, `/staff/campaigns/${CLOUD}/edit`)),
      ...(await at(page, `/staff/campaigns/${CLOUD}/preview`)),
      ...(await at(page, `/staff/campaigns/${CLOUD}/promo`)),
      ...(await at(page, '/staff/nothing')),
    ],
    signIn,
  );
  expect(found).toEqual([]);
});

test('nothing moves while a reader page loads, though its fonts and pictures come after the first paint', async () => {
  const page = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
  let painted = () => {};
  await page.exposeFunction('painted', () => painted());
  await page.addInitScript(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
    const { painted: tell } = window as unknown as { painted(): void };
    new PerformanceObserver(() => tell()).observe({ type: 'paint', buffered: true });
  });
  for (const path of ['/', `/w/${CLOUD}`, `/articles/${CLOUD}`]) {
    const firstPaint = new Promise<void>((resolve) => {
      painted = resolve;
    });
    await page.unrouteAll();
    await page.route(/\.(woff2|webp)/, async (route) => {
      await firstPaint;
      await route.continue();
    });
    await page.goto(`${server.url}${path}`, { waitUntil: 'networkidle' });
    expect([path, await page.evaluate('window.seen.shift')]).toEqual([path, 0]);
  }
});
