import { PDFDocument, PDFName, StandardFonts } from 'pdf-lib';
import { compile, describe as describeInspection, inspect, StampError } from '../../src/stamping/stamping';
import { corpusFile } from './corpus';
import { encrypted, refused } from './hostile';
import { rawPages, rawPdf } from './raw-pdf';
import { TEMPLATE } from './readers';

const A4 = '/MediaBox [0 0 595 842]';
// Ten seconds are the worker's; the rest is for a machine that is busy. What hangs is caught, what is slow is not judged.
const LIMIT_MS = 60_000;

describe('refuses', () => {
  const reasons = Object.entries(refused).map(([trait, [, reason]]): [string, RegExp] => [trait, reason]);
  const locked = encrypted.map((trait): [string, RegExp] => [trait, /encrypted/]);

  test.each([...reasons, ...locked])('%s', async (trait, reason) => {
    const before = process.memoryUsage().rss;
    const started = Date.now();
    const pdf = corpusFile('refused', trait);
    const { verdict, ...found } = await inspect(pdf);
    expect(verdict).toBe('refused');
    expect(found.reason).toMatch(reason);
    expect(found.advice).toMatch(/\w/);
    expect(Date.now() - started).toBeLessThan(LIMIT_MS);
    expect(process.memoryUsage().rss - before).toBeLessThan(1_000_000_000);
    await expect(compile(pdf, { preset: 'footer', template: TEMPLATE })).rejects.toBeInstanceOf(StampError);
  });

  test('what was damaged at random, or takes it; never anything else', async () => {
    const whole = rawPages([{ contents: ['q 0 0 100 100 re f Q'] }, {}]);
    let random = 1;
    const next = (below: number) => {
      random = (random * 48271) % 2147483647;
      return random % below;
    };
    for (let round = 0; round < 12; round += 1) {
      const pdf = Buffer.from(whole);
      for (let hit = 0; hit < 8; hit += 1) pdf[next(pdf.length)] = next(256);
      const { verdict, reason } = await inspect(pdf);
      expect(verdict === 'refused').toBe(reason !== undefined);
    }
  });
});

describe('reports', () => {
  test('a plain file', async () => {
    const report = await inspect(rawPages([{}, {}, { entries: '/MediaBox [0 0 300 400] /Rotate 90' }], '', '1.4'));
    expect(report).toMatchObject({
      verdict: 'stampable',
      notes: [],
      pages: 3,
      sizes: [
        { width: 595, height: 842, pages: 2 },
        { width: 400, height: 300, pages: 1 },
      ],
      rotations: [0, 90],
      version: '1.4',
      encrypted: false,
      signed: false,
      outline: false,
    });
    expect(report.reason).toBeUndefined();
  });

  test('outline, tags, forms, claims', async () => {
    const doc = await PDFDocument.create();
    const page = doc.addPage();
    const font = await doc.embedFont(StandardFonts.Helvetica);
    page.drawText('x', { font });
    doc.getForm().createTextField('name').addToPage(page);
    const { context, catalog } = doc;
    const packet = '<rdf:RDF><pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:RDF>';
    catalog.set(PDFName.of('Metadata'), context.register(context.stream(packet)));
    catalog.set(PDFName.of('MarkInfo'), context.obj({ Marked: true }));
    catalog.set(PDFName.of('StructTreeRoot'), context.obj({ Type: 'StructTreeRoot' }));
    const item = context.register(context.obj({ Title: PDFName.of('One') }));
    catalog.set(PDFName.of('Outlines'), context.obj({ First: item, Last: item, Count: 1 }));
    const report = await inspect(await doc.save());
    expect(report).toMatchObject({ outline: true, tagged: true, forms: true, xfa: false, pdfa: '2b', pdfua: null });
    expect(report.verdict).toBe('stampable-with-note');
    expect(report.notes.join(' ')).toMatch(/form fields/);
  });

  test('an encrypted file as encrypted, a signed one as signed', async () => {
    expect(await inspect(corpusFile('refused', 'an encryption dictionary'))).toMatchObject({ encrypted: true });
    expect(await inspect(corpusFile('refused', 'a signature'))).toMatchObject({ signed: true, pages: 1 });
  });

  test('damaged parts that do not matter', async () => {
    const catalog = '<< /Type /Catalog /Pages 2 0 R >>';
    const objects = [catalog, '<< /Type /Pages /Count 1 /Kids [3 0 R] >>', `<< /Type /Page /Parent 2 0 R ${A4} >>`];
    const { verdict, notes } = await inspect(rawPdf({ objects: [...objects, '['.repeat(1_000_000)] }));
    expect(verdict).toBe('stampable-with-note');
    expect(notes.join(' ')).toMatch(/damaged/);
  });

  test('in a few lines for a terminal', async () => {
    expect(describeInspection(await inspect(rawPages([{}])))).toMatch(/^Stampable\nPDF 1\.7 · 1 pages · 0\.00 MB\n/);
    expect(describeInspection(await inspect(rawPdf({ objects: ['[]'] })))).toMatch(/^Refused: .+\nExport /);
  });

  test('sizes in points, with the user unit', async () => {
    const { sizes } = await inspect(rawPages([{ entries: `${A4} /UserUnit 2` }]));
    expect(sizes).toEqual([{ width: 1190, height: 1684, pages: 1 }]);
  });
});
