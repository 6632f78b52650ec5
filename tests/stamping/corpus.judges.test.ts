import { compilePdf } from '../../src/stamping/compile-pdf';
import { applyPatches, patchesFor } from '../../src/stamping/copy-patches';
import type { Preset } from '../../src/stamping/stamping.types';
import { differences, examine, type Findings, type Picture, qpdfJson, says } from '../support/pdf-tools';
import { corpusFile, corpusTraits } from './corpus';
import { jane, TEMPLATE } from './readers';
import { changedObjects } from './unchanged';

/** Every PDF of the corpus with every preset, before qpdf, poppler and mupdf: none of them shares code with us. */
const PRESETS: Preset[] = ['footer', 'header', 'diagonal', 'cover'];
/** The footer is tried on all of them, the others on those in which a place or the document's structure is special. */
const SPECIAL =
  /rotated|box|user-unit|sizes|metres|card|banner|points|inherited|twice|shared|tags|layers|annotations|transparency|outline|claim|object-streams|dark/;
const presetsFor = (trait: string) => PRESETS.filter((preset) => preset === 'footer' || SPECIAL.test(trait));
const WIDTH = 240;
/** Poppler extracts no text as small as on these. */
const TINY = ['a-page-of-3.84-points', 'a-page-of-3.84-points-rotated-by-90'];
/** mupdf stops where content can't be unpacked. */
const DAMAGED = ['an-undecodable-content-stream'];
/** Each viewer shows another box, and poppler nothing at all of a page with more Q than q (but all of its copy). */
const DISPUTED = [...TINY, ...DAMAGED, 'crop-box-beside-the-media-box', 'more-q-than-q'];
/** Nothing of it is shown, so that there is nothing to be found in it. */
const NOWHERE = ['crop-box-beside-the-media-box'];

async function copyOf(pdf: Buffer, preset: Preset): Promise<Buffer> {
  const { template, slots } = await compilePdf(pdf, { preset, template: TEMPLATE });
  applyPatches(template, 0, patchesFor(slots, jane).patches);
  return template;
}

/** mupdf blends a page with transparency in it as a whole, and rounds once more. */
const BLENDED = 2;

/** A line is within the outermost sixth of a page, and on the usual ones (A4 upright) within 50 points. */
const lineLimit = ({ width, height }: Picture) => (Math.abs(height / width - 842 / 595) < 0.01 ? 50 / 842 : 0.16);

/** How far from where the stamp belongs a pixel is: of the page's height, or of its diagonal from the lower left. */
function distance({ x, y }: { x: number; y: number }, { width, height }: Picture, preset: Preset): number {
  if (preset === 'header') return y / height;
  if (preset === 'diagonal') return Math.abs(height * x + width * y - width * height) / (width ** 2 + height ** 2);
  return 1 - y / height;
}

function expectStampOnly(before: Picture[], after: Picture[], preset: Preset): void {
  const own = preset === 'cover' ? after.slice(1) : after;
  expect(own).toHaveLength(before.length);
  for (const [at, picture] of before.entries()) {
    const pixels = differences(picture, own[at] as Picture, preset === 'diagonal' ? BLENDED : 0);
    expect(pixels.length).toBeGreaterThan(0);
    const farthest = Math.max(...pixels.map((pixel) => distance(pixel, picture, preset)));
    expect(farthest).toBeLessThan(preset === 'diagonal' ? 0.1 : lineLimit(picture));
  }
}

