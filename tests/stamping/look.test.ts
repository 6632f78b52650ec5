import { PDFArray, PDFDocument, PDFName } from 'pdf-lib';
import { compilePdf } from '../../src/stamping/compile-pdf';
import { applyPatches, patchesFor } from '../../src/stamping/copy-patches';
import { rawPages, rawPdf } from './raw-pdf';
import { jane, TEMPLATE } from './readers';
import { pageTexts } from './viewer';

const page = (content: string, entries = '/MediaBox [0 0 595 842]') => ({ entries, contents: [content] });
const all = '0 0 2000 2000 re f';

/** The colours that pages set for the stamp, in the order of the pages. */
async function colours(pages: ReturnType<typeof page>[], colour?: string): Promise<string[]> {
  const options = { preset: 'footer' as const, template: TEMPLATE, ...(colour && { colour }) };
  const { template } = await compilePdf(rawPages(pages), options);
  const text = template.toString('latin1');
  const wrappers = new Map(
    text.split('endobj').map((object) => {
      const colourSet = /\nq ([\d. ]+ (?:g|rg)) [^\n]*Do Q/.exec(object)?.[1];
      return [/(\d+) 0 obj/.exec(object)?.[1], colourSet];
    }),
  );
  return [...text.matchAll(/\/Contents \[[^\]]*?(\d+) 0 R \]/g)].map((match) => wrappers.get(match[1]) ?? 'none');
}

test('dark text on light pages, light text on dark ones, the extremes softer', async () => {
  const made = await colours([page(''), page(`0 g ${all}`), page(`0.6 g ${all}`), page(`0.35 g ${all}`)]);
  expect(made).toEqual(['0.35 g', '0.85 g', '0 g', '1 g']);
});

test('what counts is the strip, wherever the page shows it', async () => {
  const bar = page('0 g 0 0 60 842 re f', '/MediaBox [0 0 595 842] /Rotate 270');
  const other = page('0 g 0 0 60 842 re f', '/MediaBox [0 0 595 842] /Rotate 90');
  expect(await colours([bar, other])).toEqual(['0.85 g', '0.35 g']);
});

test('a colour that was asked for is used everywhere', async () => {
  expect(await colours([page(''), page(`0 g ${all}`)], '#336699')).toEqual([
    '0.200 0.400 0.600 rg',
    '0.200 0.400 0.600 rg',
  ]);
});

test('the same PDF and options give the same template', async () => {
  const pdf = rawPages([page('')]);
  const options = { preset: 'footer' as const, template: TEMPLATE };
  const [first, again] = [await compilePdf(pdf, options), await compilePdf(pdf, options)];
  expect(again.slots).toEqual(first.slots);
});

describe('the strip keeps clear of page numbers', () => {
  const number = (y: number) => `BT /F 7 Tf 290 ${y} Td (12) Tj ET`;
  const lowest = async (content: string, margin?: number) => {
    const options = { preset: 'footer' as const, template: TEMPLATE, ...(margin !== undefined && { margin }) };
    const { template } = await compilePdf(rawPages([page(content), page('')]), options);
    return Number(/(\S+) cm \/Gf/.exec(template.toString('latin1'))?.[1]);
  };

  test.each([
    ['nothing there', '', 10],
    ['a number at the usual height', number(15), 20],
    ['a number above', number(25), 10],
    ['a number and a rule', `${number(15)} 0 28 595 1 re f`, 28],
  ])('%s', async (_, content, margin) => {
    expect(await lowest(content)).toBeCloseTo(margin, 3);
  });

  test('unless a margin is asked for', async () => {
    expect(await lowest(number(15), 10)).toBeCloseTo(10, 3);
  });
});

describe('the diagonal', () => {
  const diagonal = { preset: 'diagonal' as const, template: TEMPLATE };
  const claiming = (pages: ReturnType<typeof page>[]) => rawPages(pages, '', '1.3');

  test('is faint, dark on light pages and light on dark ones', async () => {
    const { template } = await compilePdf(rawPages([page(''), page(`0 g ${all}`)]), diagonal);
    const text = template.toString('latin1');
    expect([...text.matchAll(/\nq (\S+ g) \/Gf\w+ gs [^\n]*banner Do Q/g)].map(([, colour]) => colour)).toEqual([
      '0.35 g',
      '0.85 g',
    ]);
    expect(text).toMatch(/\/ExtGState\s+\/ca 0\.22/);
    expect(text).toContain('/Artifact <</Type /Pagination /Subtype /Watermark>> BDC');
  });

  test('lies behind the page, without transparency, where a file may have none', async () => {
    const { template } = await compilePdf(claiming([page('0 g 0 0 60 60 re f')]), diagonal);
    const text = template.toString('latin1');
    expect(text).toMatch(/q 0\.\d+ g [^\n]*banner Do Q\nEMC\nq\n/);
    expect(text).not.toMatch(/ExtGState|\/Transparency/);
  });

  test('is refused where that would hide it', async () => {
    await expect(compilePdf(claiming([page(`1 g ${all}`)]), diagonal)).rejects.toMatchObject({
      code: 'hidden',
      message: expect.stringMatching(/^On page 1 nothing would be seen/),
      advice: 'Use the preset footer or header.',
    });
  });
});

describe('the cover', () => {
  const cover = { preset: 'cover' as const, template: TEMPLATE };
  const [HEAD, BACK] = ['<< /Type /Catalog /Pages 2 0 R', '<< /Type /Pages /Count 1 /Kids [3 0 R] >>'];
  const PAGE = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>';

  test('is counted: labels nested in a tree, destinations by number, the page that opens', async () => {
    const catalog = `${HEAD} /PageLabels << /Kids [4 0 R] >> /Dests << /here [0 /Fit] >> /OpenAction [3 0 R /Fit] /Away 5 0 R >>`;
    const objects = [
      catalog,
      BACK,
      PAGE,
      '<< /Nums [0 << /S /A >>] /Limits [0 0] >>',
      '<< /S /GoToR /F (x.pdf) /D [0 /Fit] >>',
    ];
    const { template } = await compilePdf(rawPdf({ objects }), cover);
    const doc = await PDFDocument.load(template, { updateMetadata: false });
    expect(String(doc.catalog.lookup(PDFName.of('PageLabels'))).replace(/\s+/g, ' ')).toContain(
      '/Nums [ 0 << >> 1 << /S /A >> ]',
    );
    expect(String(doc.catalog.lookup(PDFName.of('Dests')))).toContain('/here [ 1 /Fit ]');
    expect(String(doc.catalog.lookup(PDFName.of('Away')))).toContain('/D [ 0 /Fit ]');
    expect(doc.catalog.lookup(PDFName.of('OpenAction'), PDFArray).get(0)).toBe(doc.getPage(0).ref);
  });

  test('names the paper by its title, long ones on a few lines', async () => {
    const title = async (words: string) => {
      const { template, slots } = await compilePdf(rawPages([page('')]), { ...cover, title: words });
      applyPatches(template, 0, patchesFor(slots, jane).patches);
      return (await pageTexts(template))[0]?.split(/\r?\n/).slice(0, -5) ?? [];
    };
    expect(await title('Doors')).toEqual(['Doors']);
    expect((await title('Access control in blocks of flats: what it costs and who pays')).join(' ')).toBe(
      'Access control in blocks of flats: what it costs and who pays',
    );
    const long = await title('Words '.repeat(49));
    expect(long.length).toBeLessThanOrEqual(5);
  });
});
