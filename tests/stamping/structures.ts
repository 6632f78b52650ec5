import { deflateSync } from 'node:zlib';
import { PDFDocument, PDFName, type PDFPage, PDFString } from 'pdf-lib';
import { rawPages, rawPdf, rawStream } from './raw-pdf';

const A4 = '/MediaBox [0 0 595 842]';
const HELLO = 'BT /F 24 Tf 150 400 Td (Hello) Tj ET';
const HELVETICA = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
const FONT = '/Font << /F 3 0 R >>';
const XMP = (claim: string) =>
  `<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">${claim}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

/** A file with everything that other stampers lose. */
async function rich(objectStreams: boolean): Promise<Buffer> {
  const doc = await PDFDocument.create({ updateMetadata: false });
  const { context, catalog } = doc;
  const pages = [doc.addPage([595, 842]), doc.addPage([400, 300])];
  doc.setTitle('Rich');
  const [first, second] = pages.map((page) => page.ref);
  const outlines = context.nextRef();
  const item = context.obj({ Title: PDFString.of('Two'), Parent: outlines, Dest: [second, PDFName.of('Fit')] });
  const entry = context.register(item);
  context.assign(outlines, context.obj({ Type: 'Outlines', First: entry, Last: entry, Count: 1 }));
  catalog.set(PDFName.of('Outlines'), outlines);
  catalog.set(PDFName.of('Lang'), PDFString.of('en-GB'));
  catalog.set(PDFName.of('PageLabels'), context.obj({ Nums: [0, { S: 'r' }] }));
  const inside = { Type: 'Annot', Subtype: 'Link', Rect: [10, 10, 90, 90], Dest: [first, PDFName.of('Fit')] };
  const outside = { S: 'URI', URI: PDFString.of('https://example.org/') };
  const links = [inside, { Type: 'Annot', Subtype: 'Link', Rect: [100, 100, 190, 190], A: outside }];
  pages[1]?.node.set(PDFName.of('Annots'), context.obj(links.map((link) => context.register(context.obj(link)))));
  const field = doc.getForm().createTextField('reader.name');
  field.addToPage(pages[0] as PDFPage, { x: 50, y: 500 });
  await doc.attach(Buffer.from('a,b'), 'data.csv', { mimeType: 'text/csv', description: 'Data' });
  return Buffer.from(await doc.save({ useObjectStreams: objectStreams }));
}

/** Heading, paragraph and a figure with its alternative text (PDF 32000-1, 14.7 and 14.8). */
function tagged(): Buffer {
  const content = [
    `/H1 <</MCID 0>> BDC ${HELLO} EMC`,
    '/P <</MCID 1>> BDC BT /F 12 Tf 150 350 Td (World) Tj ET EMC',
    '/Figure <</MCID 2>> BDC 0.2 0.5 0.2 rg 150 200 100 100 re f EMC',
    '/Artifact BMC 0 0 0 RG 50 800 m 545 800 l S EMC',
  ].join('\n');
  const element = (kind: string, id: number, more = '') =>
    `<< /Type /StructElem /S /${kind} /P 7 0 R /Pg 4 0 R /K ${id} ${more} >>`;
  return rawPdf({
    objects: [
      '<< /Type /Catalog /Pages 2 0 R /MarkInfo << /Marked true >> /Lang (en-GB) /StructTreeRoot 6 0 R /ViewerPreferences << /DisplayDocTitle true >> >>',
      '<< /Type /Pages /Count 1 /Kids [4 0 R] >>',
      HELVETICA,
      `<< /Type /Page /Parent 2 0 R ${A4} /Resources << ${FONT} >> /Contents 5 0 R /StructParents 0 /Tabs /S >>`,
      rawStream(content),
      '<< /Type /StructTreeRoot /K [7 0 R] /ParentTree << /Nums [0 [8 0 R 9 0 R 10 0 R]] >> /ParentTreeNextKey 1 >>',
      '<< /Type /StructElem /S /Document /P 6 0 R /K [8 0 R 9 0 R 10 0 R] >>',
      element('H1', 0),
      element('P', 1),
      element('Figure', 2, '/Alt (A green square)'),
    ],
  });
}

function layers(): Buffer {
  const content = `/OC /Shown BDC ${HELLO} EMC /OC /Hidden BDC 1 0 0 rg 0 0 595 842 re f EMC`;
  return rawPdf({
    objects: [
      '<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [6 0 R 7 0 R] /D << /ON [6 0 R] /OFF [7 0 R] /Order [6 0 R 7 0 R] >> >> >>',
      '<< /Type /Pages /Count 1 /Kids [4 0 R] >>',
      HELVETICA,
      `<< /Type /Page /Parent 2 0 R ${A4} /Resources << ${FONT} /Properties << /Shown 6 0 R /Hidden 7 0 R >> >> /Contents 5 0 R >>`,
      rawStream(content),
      '<< /Type /OCG /Name (Text) >>',
      '<< /Type /OCG /Name (Draft) >>',
    ],
  });
}

/** Annotations that draw themselves, one of them where the stamp is. */
function annotations(): Buffer {
  const look = (box: string, drawing: string) => rawStream(drawing, `/Type /XObject /Subtype /Form /BBox [${box}]`);
  return rawPdf({
    objects: [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [4 0 R] >>',
      HELVETICA,
      `<< /Type /Page /Parent 2 0 R ${A4} /Resources << ${FONT} >> /Contents 5 0 R /Annots [6 0 R 8 0 R] >>`,
      rawStream(HELLO),
      '<< /Type /Annot /Subtype /Square /Rect [100 500 200 600] /F 4 /P 4 0 R /AP << /N 7 0 R >> >>',
      look('0 0 100 100', '0.9 0.8 0.2 rg 0 0 100 100 re f'),
      '<< /Type /Annot /Subtype /Stamp /Rect [500 0 595 30] /F 4 /P 4 0 R /AP << /N 9 0 R >> >>',
      look('0 0 95 30', '0.8 0.9 1 rg 0 0 95 30 re f'),
    ],
  });
}

/** A group that is half transparent over a soft mask: the stamp must not get into it. */
function transparency(): Buffer {
  return rawPdf({
    objects: [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [4 0 R] >>',
      HELVETICA,
      `<< /Type /Page /Parent 2 0 R ${A4} /Group << /S /Transparency /CS /DeviceRGB >> /Resources << ${FONT} /ExtGState << /Half << /ca 0.5 /SMask << /S /Luminosity /G 6 0 R >> >> >> >> /Contents 5 0 R >>`,
      rawStream(`/Half gs 0 0 1 rg 100 100 400 600 re f ${HELLO}`),
      rawStream(
        '1 g 200 200 200 400 re f',
        '/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Group << /S /Transparency /CS /DeviceGray >>',
      ),
    ],
  });
}

/** The claims of PDF/A, which forbids what the stamp must not bring in; `1b` also forbids object streams. */
function archival(part: number): Buffer {
  const claim = `<pdfaid:part>${part}</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>`;
  return rawPdf({
    version: part === 1 ? '1.4' : '1.7',
    objects: [
      '<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
      `<< /Type /Page /Parent 2 0 R ${A4} /Resources << >> /Contents 4 0 R >>`,
      rawStream('0 0 1 0 k 100 300 200 200 re f'),
      rawStream(XMP(claim), '/Type /Metadata /Subtype /XML'),
    ],
  });
}

/** What a program that only adds leaves: a second section with a newer page. */
function updated(): Buffer {
  const first = rawPages([{ contents: ['0.8 g 0 0 595 842 re f'] }, { contents: [HELLO] }]);
  const start = /startxref\n(\d+)/.exec(first.toString('latin1'))?.[1];
  const object = `4 0 obj\n<< /Length ${HELLO.length} >>\nstream\n${HELLO}\nendstream\nendobj\n`;
  const xref = first.length + object.length;
  const row = `${String(first.length).padStart(10, '0')} 00000 n \n`;
  const tail = `xref\n4 1\n${row}trailer\n<< /Size 8 /Root 1 0 R /Prev ${start} >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.concat([first, Buffer.from(object + tail)]);
}

