import { PDFArray, PDFDict, type PDFDocument, PDFHexString, PDFName, PDFStream, PDFString } from 'pdf-lib';
import { ID_BYTES, ID_MARK, INSTANCE_PREFIX } from './copy-patches';
import { decodeStream } from './decoded-streams';
import { loadPdf } from './load-pdf';
import { viewing } from './viewer';

/** Where a copy carries its reference, and the reference found there. */
export interface Trace {
  ref: string;
  /** `info`, `xmp`, `id`, `page`, `text`; the places that agree on `ref`. */
  foundIn: string[];
}

const MARKED_POINT = /\/Gatefold\s*<<\s*\/Ref\s*<([0-9a-fA-F\s]*)>\s*>>\s*DP/;

function inInfo(doc: PDFDocument): string | undefined {
  const info = doc.context.lookup(doc.context.trailerInfo.Info);
  const value = info instanceof PDFDict ? info.lookup(PDFName.of('PreparedRef')) : undefined;
  return value instanceof PDFHexString || value instanceof PDFString ? value.decodeText() : undefined;
}

function inXmp(doc: PDFDocument): string | undefined {
  const metadata = doc.catalog.lookup(PDFName.of('Metadata'));
  const packet = metadata instanceof PDFStream ? decodeStream(metadata) : null;
  if (!packet) return undefined;
  const found = new RegExp(`${INSTANCE_PREFIX}([^:<"\\s]+):[0-9a-f]{32}`).exec(Buffer.from(packet).toString('utf8'));
  return found?.[1] === undefined ? undefined : decodeURIComponent(found[1]);
}

function inId(doc: PDFDocument): string | undefined {
  const id = doc.context.lookup(doc.context.trailerInfo.ID);
  const second = id instanceof PDFArray && id.size() > 1 ? id.lookup(1) : undefined;
  if (!(second instanceof PDFHexString || second instanceof PDFString)) return undefined;
  const bytes = Buffer.from(second.asBytes());
  if (bytes.length !== ID_BYTES || bytes.toString('latin1', 16, 18) !== ID_MARK) return undefined;
  return bytes.toString('utf8', 18).replace(/\0+$/, '') || undefined;
}

/** The marked point in the stamp's form, wherever that has ended up. */
function inPages(doc: PDFDocument): string | undefined {
  for (const [, object] of doc.context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFStream) || String(object.dict.get(PDFName.of('Subtype'))) === '/Image') continue;
    const content = decodeStream(object);
    const hex = content && MARKED_POINT.exec(Buffer.from(content).toString('latin1'))?.[1];
    if (hex) return PDFHexString.of(hex).decodeText();
  }
  return undefined;
}

/** Pages are all alike, so a few of them tell. */
const PAGES_READ = 5;

/** What is printed, as a viewer reads it: it is left when a printer driver has made the file anew. */
async function inText(pdf: Buffer, printed: RegExp): Promise<string | undefined> {
  const counts = new Map<string, number>();
  await viewing(pdf, (doc) => {
    for (let page = 0; page < Math.min(doc.getPageCount(), PAGES_READ); page += 1) {
      for (const [ref] of doc.getPage(page).getText().matchAll(printed)) counts.set(ref, (counts.get(ref) ?? 0) + 1);
    }
  }).catch(() => undefined);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/**
 * Finds the reference in a copy; where places disagree, the one that most of them name.
 * @throws {StampError} when the file can't be read at all
 */
export async function tracePdf(pdf: Buffer, printed?: RegExp): Promise<Trace | null> {
  const text = printed && (await inText(pdf, printed));
  const doc = await loadPdf(pdf).catch((error: unknown) => {
    // A file that is locked or damaged inside may still show what is printed.
    if (text) return null;
    throw error;
  });
  const places = doc ? { info: inInfo(doc), xmp: inXmp(doc), id: inId(doc), page: inPages(doc), text } : { text };
  const votes = new Map<string, string[]>();
  for (const [place, ref] of Object.entries(places)) {
    if (ref) votes.set(ref, [...(votes.get(ref) ?? []), place]);
  }
  const [first] = [...votes].sort(([, a], [, b]) => b.length - a.length);
  return first ? { ref: first[0], foundIn: first[1] } : null;
}
