import type { Express } from 'express';
import { PDFDocument, rgb } from 'pdf-lib';
import sharp from 'sharp';
import request from 'supertest';
import { createApp } from '../../src/app';
import * as campaigns from '../../src/campaigns/campaigns';
import { startWorker } from '../../src/worker';
import { CAMPAIGN_YAML, folderWith } from '../campaigns/folder';
import { browserOf } from '../exports/people';
import { useStore } from '../support/store';
import { SLUG, testServices } from './app';

const PAGES = 12;
const PRIVATE = 'private-paper';
const BROKEN = 'broken-paper';

useStore();
const services = testServices();
let app: Express;

async function paper(): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  for (let page = 1; page <= PAGES; page += 1) {
    const sheet = document.addPage([595, 842]);
    sheet.drawRectangle({ width: 595, height: 842, color: rgb(page / PAGES, 0.2, 0.4) });
    sheet.drawText(`Page ${page}`, { x: 50, y: 700 });
  }
  return document.save();
}

const keep = (files: Record<string, string | Uint8Array>) =>
  campaigns.importCampaign(folderWith(files), { actor: 'test', dataDir: services.config.dataDir });

const draft = (slug: string) =>
  CAMPAIGN_YAML.replace('slug: locks-and-keys', `slug: ${slug}`).replace('status: open', 'status: draft');

beforeAll(async () => {
  const pdf = await paper();
  app = createApp(services);
  await keep({ 'campaign.yaml': CAMPAIGN_YAML, 'whitepaper.pdf': pdf });
  await keep({ 'campaign.yaml': `${draft(PRIVATE)}previews: 0\n`, 'whitepaper.pdf': pdf });
  await keep({ 'campaign.yaml': draft(BROKEN), 'whitepaper.pdf': '%PDF-1.4\nand no more' });
});

const page = async (path: string): Promise<string> => (await request(app).get(path).expect(200)).text;
const step = () => {
  services.clock.now = new Date(services.clock.now.getTime() + 1000);
};

/** The worker does what uploads asked for, and stops. */
async function drawAll(): Promise<void> {
  const worker = startWorker(services);
  for (const slug of [SLUG, PRIVATE, BROKEN]) {
    while ((await campaigns.picturesOf(await mustFind(slug), 'upload')).waiting) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await worker.stop();
  step();
}

async function mustFind(slug: string) {
  const campaign = await campaigns.findCampaign(slug);
  if (!campaign) throw new Error(slug);
  return campaign;
}

const addresses = (html: string) => [...new Set(html.match(/\/(?:w|staff\/campaigns)\/[^\s"]*\/pictures\/[^\s"]+/g))];

test('nobody waits for pictures: the page is there without them, and staff read that they are on their way', async () => {
  expect(addresses(await page(`/w/${SLUG}`))).toEqual([]);
  const marketer = await browserOf(app, 'marketer');
  expect((await marketer.get(`/staff/campaigns/${SLUG}`).expect(200)).text).toContain('They are being drawn');
  await drawAll();
  const { text } = await marketer.get(`/staff/campaigns/${SLUG}`).expect(200);
  expect(text).not.toContain('They are being drawn');
  expect(addresses(text).some((one) => one.includes('/card.png?v='))).toBe(true);
});

test('cover, card and the first pages inside are what the page says they are, and may be kept for good', async () => {
  const html = await page(`/w/${SLUG}`);
  const shown = addresses(html);
  const names = shown.map((one) => /pictures\/([\w.-]+)/.exec(one)?.[1]).sort();
  const sizes = (at: string, ...widths: number[]) => widths.map((width) => `${at}-${width}.webp`);
  const inside = [2, 3, 4].flatMap((at) => sizes(`page-${at}`, 160, 320));
  expect(names).toEqual(['card.png', ...sizes('cover', 320, 480, 720), ...inside]);
  for (const one of shown) {
    const { body, headers } = await request(app).get(one).buffer(true).parse(bytes).expect(200);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const { format, width } = await sharp(body).metadata();
    expect(headers['content-type']).toBe(`image/${format}`);
    expect(one).toContain(one.includes('card') ? '.png' : `-${width}.`);
    await request(app).get(one).set('If-None-Match', String(headers['etag'])).expect(304);
  }
  expect(html).toContain('alt="Page 2 of “Locks and keys”, too small to be read"');
});

test('the card has the size that networks crop least and the paper on it', async () => {
  const html = await page(`/w/${SLUG}`);
  const [, card = ''] = /<meta property="og:image" content="http:\/\/localhost:3000([^"]+)"/.exec(html) ?? [];
  expect(html).toContain('<meta property="og:image:alt" content="Cover of “Locks and keys”">');
  const { body, headers } = await request(app).get(card).buffer(true).parse(bytes).expect(200);
  expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
  const picture = sharp(body);
  expect(await picture.metadata()).toMatchObject({ width: 1200, height: 630, format: 'png' });
  const [red = 0, green = 0, blue = 0] = await picture
    .extract({ left: 600, top: 500, width: 1, height: 1 })
    .raw()
    .toBuffer();
  expect([red, green, blue].map((value) => Math.round(value / 10))).toEqual([255 / PAGES, 51, 102].map(tenth));
});

