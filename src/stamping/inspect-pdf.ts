import { PDFArray, PDFDict, type PDFDocument, PDFName, PDFStream } from 'pdf-lib';
import { decodeStream } from './decoded-streams';
import { headerVersion, invalidObjects, loadPdf } from './load-pdf';
import { type Geometry, geometryOf, mediaBox } from './page-geometry';
import { StampError } from './stamp-error';
import type { Box, Inspection } from './stamping.types';
import { countPages } from './viewer';

/** The inspection with the code of a refusal, which `compile` passes on. */
export type CodedInspection = Inspection & { code?: string };

/** An attachment grows by 37 % on its way; mail servers commonly take 10 MB, we attach up to 7 MB encoded. */
const HEAVY_FOR_MAIL = 5_000_000;
const SMALL_PAGE = 144;

const name = (text: string) => PDFName.of(text);

function emptyInspection(pdf: Buffer): CodedInspection {
  return {
    verdict: 'refused',
    notes: [],
    pages: 0,
    sizes: [],
    rotations: [],
    boxes: [],
    version: headerVersion(pdf),
    encrypted: false,
    signed: false,
    forms: false,
    xfa: false,
    outline: false,
    tagged: false,
    pdfa: null,
    pdfua: null,
    bytes: pdf.length,
  };
}

/** Equal things once, with the number of their pages, most frequent first. */
function counted<T extends object>(things: T[]): (T & { pages: number })[] {
  const counts = new Map<string, T & { pages: number }>();
  for (const thing of things) {
    const key = JSON.stringify(thing);
    const known = counts.get(key) ?? { ...thing, pages: 0 };
    known.pages += 1;
    counts.set(key, known);
  }
  return [...counts.values()].sort((a, b) => b.pages - a.pages);
}

const rounded = (points: number) => Math.round(points * 100) / 100;
const boxOf = ({ left, bottom, right, top }: Geometry['box']): Box => [
  rounded(left),
  rounded(bottom),
  rounded(right),
  rounded(top),
];

/** A signature is a dictionary with the range of bytes that it covers (PDF 32000-1, 12.8). */
function isSigned(doc: PDFDocument): boolean {
  if (doc.catalog.has(name('Perms'))) return true;
  return doc.context
    .enumerateIndirectObjects()
    .some(([, object]) => object instanceof PDFDict && object.has(name('ByteRange')) && object.has(name('Contents')));
}

function dictIn(doc: PDFDocument, key: string): PDFDict | undefined {
  const value = doc.catalog.lookup(name(key));
  return value instanceof PDFDict ? value : undefined;
}

function claimsOf(doc: PDFDocument): Pick<Inspection, 'pdfa' | 'pdfua'> {
  const metadata = doc.catalog.lookup(name('Metadata'));
  const packet = metadata instanceof PDFStream ? decodeStream(metadata) : null;
  const text = packet ? Buffer.from(packet).toString('utf8') : '';
  const value = (property: string) => new RegExp(`${property}(?:>|=["'])\\s*([0-9A-Za-z]+)`).exec(text)?.[1];
  const part = value('pdfaid:part');
  return {
    pdfa: part ? `${part}${(value('pdfaid:conformance') ?? '').toLowerCase()}` : null,
    pdfua: value('pdfuaid:part') ?? null,
  };
}

function featuresOf(doc: PDFDocument): Omit<CodedInspection, 'verdict' | 'bytes' | 'notes' | 'version' | 'encrypted'> {
  const leaves = doc.getPages().map((page) => page.node);
  const geometry = leaves.map(geometryOf);
  const form = dictIn(doc, 'AcroForm');
  const fields = form?.lookup(name('Fields'));
  const outline = dictIn(doc, 'Outlines');
  const marked = dictIn(doc, 'MarkInfo')?.get(name('Marked'));
  return {
    pages: geometry.length,
    sizes: counted(geometry.map(({ width, height }) => ({ width: rounded(width), height: rounded(height) }))),
    boxes: counted(
      geometry.map(({ box, userUnit }, at) => {
        const leaf = leaves[at];
        return { media: leaf ? boxOf(mediaBox(leaf)) : boxOf(box), shown: boxOf(box), userUnit };
      }),
    ),
    rotations: [...new Set(geometry.map((page) => page.rotation))].sort((a, b) => a - b),
    signed: isSigned(doc),
    forms: fields instanceof PDFArray && fields.size() > 0,
    xfa: form?.has(name('XFA')) ?? false,
    outline: outline?.has(name('First')) ?? false,
    tagged: String(marked) === 'true' && dictIn(doc, 'StructTreeRoot') !== undefined,
    ...claimsOf(doc),
  };
}

