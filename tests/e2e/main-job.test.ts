import { parse } from 'csv-parse/sync';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import { CAST, fullName, type Reader } from '../support/cast';
import { CLOUD } from '../support/form';
import { pageTexts } from '../support/pdf-text';
import { eventually, gatefold, startFresh, type TestServer } from '../support/server';
import { type Received, type SmtpSink, startSmtp } from '../support/smtp';
import { fillCloudForm, send } from '../support/walk';

jest.setTimeout(120_000);

let browser: Browser;
let smtp: SmtpSink;
let server: TestServer;

beforeAll(async () => {
  smtp = await startSmtp();
  [browser, server] = await Promise.all([launchBrowser(), startFresh({ SMTP_URL: smtp.url })]);
});

afterAll(async () => {
  await browser?.close();
  await server?.cleanUp();
  await smtp?.close();
});

const mailTo = (address: string): Promise<Received> =>
  eventually(`mail to ${address}`, async () => smtp.received.find(({ to }) => to.includes(address)));

const linkIn = (text: string, kind: string): string => new RegExp(`https?://\\S+/${kind}/\\S+`).exec(text)?.[0] ?? '';

async function ask(page: Page, reader: Reader): Promise<void> {
  await page.goto(`${server.url}/articles/${CLOUD}`);
  await page.locator('.promo a.button').click();
  await page.waitForURL(new RegExp(`/w/${CLOUD}`));
  await fillCloudForm(page, reader);
  await send(page);
  await page.waitForURL(/\/thanks\?t=/);
}

async function expectPersonal(pdf: Buffer, reader: Reader): Promise<void> {
  const texts = await pageTexts(pdf);
  expect(texts.length).toBeGreaterThanOrEqual(8);
  for (const text of texts) {
    const line = text.normalize('NFC').replace(/\s+/g, ' ');
    expect(line).toContain(fullName(reader).normalize('NFC'));
    expect(line).toContain(reader.email);
  }
}

/** Chooses a password by the single-use link that `user add` prints, and is signed in then. */
async function signInAsSponsor(page: Page, sponsor: string): Promise<void> {
  const email = `${sponsor}@people.example`;
  const added = await gatefold(
    ['user', 'add', '--email', email, '--role', 'sponsor', '--sponsor', sponsor],
    server.env,
  );
  expect(added.status).toBe(0);
  await page.goto(added.stdout.trim());
  await page.locator('[name="password"]').fill('correct horse battery staple');
  await page.locator('main [type="submit"]').click();
  await page.waitForURL(`${server.url}/portal`);
}

describe.each([
  ['with JavaScript', true, CAST.slice(0, 3)],
  ['without JavaScript', false, CAST.slice(3)],
] as const)('the main job %s', (_name, javaScriptEnabled, readers) => {
  let page: Page;

  beforeAll(async () => {
    const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 360, height: 740 } });
    page = await context.newPage();
  });

  afterAll(async () => {
    await page?.context().close();
  });

  test.each(readers)('$lastName goes from the article to a copy on the page and in the mail', async (reader) => {
    await ask(page, reader);
    expect(await page.locator('main').textContent()).toContain(reader.email);

    const href = await page.locator('main a[href^="/d/"]').getAttribute('href');
    const download = await fetch(`${server.url}${href}`);
    expect(download.headers.get('content-type')).toBe('application/pdf');
    const fetched = Buffer.from(await download.arrayBuffer());
    await expectPersonal(fetched, reader);

    const { mail, to } = await mailTo(reader.email);
    expect(to).toEqual([reader.email]);
    expect(mail.attachments).toHaveLength(1);
    expect(mail.attachments[0]?.content.equals(fetched)).toBe(true);

    await page.goto(linkIn(mail.text ?? '', 'v'));
    await page.locator('main [type="submit"]').click();
    await page.waitForLoadState('load');
    expect(await page.locator('h1').textContent()).toMatch(/confirmed/i);
  });

  test('the sponsor signs in and finds the leads in the CSV; the other sponsor does not', async () => {
    const sponsor = await browser.newContext({ javaScriptEnabled });
    const portal = await sponsor.newPage();
    await signInAsSponsor(portal, javaScriptEnabled ? 'acme-cloud' : 'northgate-access');
    const csv = await sponsor.request.get(`${server.url}/portal/campaigns/${CLOUD}/leads.csv`);
    if (!javaScriptEnabled) {
      expect(csv.status()).toBe(404);
      expect(await portal.content()).not.toContain(CLOUD);
    } else {
      const rows: Record<string, string>[] = parse(await csv.body(), { columns: true });
      expect(rows.map((row) => row['email'])).toEqual(expect.arrayContaining(readers.map(({ email }) => email)));
      expect(rows[0]).toMatchObject({ campaign: CLOUD, 'consent_acme-cloud': 'yes' });
      await portal.goto(`${server.url}/portal/campaigns/${CLOUD}`);
      expect(await portal.content()).toContain('acme-cloud@people.example');
    }
    await sponsor.close();
  });
});