test('the catalogue, the article and an address without its version', async () => {
  const { headers } = await request(app).get(`/w/${SLUG}/pictures/cover.png`).expect(200);
  expect(headers['cache-control']).toBe('public, max-age=300');
  expect((await request(app).get(`/w/${SLUG}/cover`).expect(200)).headers['content-type']).toBe('image/png');
  expect(await page('/')).toContain(`/w/${SLUG}/pictures/cover-320.webp?v=`);
});

test('what is not open to everybody is nowhere: later pages, drafts, names that are paths', async () => {
  for (const name of ['page-5-320.webp', 'page-12-320.webp', '..%2Fcover', 'nothing']) {
    await request(app).get(`/w/${SLUG}/pictures/${name}`).expect(404);
  }
  await request(app).get(`/w/${PRIVATE}/pictures/card.png`).expect(404);
  await request(app).get(`/w/${PRIVATE}/cover`).expect(404);
});

test('staff see a draft’s pictures, kept by no cache; others have no business there', async () => {
  const at = `/staff/campaigns/${PRIVATE}`;
  const analyst = await browserOf(app, 'analyst', { email: 'a@doors.example' });
  const { headers } = await analyst.get(`${at}/pictures/card.png`).expect(200);
  expect(headers['cache-control']).toContain('no-store');
  const { text } = await analyst.get(`${at}/preview`).expect(200);
  expect(addresses(text)[0]).toContain(`${at}/pictures/cover-320.webp`);
  expect(text).not.toContain('og:image');
  await analyst.get(`${at}/pictures/page-2-320.webp`).expect(404);
  await request(app).get(`${at}/pictures/card.png`).expect(303);
  const sponsor = await browserOf(app, 'sponsor-admin', { email: 's@acme.example', sponsor: 'acme-cloud' });
  await sponsor.get(`${at}/pictures/card.png`).expect(403);
});

test('a PDF that can’t be drawn has no pictures, and staff read why', async () => {
  const analyst = await browserOf(app, 'analyst', { email: 'b@doors.example' });
  const { text } = await analyst.get(`/staff/campaigns/${BROKEN}`).expect(200);
  expect(text).toContain('There are no pictures of it: Viewers cannot open the PDF.');
});

test('a cover of its own takes the place of the first page, on the card as well', async () => {
  const picture = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#00ff00' } })
    .png()
    .toBuffer();
  await keep({ 'campaign.yaml': CAMPAIGN_YAML, 'whitepaper.pdf': await paper(), 'cover.png': picture });
  await drawAll();
  const html = await page(`/w/${SLUG}`);
  expect(html).toContain('width="320" height="240"');
  const { body } = await request(app).get(`/w/${SLUG}/pictures/card.png`).buffer(true).parse(bytes).expect(200);
  const middle = await sharp(body).extract({ left: 600, top: 315, width: 1, height: 1 }).raw().toBuffer();
  expect([...middle]).toEqual([0, 255, 0]);
  expect(addresses(html).filter((one) => one.includes('page-')).length).toBe(6);
});

const tenth = (value: number) => Math.round(value / 10);

function bytes(response: request.Response, done: (error: Error | null, body: Buffer) => void): void {
  const parts: Buffer[] = [];
  response.on('data', (part: Buffer) => parts.push(part));
  response.on('end', () => done(null, Buffer.concat(parts)));
}