describe.each(corpusTraits('stampable'))('%s', (trait) => {
  const pdf = corpusFile('stampable', trait);
  let source: Findings;
  beforeAll(() => {
    source = examine(pdf, WIDTH);
  });

  describe.each(presetsFor(trait))('with the preset %s', (preset) => {
    let copy: Findings;
    beforeAll(async () => {
      copy = examine(await copyOf(pdf, preset), WIDTH);
    });

    test('is no worse for qpdf than the source', () => {
      expect([0, source.check]).toContain(copy.check);
    });

    test('keeps every object as it was', () => {
      expect(source.objects.size).toBeGreaterThan(2);
      expect(changedObjects(source, copy, preset === 'cover')).toEqual([]);
    });

    test('carries name and e-mail on every page for poppler and mupdf', () => {
      if (NOWHERE.includes(trait)) return;
      const { poppler, mupdf } = copy;
      for (const [{ texts, pictures }, blind] of [
        [poppler, TINY],
        [mupdf, DAMAGED],
      ] as const) {
        if (blind.includes(trait)) continue;
        expect(texts).toHaveLength(pictures.length);
        for (const text of texts) for (const value of [jane.name, jane.email]) expect(text).toContain(value);
      }
    });

    test('looks different where the stamp is and nowhere else for poppler and mupdf', () => {
      if (DISPUTED.includes(trait)) return;
      for (const viewer of ['poppler', 'mupdf'] as const) {
        expect(source[viewer].pictures.length).toBeGreaterThan(0);
        expectStampOnly(source[viewer].pictures, copy[viewer].pictures, preset);
      }
    });
  });
});

test('the comparison of objects sees what is lost and what is another', () => {
  const [tags, layers] = ['tags', 'layers'].map((trait) => examine(corpusFile('stampable', trait), WIDTH));
  if (!tags || !layers) throw new Error('no corpus');
  expect(changedObjects(tags, tags)).toEqual([]);
  expect(changedObjects(tags, layers)).toEqual(
    expect.arrayContaining(['obj:8 0 R is gone', 'obj:1 0 R is not the same']),
  );
});

/** What tools said of a file, when its pages have one in front: every page number is one more. */
const behindCover = (said: string) =>
  said.replace(/(page=|pageposfrom1":|\n +)(\d+)/g, (_, before, page) => `${before}${Number(page) + 1}`);

describe.each(PRESETS)('what tools say of a file, before and after the preset %s', (preset) => {
  const rich = 'outline-links-fields-attachments-page-labels';
  const moved = (said: string) => (preset === 'cover' ? behindCover(said) : said);

  test.each([rich, `${rich}-in-object-streams`])('%s', async (trait) => {
    const pdf = corpusFile('stampable', trait);
    const copy = await copyOf(pdf, preset);
    const json = (file: Buffer, ...keys: string[]) => JSON.stringify(qpdfJson(file, ...keys));
    expect(json(copy, 'outlines', 'acroform')).toBe(moved(json(pdf, 'outlines', 'acroform')));
    expect(json(copy, 'attachments')).toBe(json(pdf, 'attachments'));
    const label = (index: number) => ({ index, label: { '/S': '/r', '/St': 1 } });
    const pagelabels = preset === 'cover' ? [{ index: 0, label: { '/St': 1 } }, label(1)] : [label(0)];
    expect(qpdfJson(copy, 'pagelabels')).toMatchObject({ pagelabels });
    for (const [tool, options, more, known] of [
      ['mutool', ['show'], ['outline'], 'Two'],
      ['pdfdetach', ['-list'], [], 'data.csv'],
      ['pdfinfo', ['-url'], [], 'https://example.org/'],
    ] as const) {
      const before = says(tool, [...options], pdf, ...more);
      expect(before).toContain(known);
      expect(says(tool, [...options], copy, ...more)).toBe(tool === 'pdfdetach' ? before : moved(before));
    }
  });

  test('tags', async () => {
    const pdf = corpusFile('stampable', 'tags');
    const before = says('pdfinfo', ['-struct-text'], pdf);
    expect(before).toMatch(/H1[\s\S]*Hello[\s\S]*P \(block\)[\s\S]*World[\s\S]*Figure/);
    expect(says('pdfinfo', ['-struct-text'], await copyOf(pdf, preset))).toBe(before);
  });
});
