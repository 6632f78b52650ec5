import { PDFDict, PDFDocument, PDFInvalidObject, PDFName, PDFStream } from 'pdf-lib';
import DecodeStream from 'pdf-lib/cjs/core/streams/DecodeStream';
import { StampError } from './stamp-error';
import { resolveStreamLengths } from './stream-lengths';

/** No object stream or cross-reference stream of an honest file unpacks to more. */
const LARGEST_DECODED = 256 * 1024 * 1024;
const HEADER_WITHIN = 1024;

/**
 * pdf-lib unpacks object streams while it parses, without a limit, outside the heap that a worker's limits cover. All
 * its decoders grow through this one method. It swallows what they throw, so the fact is kept here.
 */
const { ensureBuffer } = DecodeStream.prototype as unknown as { ensureBuffer(requested: number): Uint8Array };
let overflowed = false;
Object.assign(DecodeStream.prototype, {
  ensureBuffer(this: DecodeStream, requested: number): Uint8Array {
    overflowed ||= requested > LARGEST_DECODED;
    if (overflowed) throw new Error('the stream unpacks to more than we take');
    return ensureBuffer.call(this, requested);
  },
});

const damaged = () =>
  new StampError(
    'damaged',
    'The PDF is damaged or incomplete.',
    'Export the PDF again from its source and upload that file.',
  );

/** Refuses what is no PDF at all, before anything parses it. */
function checkHeader(pdf: Buffer): void {
  if (pdf.length === 0) throw new StampError('empty', 'The file is empty.', 'Upload the PDF again.');
  if (pdf.subarray(0, HEADER_WITHIN).indexOf('%PDF-') < 0) {
    throw new StampError('not-a-pdf', 'The file is not a PDF.', 'Export the document as PDF and upload that file.');
  }
}

/** The version in the header, such as `1.7`; empty when there is none. */
export function headerVersion(pdf: Buffer): string {
  return /%PDF-(\d\.\d)/.exec(pdf.toString('latin1', 0, HEADER_WITHIN))?.[1] ?? '';
}

/** Whether the file keeps objects in compressed object streams (PDF 1.5 and later). */
export function hasObjectStreams(pdf: Buffer): boolean {
  return /\/Type\s*\/ObjStm/.test(pdf.toString('latin1'));
}

/** Hints for loading the first page early are wrong once anything moves (PDF 32000-1, annex F). */
function dropLinearization(doc: PDFDocument): void {
  for (const [ref, object] of doc.context.enumerateIndirectObjects()) {
    const isDict = object instanceof PDFDict && !(object instanceof PDFStream);
    if (isDict && object.has(PDFName.of('Linearized'))) doc.context.delete(ref);
  }
}

const tooLarge = () =>
  new StampError(
    'too-large-inside',
    'A part of the PDF unpacks to more than 256 MB.',
    'Export the PDF again from its source.',
  );
const encrypted = () =>
  new StampError(
    'encrypted',
    'The PDF is encrypted: it asks for a password or restricts what may be done with it.',
    'Save it without password and restrictions (in the program that made it, or with "qpdf --decrypt in.pdf out.pdf") and upload that file.',
  );

/** The trailer names the encryption in plain text, in old and new files alike (PDF 32000-1, 7.5.5 and 7.5.8). */
const namesEncryption = (pdf: Buffer) => /\/Encrypt\s*(?:\d+\s+\d+\s+R|<<)/.test(pdf.toString('latin1'));

/** What pdf-lib could not make sense of and keeps as it is. */
export function invalidObjects(doc: PDFDocument): PDFInvalidObject[] {
  return doc.context
    .enumerateIndirectObjects()
    .flatMap(([, object]) => (object instanceof PDFInvalidObject ? object : []));
}

/** An object stream that can't be read takes its objects with it. */
function checkObjectStreams(doc: PDFDocument): void {
  for (const object of invalidObjects(doc)) {
    const bytes = Buffer.alloc(object.sizeInBytes());
    object.copyBytesInto(bytes, 0);
    if (bytes.includes('/ObjStm')) throw damaged();
  }
}

async function parse(pdf: Buffer): Promise<PDFDocument> {
  overflowed = false;
  const doc = await PDFDocument.load(resolveStreamLengths(pdf), {
    updateMetadata: false,
    ignoreEncryption: true,
    parseSpeed: Number.POSITIVE_INFINITY,
  });
  if (overflowed) throw tooLarge();
  if (doc.isEncrypted) throw encrypted();
  checkObjectStreams(doc);
  dropLinearization(doc);
  // Walks the page tree, which may be broken.
  doc.getPageCount();
  return doc;
}

/**
 * Parses a PDF for rewriting.
 * @throws {StampError} `empty`, `not-a-pdf`, `encrypted`, `damaged`, `too-large-inside`
 */
export async function loadPdf(pdf: Buffer): Promise<PDFDocument> {
  checkHeader(pdf);
  try {
    return await parse(pdf);
  } catch (error) {
    if (error instanceof StampError) throw error;
    if (overflowed) throw tooLarge();
    throw namesEncryption(pdf) ? encrypted() : damaged();
  }
}
