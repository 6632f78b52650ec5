import { PDFDocument, PDFName, type PDFPage, PDFString } from 'pdf-lib';
import { compilePdf } from '../../src/stamping/compile-pdf';
import { applyPatches, patchesFor } from '../../src/stamping/copy-patches';
import type { Compiled, Preset, Reader } from '../../src/stamping/stamping.types';
import { tracePdf } from '../../src/stamping/trace-pdf';
import {
  differingRows,
  mupdfPicture,
  mutoolText,
  pdftotext,
  popplerPicture,
  qpdfCheck,
  qpdfJson,
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

  test('qpdf can rewrite a copy in every way, and it can still be traced', async () => {
    const copy = copyOf(master, jane);
    for (const option of ['--qdf', '--object-streams=generate', '--linearize']) {
      const rewritten = qpdfRewrite(copy, option);
      expect(pdftotext(rewritten)[0]).toContain(jane.email);
      expect(await tracePdf(rewritten)).toMatchObject({
        ref: jane.ref,
        foundIn: expect.arrayContaining(['info', 'page']),
      });
    }
  });
});

/** A file with everything that other stampers lose. */
async function rich(): Promise<Buffer> {
  const doc = await PDFDocument.create();
  const { context, catalog } = doc;
  const pages = [doc.addPage(), doc.addPage([400, 300])];
  doc.setTitle('Rich');
  const [first, second] = pages.map((page) => page.ref);
  const outlines = context.nextRef();
  const item = context.obj({ Title: PDFString.of('Two'), Parent: outlines, Dest: [second, PDFName.of('Fit')] });
  const entry = context.register(item);
  context.assign(outlines, context.obj({ Type: 'Outlines', First: entry, Last: entry, Count: 1 }));
  catalog.set(PDFName.of('Outlines'), outlines);
  catalog.set(PDFName.of('Lang'), PDFString.of('en-GB'));
  catalog.set(PDFName.of('PageLabels'), context.obj({ Nums: [0, { S: 'r' }] }));
  const link = { Type: 'Annot', Subtype: 'Link', Rect: [10, 10, 90, 90], Dest: [first, PDFName.of('Fit')] };
  pages[1]?.node.set(PDFName.of('Annots'), context.obj([context.register(context.obj(link))]));
  doc
    .getForm()
    .createTextField('reader.name')
    .addToPage(pages[0] as PDFPage, { x: 50, y: 500 });
  await doc.attach(Buffer.from('a,b'), 'data.csv', { mimeType: 'text/csv', description: 'Data' });
  return Buffer.from(await doc.save({ useObjectStreams: true }));
}

test('outline, links, fields, attachments, page labels and catalog stay as they were', async () => {
  const pdf = await rich();
  const copy = copyOf(await compiled(pdf), jane);
  const keys = ['outlines', 'attachments', 'acroform', 'pagelabels'];
  const before = qpdfJson(pdf, ...keys);
  expect(JSON.stringify(before)).toMatch(/Two.*reader\.name|reader\.name.*Two/);
  expect(qpdfJson(copy, ...keys)).toEqual(before);
  expect(qpdfCheck(copy).status).toBe(0);
  const made = await PDFDocument.load(copy, { updateMetadata: false });
  expect(String(made.catalog.get(PDFName.of('Lang')))).toBe('(en-GB)');
  expect(made.getTitle()).toBe('Rich');
  expect(String(made.getPage(1).node.get(PDFName.of('Annots')))).toMatch(/^\[ \d+ 0 R \]$/);
});

test('a file that asks for a password, or only restricts, is refused as encrypted', async () => {
  const pdf = rawPages([{}]);
  for (const [user, owner] of [
    ['secret', 'secret'],
    ['', 'owner'],
  ] as const) {
    for (const options of [[], ['--object-streams=generate']]) {
      const locked = qpdfRewrite(pdf, ...options, '--encrypt', user, owner, '256', '--');
      await expect(compiled(locked)).rejects.toMatchObject({ code: 'encrypted' });
    }
  }
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
