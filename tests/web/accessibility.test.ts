import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { Browser, BrowserContext } from 'playwright-core';
import { type Account, addUser, listAccounts, setupTokenForFirstAdmin } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import { addDestination } from '../../src/destinations/destinations';
import { putProfile } from '../../src/exports/exports';
import { standard } from '../../src/exports/profile.types';
import { addSchedule } from '../../src/exports/schedules';
import { PASSWORD } from '../accounts/browser';
import { importCampaign, SLUG, testServices } from '../landing/app';
import { faults } from '../support/axe';
import { launchBrowser } from '../support/browser';
import { routesOf } from '../support/routes';
import { emptyStore, useStore } from '../support/store';

jest.setTimeout(180_000);
useStore();

const services = testServices();
let app: Express;
let server: Server;
let browser: Browser;
let url: string;
let setup: string;
/** Pages of a sponsor's that there are once they have made something. */
let made: string[];

beforeAll(async () => {
  await importCampaign(services.config.dataDir);
  setup = `/setup/${await setupTokenForFirstAdmin(services.now())}`;
  for (const role of ['analyst', 'marketer'] as const) {
    await addUser({ email: `${role}@doors.example`, role, password: PASSWORD });
  }
  const cara = { email: 'cara@acme.example', sponsor: 'acme-cloud' };
  await addUser({ ...cara, role: 'sponsor-admin', password: PASSWORD });
  const [{ id: account }] = (await listAccounts({ sponsor: cara.sponsor })) as [Account];
  const profile = await putProfile({ ...standard('csv'), sponsor: cara.sponsor, name: 'CRM', by: cara.email });
  const rhythm = { every: 'week', hour: 8 } as const;
  await addSchedule({ ...cara, ...rhythm, campaign: SLUG, profile: profile.id, account }, services.now());
  const hooks = { name: 'Our CRM', url: 'https://hooks.acme.example/leads', by: cara.email };
  const destination = await addDestination({ sponsor: cara.sponsor }, hooks, services);
  made = [`/portal/profiles/${profile.id}`, `/portal/destinations/${destination.id}`];
  app = createApp(services);
  server = app.listen(0, '127.0.0.1');
  browser = await launchBrowser();
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

const cookies = new Map<string, Awaited<ReturnType<BrowserContext['cookies']>>>();

/** Signs in, once in this file for each person. */
async function signIn(context: BrowserContext, email: string): Promise<void> {
  const known = cookies.get(email);
  if (known) return context.addCookies(known);
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.locator('#email').fill(email);
  await page.locator('#password').fill(PASSWORD);
  await Promise.all([page.waitForURL(/\/(staff|portal)$/), page.locator('main button[type="submit"]').click()]);
  await page.close();
  cookies.set(email, await context.cookies());
}

const PLACES: [string, string | undefined, string[]][] = [
  ['readers', undefined, ['/', `/w/${SLUG}`, `/articles/${SLUG}`, '/privacy', '/again', '/nowhere', '/sign-in']],
  ['staff', 'analyst@doors.example', ['', '/campaigns', `/campaigns/${SLUG}`]],
  ['staff, too', 'marketer@doors.example', ['/sponsors', `/exports/${SLUG}`, `/ledger/${SLUG}/acme-cloud/terms`]],
  [
    'a sponsor',
    'cara@acme.example',
    [
      '/portal',
      `/portal/campaigns/${SLUG}`,
      '/portal/people',
      '/portal/api-keys',
      '/portal/destinations',
      '/portal/profiles',
      '/portal/schedules',
      '/portal/logo',
      '/staff',
    ],
  ],
];

/** The CSP is for pages; axe is a guest. */
const contextFor = () => browser.newContext({ bypassCSP: true });

test.each(PLACES)('axe finds nothing on pages of %s, in any width and theme', async (name, email, paths) => {
  const found: string[] = [];
  const context = await contextFor();
  if (email) await signIn(context, email);
  const page = await context.newPage();
  for (const path of name === 'a sponsor' ? [...paths, ...made] : paths) {
    const answer = await page.goto(`${url}${name.startsWith('staff') ? `/staff${path}` : path}`);
    if (made.includes(path)) expect([path, answer?.status()]).toEqual([path, 200]);
    found.push(...(await faults(page)).map((fault) => `${path} ${fault}`));
  }
  await context.close();
  expect(found).toEqual([]);
});

test('forms with mistakes, too; the summary has the focus, and its links lead to the fields', async () => {
  const context = await contextFor();
  const page = await context.newPage();
  for (const path of [`/w/${SLUG}`, '/sign-in', setup]) {
    await page.goto(`${url}${path}`);
    await page.locator('main button[type="submit"]').first().click();
    await page.locator('.error-summary').waitFor();
    expect(await page.evaluate('document.activeElement.className')).toBe('error-summary');
    expect(await faults(page)).toEqual([]);
    const link = page.locator('.error-summary a').last();
    const target = await link.getAttribute('href');
    await link.click();
    expect(`#${await page.evaluate('document.activeElement.id')}`).toBe(target);
  }
  await context.close();
});

test('no page tells the console of anything that the CSP refused, or asks anybody else', async () => {
  const context = await browser.newContext();
  const said: string[] = [];
  const asked = new Set<string>();
  context.on('console', (message) => said.push(message.text()));
  context.on('request', (request) => asked.add(new URL(request.url()).origin));
  await signIn(context, 'marketer@doors.example');
  const page = await context.newPage();
  for (const path of ['/', `/w/${SLUG}`, `/articles/${SLUG}`, '/staff', '/staff/design']) {
    await page.goto(`${url}${path}`, { waitUntil: 'networkidle' });
    expect(await page.evaluate('document.fonts.check("16px Newsreader") && document.fonts.size > 0')).toBe(true);
  }
  await context.close();
  expect(said).toEqual([]);
  expect([...asked]).toEqual([url]);
});

/** Forms, and screens on which something always stands: whoever is signed in is a person, and in the log. */
const NEVER_EMPTY = ['site', 'mail', 'trace', 'people', 'audit', 'campaigns/import'].map((path) => `/staff/${path}`);

test('every staff screen stands in an empty house, says how it fills, and axe finds nothing', async () => {
  await emptyStore();
  await addUser({ email: 'admin@doors.example', role: 'admin', password: PASSWORD });
  const context = await contextFor();
  await signIn(context, 'admin@doors.example');
  const page = await context.newPage();
  const found: string[] = [];
  const screens = routesOf(app).filter(({ method, path }) => method === 'get' && /^\/staff(?!.*[:.*])/.test(path));
  expect(screens.map(({ path }) => path)).toEqual(expect.arrayContaining(['/staff/campaigns/new', '/staff/returns']));
  for (const { path } of screens) {
    const answer = await page.goto(`${url}${path}`);
    if (answer?.status() !== 200) found.push(`${path} answers ${answer?.status()}`);
    const says = NEVER_EMPTY.includes(path) || (await page.locator('.empty').count()) > 0;
    if (!says) found.push(`${path} says nothing of how it fills`);
    found.push(...(await faults(page)).map((fault) => `${path} ${fault}`));
  }
  await context.close();
  expect(found).toEqual([]);
});