const filtered = (data: string | Buffer, filter: string) =>
  rawPdf({
    objects: [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [4 0 R] >>',
      HELVETICA,
      `<< /Type /Page /Parent 2 0 R ${A4} /Resources << ${FONT} >> /Contents 5 0 R >>`,
      rawStream(data, `/Filter ${filter}`),
    ],
  });

const hex = (text: string | Buffer) => `${Buffer.from(text).toString('hex')}>`;

/** PDFs that can be stamped, each named after what has to be there afterwards as it was before. */
export const structures: Record<string, () => Buffer | Promise<Buffer>> = {
  'outline, links, fields, attachments, page labels': () => rich(false),
  'outline, links, fields, attachments, page labels in object streams': () => rich(true),
  tags: tagged,
  layers,
  annotations,
  transparency,
  'a claim of PDF A-1b': () => archival(1),
  'a claim of PDF A-2b': () => archival(2),
  'an incremental update': updated,
  'content in two filters': () => filtered(hex(deflateSync(HELLO)), '[/ASCIIHexDecode /FlateDecode]'),
  'content as hexadecimal digits': () => filtered(hex(HELLO), '/ASCIIHexDecode'),
  'bytes before the header': () =>
    Buffer.concat([Buffer.from('Content-Type: application/pdf\r\n\r\n'), rawPages([{ contents: [HELLO] }])]),
  'a wrong startxref': () =>
    Buffer.from(
      rawPages([{ contents: [HELLO] }])
        .toString('latin1')
        .replace(/startxref\n\d+/, 'startxref\n7'),
      'latin1',
    ),
  'dark and light pages': () =>
    rawPages([
      { contents: ['0.1 0.1 0.2 rg 0 0 595 842 re f'] },
      { contents: [HELLO] },
      { contents: ['0.5 g 0 0 595 421 re f'] },
    ]),
};
