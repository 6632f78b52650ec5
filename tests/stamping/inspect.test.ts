import { PDFDocument, PDFName, StandardFonts } from 'pdf-lib';
import { compile, describe as describeInspection, inspect, StampError } from '../../src/stamping/stamping';
import { inWorker } from '../../src/stamping/workshop';
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
    // Which looks before it compiles; this one takes seconds, each time.
    if (trait === 'a form that draws itself twice') return;
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

test('what takes too long is stopped', async () => {
  const pdf = corpusFile('stampable', 'plain');
  await expect(inWorker({ kind: 'inspect', pdf }, 0.01)).rejects.toMatchObject({ code: 'too-slow' });
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
    expect(describeInspection(await inspect(rawPages([{}])))).toMatch(/^Stampable\nPDF 1\.7 · 1 page · 0\.00 MB\n/);
    expect(describeInspection(await inspect(rawPdf({ objects: ['[]'] })))).toMatch(/^Refused: .+\nExport /);
  });

  test('boxes: what is shown of the whole page, and its unit', async () => {
    const cropped = { entries: `${A4} /CropBox [100 120 500 900]` };
    const report = await inspect(rawPages([cropped, { entries: `${A4} /UserUnit 2` }, cropped]));
    expect(report.boxes).toEqual([
      { media: [0, 0, 595, 842], shown: [100, 120, 500, 842], userUnit: 1, pages: 2 },
      { media: [0, 0, 595, 842], shown: [0, 0, 595, 842], userUnit: 2, pages: 1 },
    ]);
    expect(describeInspection(report)).toContain(
      'Boxes: 0 0 595 842 cropped to 100 120 500 842 (2); 0 0 595 842, a unit is 2 pt (1)',
    );
  });

  test('what every trait means for the copies, in words', async () => {
    const objects = (catalog: string, ...more: string[]) =>
      rawPdf({
        objects: [
          `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
          '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
          `<< /Type /Page /Parent 2 0 R ${A4} >>`,
          ...more,
        ],
      });
    const xmp = '<rdf:RDF><pdfuaid:part>1</pdfuaid:part></rdf:RDF>';
    for (const [pdf, words] of [
      [objects('/AcroForm << /Fields [] /XFA (x) >>'), /XFA form; some viewers show the form instead of the pages/],
      [objects('/Collection << >>'), /portfolio: only its cover pages are stamped/],
      [objects('/AF []'), /Files attached to it are passed on without a stamp/],
      [
        objects('/Metadata 4 0 R', `<< /Length ${xmp.length} >>\nstream\n${xmp}\nendstream`),
        /PDF\/UA; the stamp is kept/,
      ],
      [corpusFile('stampable', 'a-claim-of-pdf-a-1b'), /claims PDF\/A/],
      [corpusFile('stampable', 'a-page-of-3.84-points'), /very small/],
      [Buffer.concat([objects(''), Buffer.alloc(5_000_001, ' ')]), /too large for most mailboxes: readers get a link/],
    ] as const) {
      const { verdict, notes } = await inspect(pdf);
      expect(`${verdict} ${notes.join(' ')}`).toMatch(words);
      expect(verdict).toBe('stampable-with-note');
    }
  });

  test('sizes in points, with the user unit', async () => {
    const { sizes } = await inspect(rawPages([{ entries: `${A4} /UserUnit 2` }]));
    expect(sizes).toEqual([{ width: 1190, height: 1684, pages: 1 }]);
  });
});
