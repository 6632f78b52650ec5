import { compilePdf } from '../../src/stamping/compile-pdf';
import { applyPatches, patchesFor } from '../../src/stamping/copy-patches';
import { corpusFile } from './corpus';
import { defects } from './defects';
import { jane, TEMPLATE } from './readers';
import { differingRows, pageTexts } from './viewer';

async function stamp(pdf: Buffer, preset: 'footer' | 'header'): Promise<Buffer> {
  const { template, slots } = await compilePdf(pdf, { preset, template: TEMPLATE });
  applyPatches(template, 0, patchesFor(slots, jane).patches);
  return template;
}

describe.each(Object.keys(defects))('a PDF with %s', (trait) => {
  const pdf = corpusFile('stampable', trait);
  // Viewers disagree on what they show of the second; the first have six rows of pixels.
  const tiny = trait.startsWith('a page of 3.84');
  const blank = trait === 'crop box beside the media box';

  test('carries name and e-mail on every page, in the lowest part of the page as shown', async () => {
    const copy = await stamp(pdf, 'footer');
    const texts = await pageTexts(copy);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      expect(text).toContain(jane.name);
      expect(text).toContain(jane.email);
    }
    for (const rows of await differingRows(pdf, copy)) {
      if (!tiny && !blank) expect(rows.length).toBeGreaterThan(0);
      expect(Math.min(1, ...rows)).toBeGreaterThan(tiny ? 0.8 : 0.84);
    }
  });

  test('carries them in the highest part with the header', async () => {
    const copy = await stamp(pdf, 'header');
    for (const rows of await differingRows(pdf, copy)) {
      if (!tiny && !blank) expect(rows.length).toBeGreaterThan(0);
      expect(Math.max(0, ...rows)).toBeLessThan(tiny ? 0.2 : 0.16);
    }
  });
});
