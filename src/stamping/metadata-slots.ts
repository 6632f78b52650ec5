import { createHash } from 'node:crypto';
import { PDFDict, type PDFDocument, PDFHexString, PDFName, PDFRawStream, PDFRef, PDFStream, PDFString } from 'pdf-lib';
import { ID_BYTES } from './copy-patches';
import { decodeStream } from './decoded-streams';
import type { FormShape, SlotKind } from './stamping.types';

/** A slot before the file is written: the text that holds its place and can be found again. */
export interface Placeholder {
  kind: SlotKind;
  /** Occurs once in the file, at the beginning of the slot. */
  text: string;
  /** Of a slot of the kind `form`. */
  form?: FormShape;
}

const READER_CHARS = 1800;
const REF_CHARS = 520;
const XMP_CHARS = 640;
const LARGEST_XMP = 4 * 1024 * 1024;
const EMPTY_XMP = [
  '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
  '</rdf:RDF></x:xmpmeta>',
  '<?xpacket end="w"?>',
].join('\n');

/** A marker of hex digits that fills a slot's place; random, so that it occurs nowhere else. */
export type Marker = (digits: number) => string;

/** A new Info dictionary with the old entries. Generation 1 keeps pdf-lib from packing it into an object stream. */
function addInfo(doc: PDFDocument, marker: Marker): Placeholder[] {
  const { context } = doc;
  const old = context.lookup(context.trailerInfo.Info);
  const info = old instanceof PDFDict ? old.clone(context) : context.obj({});
  const reader = marker(READER_CHARS - 2);
  const ref = marker(REF_CHARS - 2);
  info.set(PDFName.of('PreparedFor'), PDFHexString.of(reader));
  info.set(PDFName.of('PreparedRef'), PDFHexString.of(ref));
  if (context.trailerInfo.Info instanceof PDFRef) context.delete(context.trailerInfo.Info);
  const place = PDFRef.of(context.largestObjectNumber + 1, 1);
  context.assign(place, info);
  context.trailerInfo.Info = place;
  return [
    { kind: 'info-reader', text: `<${reader}>` },
    { kind: 'info-ref', text: `<${ref}>` },
  ];
}

/** The file's XMP packet as text; a new one when there is none; null when it can't be edited safely. */
function packetOf(doc: PDFDocument): string | null {
  const metadata = doc.context.lookup(doc.catalog.get(PDFName.of('Metadata')));
  if (!(metadata instanceof PDFStream)) return EMPTY_XMP;
  const bytes = decodeStream(metadata);
  if (!bytes || bytes.length > LARGEST_XMP) return null;
  const text = Buffer.from(bytes).toString('utf8');
  return text.includes('</rdf:RDF>') && !text.includes('\uFFFD') ? text : null;
}

/** Adds xmpMM:InstanceID, a standard property, so that PDF/A needs no extension schema for it. */
function addXmp(doc: PDFDocument, marker: Marker): Placeholder[] {
  const packet = packetOf(doc);
  if (packet === null) return [];
  const cleared = packet
    .replace(/<xmpMM:InstanceID>[^<]*<\/xmpMM:InstanceID>/g, '')
    .replace(/\sxmpMM:InstanceID=("[^"]*"|'[^']*')/g, '');
  const about = /rdf:about=("[^"]*"|'[^']*')/.exec(cleared)?.[1] ?? '""';
  const place = marker(XMP_CHARS);
  const own = `<rdf:Description rdf:about=${about} xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">${place}</rdf:Description>`;
  const at = cleared.lastIndexOf('</rdf:RDF>');
  const bytes = Buffer.from(`${cleared.slice(0, at)}${own}${cleared.slice(at)}`, 'utf8');
  const dict = doc.context.obj({ Type: 'Metadata', Subtype: 'XML', Length: bytes.length });
  const old = doc.catalog.get(PDFName.of('Metadata'));
  if (old instanceof PDFRef) doc.context.delete(old);
  doc.catalog.set(PDFName.of('Metadata'), doc.context.register(PDFRawStream.of(dict, bytes)));
  return [{ kind: 'xmp', text: place }];
}

/** The file's own first identifier, or one made from its bytes; the second part is the slot. */
function addId(doc: PDFDocument, pdf: Buffer, marker: Marker): Placeholder[] {
  const { context } = doc;
  const old = context.trailerInfo.ID;
  const first = old && 'lookup' in old && typeof old.lookup === 'function' ? old.lookup(0) : undefined;
  const own = PDFHexString.of(createHash('sha256').update(pdf).digest('hex').slice(0, 32));
  const second = marker(ID_BYTES * 2);
  const kept = first instanceof PDFHexString || first instanceof PDFString ? first : own;
  context.trailerInfo.ID = context.obj([kept, PDFHexString.of(second)]);
  return [{ kind: 'id', text: second }];
}

/** Makes room for the reference in Info, XMP and /ID. */
export function addMetadataSlots(doc: PDFDocument, pdf: Buffer, marker: Marker): Placeholder[] {
  return [...addInfo(doc, marker), ...addXmp(doc, marker), ...addId(doc, pdf, marker)];
}
