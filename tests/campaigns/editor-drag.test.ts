import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { addUser } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import { findCampaign } from '../../src/campaigns/campaigns';
import { PASSWORD } from '../accounts/browser';
import { importCampaign, SLUG, testServices } from '../landing/app';
import { launchBrowser } from '../support/browser';
import { useStore } from '../support/store';

/** The order of questions, by dragging and by keys, in a real browser. */
jest.setTimeout(120_000);
useStore();
const services = testServices();
let server: Server;
let browser: Browser;
let page: Page;
let url: string;

beforeAll(async () => {
  await importCampaign(services.config.dataDir);
  await addUser({ email: 'ada@doors.example', role: 'marketer', password: PASSWORD });
  server = createApp(services).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`${url}/sign-in`);
  await page.locator('#email').fill('ada@doors.example');
  await page.locator('#password').fill(PASSWORD);
  await Promise.all([page.waitForURL(/\/staff$/), page.locator('main button[type="submit"]').click()]);
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

const rows = () => page.locator('[data-list="f"] > .row');
const shown = () =>
  rows()
    .locator('[name$=".key"]')
    .evaluateAll((all) => all.map((one) => (one as { value?: string }).value));
const kept = async () => (await findCampaign(SLUG))?.form.fields.map(({ key }) => key);

test('a question is dragged to another place, moved back by a key, and saved as it stands', async () => {
  await page.goto(`${url}/staff/campaigns/${SLUG}/edit`);
  const before = await shown();
  expect(before).toEqual(await kept());
  expect(before.length).toBeGreaterThan(3);
  const [first, second, third, ...rest] = before;

  await rows().nth(0).locator('summary').dragTo(rows().nth(2).locator('summary'));
  await page.waitForFunction(
    (key) => document.querySelectorAll('[data-list="f"] > .row [name$=".key"]')[2]?.getAttribute('value') === key,
    first,
  );
  expect(await shown()).toEqual([second, third, first, ...rest]);

  await page.locator('#do-f-2-up').focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (key) => document.querySelectorAll('[data-list="f"] > .row [name$=".key"]')[1]?.getAttribute('value') === key,
    first,
  );
  expect(await shown()).toEqual([second, first, third, ...rest]);
  // The focus goes with the row, so that the next press moves it on.
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('do-f-1-up');

  await Promise.all([
    page.waitForURL(new RegExp(`/staff/campaigns/${SLUG}$`)),
    page.locator('.editor__save button').click(),
  ]);
  expect(await kept()).toEqual([second, first, third, ...rest]);
});