/** Refuses what would come out broken or unmarked. */
async function refuseUnstampable(
  doc: PDFDocument,
  seen: { signed: boolean; pages: number },
  pdf: Buffer,
): Promise<void> {
  if (seen.signed) {
    throw new StampError(
      'signed',
      'The PDF carries a digital signature, which any change to the file breaks.',
      'Upload the version from before it was signed, or print the signed one to a new PDF.',
    );
  }
  if (seen.pages === 0) throw new StampError('no-pages', 'The PDF has no pages.', 'Export it again from its source.');
  if (String(doc.catalog.get(name('NeedsRendering'))) === 'true') {
    throw new StampError(
      'dynamic-form',
      'The PDF is a dynamic XFA form without fixed pages.',
      'Print it to a new PDF.',
    );
  }
  const viewerPages = await countPages(pdf);
  if (viewerPages !== seen.pages) {
    throw new StampError(
      'ambiguous',
      `The PDF is damaged: programs disagree on whether it has ${seen.pages} or ${viewerPages} pages.`,
      'Export it again from its source.',
    );
  }
}

function notesOf(seen: Omit<CodedInspection, 'notes' | 'verdict'>, doc: PDFDocument): string[] {
  const small = seen.sizes.some(({ width, height }) => Math.min(width, height) < SMALL_PAGE);
  return [
    seen.forms && !seen.xfa && 'It has form fields; they stay, and readers can fill them in.',
    seen.xfa && 'It has an XFA form; some viewers show the form instead of the pages, and not the stamp.',
    doc.catalog.has(name('Collection')) && 'It is a portfolio: only its cover pages are stamped, not the files inside.',
    doc.catalog.has(name('AF')) && 'Files attached to it are passed on without a stamp.',
    invalidObjects(doc).length > 0 && 'Parts of it are damaged; they are passed on as they are.',
    small && 'Some pages are very small; the stamp on them is too small to read, but can be searched and copied.',
    seen.bytes > HEAVY_FOR_MAIL && 'It is too large for most mailboxes: readers get a link instead of an attachment.',
    seen.pdfua !== null && 'It claims PDF/UA; the stamp is kept out of its tags, and copies are not validated.',
    seen.pdfa !== null && 'It claims PDF/A; copies keep to its rules as far as we know, but are not validated.',
  ].filter((note): note is string => typeof note === 'string');
}

/** Looks a PDF over. Call it in the worker: a hostile file may take all the time and memory it is given. */
export async function inspectPdf(pdf: Buffer): Promise<CodedInspection> {
  return (await inspectAndLoad(pdf)).inspected;
}

/** The same for whoever goes on with the document, which is read once; there is none where it can't be read. */
export async function inspectAndLoad(pdf: Buffer): Promise<{ inspected: CodedInspection; doc?: PDFDocument }> {
  let doc: PDFDocument | undefined;
  const inspected = await inspectBy(pdf, async () => {
    doc = await loadPdf(pdf);
    return doc;
  });
  return { inspected, ...(doc && { doc }) };
}

async function inspectBy(pdf: Buffer, load: () => Promise<PDFDocument>): Promise<CodedInspection> {
  let seen: CodedInspection = emptyInspection(pdf);
  try {
    const doc = await load();
    seen = { ...seen, ...featuresOf(doc) };
    await refuseUnstampable(doc, seen, pdf);
    const notes = notesOf(seen, doc);
    return { ...seen, verdict: notes.length > 0 ? 'stampable-with-note' : 'stampable', notes };
  } catch (error) {
    const known = error instanceof StampError;
    const { code, message, advice } = known
      ? error
      : new StampError('damaged', 'The PDF is damaged or incomplete.', 'Export it again from its source.');
    return { ...seen, verdict: 'refused', encrypted: code === 'encrypted', code, reason: message, advice };
  }
}
