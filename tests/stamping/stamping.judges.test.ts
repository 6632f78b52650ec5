import { compilePdf } from '../../src/stamping/compile-pdf';
import { applyPatches, patchesFor } from '../../src/stamping/copy-patches';
import type { Compiled, Preset, Reader } from '../../src/stamping/stamping.types';
import {
  differingRows,
  mupdfPicture,
  mutoolText,
  pdftotext,
  popplerPicture,
  qpdfCheck,
  qpdfRewrite,
} from '../support/pdf-tools';
import { defects } from './defects';
import { rawPages } from './raw-pdf';
import { jane, scripts, TEMPLATE } from './readers';

/** qpdf, poppler and mupdf on what we make: none of them shares code with us. */
const compiled = (pdf: Buffer, preset: Preset = 'footer') => compilePdf(pdf, { preset, template: TEMPLATE });

function copyOf({ template, slots }: Compiled, reader: Reader): Buffer {
  const copy = Buffer.from(template);
  applyPatches(copy, 0, patchesFor(slots, reader).patches);
  return copy;
}

describe.each(Object.entries(defects))('a PDF with %s', (trait, make) => {
  // Poppler does not extract such small text; mupdf stops at damage; each viewer shows another box, and poppler
  // nothing at all of a page with more Q than q (but all of its copy).
  const tiny = trait.startsWith('a page of 3.84');
  const damaged = trait === 'an undecodable content stream';
  const disputed = tiny || damaged || ['crop box beside the media box', 'more Q than q'].includes(trait);

  test('is no worse for qpdf than the source', async () => {
    const pdf = make();
    expect([0, qpdfCheck(pdf).status]).toContain(qpdfCheck(copyOf(await compiled(pdf), jane)).status);
  });

  test('carries name and e-mail on every page for poppler and mupdf', async () => {
    const copy = copyOf(await compiled(make()), jane);
    if (trait === 'crop box beside the media box') return;
    for (const text of [...(tiny ? [] : pdftotext(copy)), ...(damaged ? [] : mutoolText(copy))]) {
      expect(text).toContain(jane.name);
      expect(text).toContain(jane.email);
    }
  });

  test('looks the same outside the strip for poppler and mupdf', async () => {
    const pdf = make();
    const copy = copyOf(await compiled(pdf), jane);
    if (disputed) return;
    for (const picture of [popplerPicture, mupdfPicture]) {
      const rows = differingRows(picture(pdf, 1, 400), picture(copy, 1, 400));
      expect(rows.length).toBeGreaterThan(0);
      expect(Math.min(...rows)).toBeGreaterThan(0.84);
    }
  });
});

describe('names in every script', () => {
  let master: Compiled;
  beforeAll(async () => {
    const contents = ['BT /F 24 Tf 150 400 Td (Hello) Tj ET'];
    master = await compiled(
      rawPages([{ contents }, { contents, entries: '/MediaBox [0 0 595 842] /Rotate 90' }, { contents }]),
    );
  });

  test.each(Object.entries(scripts))('%s is found whole, per field, on every page', (_, [name, company]) => {
    const copy = copyOf(master, { ...jane, name, company });
    expect(qpdfCheck(copy)).toMatchObject({ status: 0 });
    const pages = [...pdftotext(copy), ...mutoolText(copy)];
    expect(pages).toHaveLength(6);
    for (const text of pages) for (const value of [name, company, jane.email]) expect(text).toContain(value);
  });

  test('qpdf can rewrite a copy in every way', () => {
    const copy = copyOf(master, jane);
    for (const option of ['--qdf', '--object-streams=generate', '--linearize']) {
      expect(pdftotext(qpdfRewrite(copy, option))[0]).toContain(jane.email);
    }
  });
});

describe('other ways in which a file is written', () => {
  const source = () => rawPages([{ contents: ['BT /F 24 Tf 150 400 Td (Hello) Tj ET'] }, {}, {}]);

  test.each([
    ['object streams', '--object-streams=generate'],
    ['linearized', '--linearize'],
    ['linearized with object streams', '--linearize', '--object-streams=generate'],
  ])('%s: clean, and found on every page', async (_, ...options) => {
    const pdf = qpdfRewrite(source(), ...options);
    const copy = copyOf(await compiled(pdf), jane);
    expect(qpdfCheck(copy)).toMatchObject({ status: 0 });
    for (const text of pdftotext(copy)) expect(text).toContain(jane.email);
    expect(/\/Type\s*\/ObjStm/.test(copy.toString('latin1'))).toBe(options.includes('--object-streams=generate'));
  });

  test('what remains of a copy that was cut short never shows the unmarked pages', async () => {
    const copy = copyOf(await compiled(source()), jane);
    const whole = copy.toString('latin1');
    for (const cut of [whole.lastIndexOf('startxref'), whole.lastIndexOf('xref\n'), whole.lastIndexOf('endobj')]) {
      const rest = copy.subarray(0, cut);
      let texts: string[] = [];
      try {
        texts = pdftotext(rest);
      } catch {
        // Not readable at all: as good.
      }
      for (const text of texts) expect(text).toContain(jane.email);
    }
  });
});
