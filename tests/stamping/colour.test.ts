import { compilePdf } from '../../src/stamping/compile-pdf';
import { rawPages } from './raw-pdf';
import { TEMPLATE } from './readers';

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
