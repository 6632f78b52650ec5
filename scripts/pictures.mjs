// The README's pictures, taken from the running product: `npm run pictures`. Starts it fresh with no settings, walks
// through it as a reader, as staff and as a sponsor would, and writes docs/pictures/*.png.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { launchChromium } from '../tests/support/chromium.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'docs/pictures');
const SLUG = 'cloud-video-surveillance-housing-associations';
const PASSWORD = 'three words in a row';
const PORT = String(20_000 + (process.pid % 20_000));
const SITE = `http://localhost:${PORT}`;
const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-pictures-'));
const env = { ...process.env, DATA_DIR: dataDir, PORT, MONGODB_URI: '', SMTP_URL: '', LOG_LEVEL: 'warn' };

const READERS = [
  ['Łukasz', 'Żółć', 'lukasz.zolc@wisla-homes.example', 'Wisła Homes'],
  ['Amara', 'Okafor', 'amara@quayside-housing.example', 'Quayside Housing'],
  ['Gwen', 'Pritchard', 'g.pritchard@cwm-tai.example', 'Cwm Tai'],
  ['Нина', 'Петрова', 'nina@northgate-court.example', 'Northgate Court'],
];

async function ready() {
  for (;;) {
    if ((await fetch(`${SITE}/w/${SLUG}`).catch(() => undefined))?.ok) return;
    await pause(100);
  }
}

async function ask(page, [firstName, lastName, email, company]) {
  await page.goto(`${SITE}/articles/${SLUG}`);
  await page.click('.promo a.button');
  await page.waitForTimeout(3100);
  for (const [name, value] of Object.entries({ email, firstName, lastName, company, jobTitle: 'Head of estates' }))
    await page.fill(`[name="${name}"]`, value);
  await page.selectOption('[name="country"]', 'GB');
  await page.selectOption('[name="q.units"]', '1000-4999');
  await page.check('[name="q.vms"][value="nvr"]');
  await page.check('[name="consent.acme-cloud"]');
  await page.click('form button[type="submit"]');
  await page.waitForURL(/thanks/);
}

async function signIn(page, email) {
  await page.goto(`${SITE}/sign-in`);
  await page.fill('#email', email);
  await page.fill('#password', PASSWORD);
  await page.click('main button[type="submit"]');
}

/** One page of a PDF as a data URL, drawn by pdfium on a canvas of the page's. */
async function pageOf(page, pdf, number, scale) {
  const library = await PDFiumLibrary.init();
  const doc = await library.loadDocument(pdf);
  const { data, width, height } = await doc.getPage(number).render({ scale, render: 'bitmap' });
  doc.destroy();
  library.destroy();
  return page.evaluate(
    ({ base64, width, height }) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      // pdfium's order is blue, green, red, alpha.
      for (let at = 0; at < bytes.length; at += 4) [bytes[at], bytes[at + 2]] = [bytes[at + 2], bytes[at]];
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(bytes), width, height), 0, 0);
      return canvas.toDataURL('image/png');
    },
    { base64: Buffer.from(data).toString('base64'), width, height },
  );
}

mkdirSync(OUT, { recursive: true });
const server = spawn(process.execPath, [join(ROOT, 'bin/gatefold.mjs'), 'serve'], { cwd: ROOT, env, stdio: 'inherit' });
const browser = await launchChromium();
try {
  await ready();
  const desk = await browser.newContext({ viewport: { width: 1200, height: 860 }, deviceScaleFactor: 1 });
  const phone = await browser.newContext({ viewport: { width: 360, height: 780 }, colorScheme: 'dark' });
  const [page, small] = [await desk.newPage(), await phone.newPage()];
  const picture = (name, from = page, more = {}) => from.screenshot({ path: join(OUT, `${name}.png`), ...more });

  await page.goto(`${SITE}/articles/${SLUG}`);
  await page.locator('.promo').scrollIntoViewIfNeeded();
  await page.locator('.promo').evaluate((box) => window.scrollTo(0, box.getBoundingClientRect().top + scrollY - 180));
  await picture('article');
  await page.goto(`${SITE}/w/${SLUG}`);
  await picture('landing');
  await small.goto(`${SITE}/w/${SLUG}`);
  await picture('landing-phone', small);
  for (const reader of READERS) await ask(page, reader);

  const copy = await page.getAttribute('main a.button', 'href');
  const pdf = Buffer.from(await (await fetch(new URL(copy, SITE))).arrayBuffer());
  const src = await pageOf(page, pdf, 2, 1.6);
  const sheet = await desk.newPage();
  await sheet.setContent(`<body style="margin:0"><img src="${src}" style="display:block;width:720px">`);
  await sheet.setViewportSize({ width: 720, height: 1018 });
  await picture('copy', sheet);

  const setup = readFileSync(join(dataDir, 'setup-link.txt'), 'utf8').trim();
  await page.goto(setup);
  await page.fill('#email', 'edith@estate-access.example');
  await page.fill('#name', 'Edith Row');
  await page.fill('#password', PASSWORD);
  await page.click('main button[type="submit"]');
  await page.goto(`${SITE}/staff`);
  await picture('staff');
  await page.goto(`${SITE}/staff/outbox`);
  await page.click('main table a[href^="/staff/outbox/"]');
  await page.waitForLoadState('networkidle');
  await page.locator('.mail-frame').screenshot({ path: join(OUT, 'mail.png') });
  spawnSync(
    process.execPath,
    [
      'bin/gatefold.mjs',
      'user',
      'add',
      '--email',
      'sam@acme-cloud.example',
      '--role',
      'sponsor-admin',
      '--sponsor',
      'acme-cloud',
      '--password-stdin',
    ],
    { cwd: ROOT, env, input: PASSWORD },
  );
  await desk.clearCookies();
  await signIn(page, 'sam@acme-cloud.example');
  await page.goto(`${SITE}/portal/campaigns/${SLUG}`);
  await page.evaluate((href) => fetch(href).then((answer) => answer.text()), `/portal/campaigns/${SLUG}/leads.csv`);
  await page.reload();
  await picture('portal');
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
  rmSync(dataDir, { recursive: true, force: true });
}
