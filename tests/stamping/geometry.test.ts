import { compilePdf } from '../../src/stamping/compile-pdf';
import { applyPatches, patchesFor } from '../../src/stamping/copy-patches';
import type { Preset } from '../../src/stamping/stamping.types';
import { corpusFile } from './corpus';
import { defects, geometries } from './defects';
import { jane, TEMPLATE } from './readers';
import { differingPixels, differingRows, pagePictures, pageTexts } from './viewer';

async function stamp(pdf: Buffer, preset: Preset): Promise<Buffer> {
  const { template, slots } = await compilePdf(pdf, { preset, template: TEMPLATE });
  applyPatches(template, 0, patchesFor(slots, jane).patches);
  return template;
}

async function expectTexts(copy: Buffer): Promise<void> {
  const texts = await pageTexts(copy);
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) for (const value of [jane.name, jane.email, jane.ref]) expect(text).toContain(value);
}

describe.each(Object.keys(defects))('a PDF with %s', (trait) => {
  const pdf = corpusFile('stampable', trait);
  // Viewers disagree on what they show of the second; the first have six rows of pixels.
  const tiny = trait.startsWith('a page of 3.84');
  const blank = trait === 'crop box beside the media box';

  test('carries name and e-mail on every page, in the lowest part of the page as shown', async () => {
    const copy = await stamp(pdf, 'footer');
    await expectTexts(copy);
    for (const rows of await differingRows(pdf, copy)) {
      if (!tiny && !blank) expect(rows.length).toBeGreaterThan(0);
      expect(Math.min(1, ...rows)).toBeGreaterThan(tiny ? 0.8 : 0.84);
    }
  });
});

describe.each(Object.keys(geometries))('a PDF with %s', (trait) => {
  const pdf = corpusFile('stampable', trait);
  const tiny = trait.startsWith('a page of 3.84');
  const blank = trait === 'crop box beside the media box';

  test('carries them in the highest part with the header', async () => {
    const copy = await stamp(pdf, 'header');
    for (const rows of await differingRows(pdf, copy)) {
      if (!tiny && !blank) expect(rows.length).toBeGreaterThan(0);
      expect(Math.max(0, ...rows)).toBeLessThan(tiny ? 0.2 : 0.16);
    }
  });

  test('carries them across the page with the diagonal, from the lower left to the upper right', async () => {
    const copy = await stamp(pdf, 'diagonal');
    await expectTexts(copy);
    if (tiny || blank) return;
    const [before, after] = [await pagePictures(pdf), await pagePictures(copy)];
    for (const [at, page] of before.entries()) {
      const pixels = differingPixels(page, after[at] ?? page);
      expect(pixels.length).toBeGreaterThan(100);
      // From the lower left corner (0, 0) to the upper right one (1, 1), the height as tall as the band allows.
      const strays = pixels.filter(([x, y]) => Math.abs(1 - y - x) > 0.35);
      expect(strays).toEqual([]);
      expect(Math.min(...pixels.map(([x]) => x))).toBeLessThan(0.35);
      expect(Math.max(...pixels.map(([x]) => x))).toBeGreaterThan(0.65);
    }
  });

  test('carries them on a cover of the size of its first page, and on its own pages', async () => {
    const copy = await stamp(pdf, 'cover');
    await expectTexts(copy);
    if (blank) return;
    const [before, [cover, ...after]] = [await pagePictures(pdf), await pagePictures(copy)];
    expect(after).toHaveLength(before.length);
    expect(cover?.height).toBe(before[0]?.height);
    if (!tiny)
      for (const [at, page] of before.entries()) {
        expect(Math.min(...differingPixels(page, after[at] ?? page).map(([, y]) => y))).toBeGreaterThan(0.84);
      }
  });
});
