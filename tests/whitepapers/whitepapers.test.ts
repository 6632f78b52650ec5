import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDocument, PDFName } from 'pdf-lib';
import * as campaigns from '../../src/campaigns/campaigns';
import { inspect } from '../../src/stamping/stamping';
import { pageTexts } from '../support/pdf-text';
import { useStore } from '../support/store';

jest.setTimeout(120_000);

const ROOT = join(__dirname, '../..');
const CLOUD = 'cloud-video-surveillance-housing-associations';
const TREND = 'state-of-physical-access-2024';

const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-whitepapers-'));
useStore();

afterAll(async () => {
  await campaigns.closeMasters();
  rmSync(dataDir, { recursive: true, force: true });
});

const pdfOf = (slug: string): Buffer => readFileSync(join(ROOT, 'whitepapers', slug, 'whitepaper.pdf'));

test('both examples are imported at start and open', async () => {
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  await campaigns.importAll(join(ROOT, 'whitepapers'), { dataDir, log: quiet as never });
  const open = await campaigns.openCampaigns(new Date('2026-11-24T10:00:00Z'));
  expect(open.map(({ slug }) => slug).sort()).toEqual([CLOUD, TREND]);
  expect(open.every(({ whitepaper, article, cover }) => whitepaper && article && cover)).toBe(true);
  expect((await campaigns.site()).name).toBe('Estate & Access');
});

test.each([
  [CLOUD, 8, 12],
  [TREND, 4, 6],
])('%s is tagged, outlined, titled, stampable, and has %i to %i pages', async (slug, least, most) => {
  const pdf = await PDFDocument.load(pdfOf(slug), { updateMetadata: false });
  expect(pdf.getPageCount()).toBeGreaterThanOrEqual(least);
  expect(pdf.getPageCount()).toBeLessThanOrEqual(most);
  const report = await inspect(pdfOf(slug));
  expect(report).toMatchObject({ verdict: 'stampable', tagged: true, outline: true });
  expect(pdf.getTitle()).toBe((await campaigns.findCampaign(slug))?.title);
  expect(pdf.catalog.get(PDFName.of('Lang'))?.toString()).toContain('en-GB');
});

test('the pages that the contents name are the pages where the chapters begin', async () => {
  const texts = (await pageTexts(pdfOf(CLOUD))).map((text) => text.replace(/\s+/g, ' '));
  const rows = [...(texts[1] ?? '').replace(/^.*Contents /, '').matchAll(/([A-Z][^0-9]+?) (\d+)(?= |$)/g)].map(
    ([, title, page]) => [title, Number(page)] as const,
  );
  const chapters = rows.filter(([title]) => title !== 'Estate & Access');
  expect(chapters.length).toBeGreaterThan(7);
  for (const [title, page] of chapters) expect(texts[page - 1]).toContain(title);
});

test.each([CLOUD, TREND])('%s is typeset again byte for byte', (slug) => {
  const out = mkdtempSync(join(tmpdir(), 'gatefold-typeset-'));
  execFileSync(process.execPath, [join(ROOT, 'scripts/typeset.mjs'), slug, '--out', out]);
  expect(readFileSync(join(out, slug, 'whitepaper.pdf')).equals(pdfOf(slug))).toBe(true);
  rmSync(out, { recursive: true, force: true });
});
