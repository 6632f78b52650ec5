import { PDFArray, PDFDict, PDFDocument, PDFName } from 'pdf-lib';
import { compilePdf } from '../../src/stamping/compile-pdf';
import { applyPatches, patchesFor } from '../../src/stamping/copy-patches';
import type { Compiled, Preset, Reader } from '../../src/stamping/stamping.types';
import { tracePdf } from '../../src/stamping/trace-pdf';
import { examine, mutoolText, pdftotext, qpdfCheck, qpdfJson, qpdfRewrite } from '../support/pdf-tools';
import { corpusFile } from './corpus';
import { rawPages } from './raw-pdf';
import { jane, scripts, TEMPLATE } from './readers';

/** Readers' values in our copies, before qpdf, poppler and mupdf; corpus.judges.test.ts has the PDFs. */
const compiled = (pdf: Buffer, preset: Preset = 'footer') => compilePdf(pdf, { preset, template: TEMPLATE });

function copyOf({ template, slots }: Compiled, reader: Reader): Buffer {
  const copy = Buffer.from(template);
  applyPatches(copy, 0, patchesFor(slots, reader).patches);
  return copy;
}

const fill300 = (text: string) => [...`${text} `.repeat(300)].slice(0, 300).join('').trim();

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

  test.each([
    ...Object.entries(scripts).map(([script, [name]]): [string, string] => [
      `300 characters of ${script}`,
      fill300(name),
    ]),
    [')(\\<>&"\'%', ')(\\<>&"\'%'],
    ['line breaks', 'Jane\r\nDoe\nEndstream\rendobj'],
    ['NUL', 'Jane\0Doe'],
    ['half a surrogate pair', 'Jane \ud800 Doe \udc00'],
    ['U+202E', 'Jane \u202Eeod enaJ'],
    ['words of the format', '>> endstream endobj %%EOF ]]> <!-- BT ET Q'],
  ])('%s break nothing, and name nobody else', (_, name) => {
    const copy = copyOf(master, { ...jane, name, company: name });
    const { check, poppler, mupdf } = examine(copy, 100);
    expect(check).toBe(0);
    for (const { texts } of [poppler, mupdf]) {
      expect(texts).toHaveLength(3);
      for (const text of texts) for (const value of [jane.email, 'Prepared for']) expect(text).toContain(value);
    }
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

/** Destinations as qpdf resolves them, without their pages' numbers and references, which move up. */
const unnumbered = (parts: unknown) =>
  JSON.stringify(parts, (key, value) => (/^destpageposfrom1$|^dest$|^object$/.test(key) ? undefined : value));

test('a cover moves everything up by a page and changes nothing else', async () => {
  const pdf = corpusFile('stampable', 'outline-links-fields-attachments-page-labels');
  const copy = copyOf(await compiled(pdf, 'cover'), jane);
  expect(qpdfCheck(copy).status).toBe(0);
  const keys = ['outlines', 'attachments', 'acroform'];
  expect(unnumbered(qpdfJson(copy, ...keys)).replaceAll('"pageposfrom1":2', '"pageposfrom1":1')).toBe(
    unnumbered(qpdfJson(pdf, ...keys)),
  );
  expect(qpdfJson(copy, 'outlines')).toMatchObject({ outlines: [{ title: 'Two', destpageposfrom1: 3 }] });
  const labels = (qpdfJson(copy, 'pagelabels') as { pagelabels: unknown[] }).pagelabels;
  expect(labels).toEqual([
    { index: 0, label: { '/St': 1 } },
    { index: 1, label: { '/S': '/r', '/St': 1 } },
  ]);
  const [cover, ...rest] = pdftotext(copy);
  expect(cover?.split('\n').filter(Boolean)).toEqual([
    'Rich',
    'Prepared for Jane Doe',
    jane.company,
    jane.email,
    jane.date,
    jane.ref,
  ]);
  for (const text of rest) expect(text).toContain(jane.email);
  const made = await PDFDocument.load(copy, { updateMetadata: false });
  const link = made.getPage(2).node.Annots()?.lookup(0, PDFDict).lookup(PDFName.of('Dest'), PDFArray);
  expect(link?.get(0)).toBe(made.getPage(1).ref);
});

describe('a copy that was cut short', () => {
  const source = () => rawPages([{ contents: ['BT /F 24 Tf 150 400 Td (Hello) Tj ET'] }, {}, {}]);

  test('never shows the unmarked pages', async () => {
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
