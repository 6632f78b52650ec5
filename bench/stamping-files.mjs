// What the stamping bench works on: PDFs made on the spot, readers, and the peers' own ways of stamping.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { PDFDocument, PDFName, PDFString, StandardFonts } from 'pdf-lib';

export const TEMPLATE = 'Prepared for {{name}} · {{company}} · {{email}} · {{date}} · {{ref}}';
const PLAIN = 'Prepared for Lukasz Zolc - lukasz@example.org';
const AT = { x: 36, y: 12, size: 7 };
/** Bytes of a page besides its picture. */
const REST = { true: 400, false: 3500 };

/**
 * A report of text, links and pictures (noise, so that it doesn't compress), with object streams or without, and tagged
 * for screen readers or not: a paragraph a line, as what comes out of word processors and browsers is.
 */
export async function report({ pages, bytes, objectStreams, tagged = false }) {
  const doc = await PDFDocument.create();
  const font = await doc.embedFont(StandardFonts.Helvetica);
  for (let at = 0; at < pages; at += 1) {
    const page = doc.addPage([595, 842]);
    for (let y = 780; y > 60; y -= 14)
      page.drawText(`Page ${at}, line ${y}: the quick brown fox`, { x: 60, y, size: 10, font });
    page.node.set(PDFName.of('Annots'), doc.context.obj(links(doc, at)));
    if (tagged) tag(doc, page);
    const noise = Math.max(100, Math.floor(bytes / pages) - REST[objectStreams] - 400);
    page.node.setXObject(PDFName.of('Im'), doc.context.register(picture(doc, noise)));
  }
  return Buffer.from(await doc.save({ useObjectStreams: objectStreams }));
}

const LINES = 52;

/** The tree's root is made with the first page. */
function tag(doc, page) {
  const { context, catalog } = doc;
  let root = catalog.lookup(PDFName.of('StructTreeRoot'));
  if (!root) {
    root = context.obj({ Type: 'StructTreeRoot', K: [] });
    catalog.set(PDFName.of('StructTreeRoot'), context.register(root));
    catalog.set(PDFName.of('MarkInfo'), context.obj({ Marked: true }));
  }
  const parent = catalog.get(PDFName.of('StructTreeRoot'));
  for (let line = 0; line < LINES; line += 1) {
    const element = { Type: 'StructElem', S: 'P', P: parent, Pg: page.ref, K: line };
    root.lookup(PDFName.of('K')).push(context.register(context.obj(element)));
  }
}

const links = (doc, at) =>
  Array.from({ length: 12 }, (_, n) => {
    const action = { S: 'URI', URI: PDFString.of(`https://example.org/${at}/${n}`) };
    const rect = [60, 60 + n * 14, 200, 72 + n * 14];
    return doc.context.register(doc.context.obj({ Type: 'Annot', Subtype: 'Link', Rect: rect, A: action }));
  });

function picture(doc, bytes) {
  const height = Math.floor(bytes / 100);
  const size = { Width: 100, Height: height, ColorSpace: 'DeviceGray', BitsPerComponent: 8 };
  return doc.context.stream(randomBytes(height * 100), { Type: 'XObject', Subtype: 'Image', ...size });
}

let readers = 0;
/** Another one at each call, as in life. */
export const nextReader = () => {
  readers += 1;
  return {
    name: `Łukasz Żółć ${readers}`,
    email: `lukasz.${readers}@example.org`,
    company: 'ACME Housing',
    date: '24 Nov 2026',
    ref: `7F3K-${1000 + readers}`,
    seed: 'bench',
  };
};

/** Load, draw, save: what one finds first. */
export async function naivePdfLib(pdf) {
  const doc = await PDFDocument.load(pdf);
  const font = await doc.embedFont(StandardFonts.Helvetica);
  for (const page of doc.getPages()) page.drawText(PLAIN, { ...AT, font });
  return doc.save();
}

/** The sheet that `qpdf --overlay` lays over each page. */
export async function overlaySheet() {
  const doc = await PDFDocument.create();
  doc.addPage([595, 842]).drawText(PLAIN, AT);
  return doc.save();
}

/** The same as a program for `mutool run`, which has a library but no command for it. */
export const MUTOOL_PROGRAM = `
var doc = new PDFDocument(scriptArgs[0]);
var font = doc.addSimpleFont(new Font("Helvetica"));
var text = doc.addStream("Q q BT /GfBench ${AT.size} Tf ${AT.x} ${AT.y} Td (${PLAIN}) Tj ET Q", {});
var before = doc.addStream("q", {});
for (var at = 0; at < doc.countPages(); ++at) {
  var page = doc.findPage(at);
  if (!page.Resources) page.Resources = doc.newDictionary();
  if (!page.Resources.Font) page.Resources.Font = doc.newDictionary();
  page.Resources.Font.GfBench = font;
  var contents = doc.newArray();
  contents.push(before);
  var old = page.Contents;
  if (old && old.isArray()) for (var n = 0; n < old.length; ++n) contents.push(old[n]);
  else if (old) contents.push(old);
  contents.push(text);
  page.Contents = contents;
}
doc.save(scriptArgs[1], "");
`;

/** Runs a peer that may be installed and need not be; false when it isn't there. */
export function peer(name, args) {
  const { error, status, stderr } = spawnSync(name, args);
  if (error?.code === 'ENOENT') return false;
  // 3: qpdf has written the file and has a remark.
  if (error || (status !== 0 && status !== 3)) throw new Error(`${name}: ${error ?? stderr}`);
  return true;
}
