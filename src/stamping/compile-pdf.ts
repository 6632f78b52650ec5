import { createHash, randomBytes } from 'node:crypto';
import { PDFDict, type PDFDocument, PDFName } from 'pdf-lib';
import { addCover } from './cover-page';
import { type CodedInspection, inspectAndLoad } from './inspect-pdf';
import { hasObjectStreams, headerVersion } from './load-pdf';
import { addMetadataSlots, type Placeholder } from './metadata-slots';
import { geometryOf } from './page-geometry';
import { pagesOf, StampPlacer } from './place-stamp';
import { selfCheck } from './self-check';
import { StampError } from './stamp-error';
import { addForms } from './stamp-forms';
import { type Mark, marksFor } from './stamp-marks';
import { type CheckedOptions, checkOptions } from './stamp-options';
import type { Compiled, Slot, StampOptions } from './stamping.types';
import { addTextLayerFont } from './text-layer-font';

/** Random hex digits of the wanted length: as good as certain to occur nowhere else. */
function marker(digits: number): string {
  return randomBytes(Math.ceil(Math.min(digits, 64) / 2))
    .toString('hex')
    .padEnd(digits, '0')
    .slice(0, digits);
}

/** Offset of each placeholder in the written file; every one must occur exactly once. */
function findSlots(file: Buffer, placeholders: Placeholder[]): Slot[] {
  const slots = placeholders.map(({ kind, text, form }) => {
    const offset = file.indexOf(text, 0, 'latin1');
    if (offset < 0 || file.indexOf(text, offset + 1, 'latin1') >= 0) throw new Error(`slot ${kind} not found once`);
    return { kind, offset, length: text.length, ...(form && { form }) };
  });
  return slots.sort((a, b) => a.offset - b.offset);
}

/** pdf-lib always writes 1.7; the source's own version is put back, of which PDF/A-1 depends. */
function restoreVersion(file: Buffer, version: string): void {
  if (/^(1\.[0-7]|2\.0)$/.test(version)) file.write(`%PDF-${version}`, 0, 'latin1');
}

/** A beginning of names for resources that is nobody else's. */
const ownName = (pdf: Buffer) => `Gf${createHash('sha256').update(pdf).digest('hex').slice(0, 10)}`;

/** PDF 1.3, PDF/A-1 (ISO 19005-1, 6.4) and PDF/X (up to 3) have none. */
function mayHaveTransparency(doc: PDFDocument, pdf: Buffer, { pdfa }: CodedInspection): boolean {
  const info = doc.context.lookup(doc.context.trailerInfo.Info);
  const forPrint = info instanceof PDFDict && info.has(PDFName.of('GTS_PDFXVersion'));
  return !forPrint && !pdfa?.startsWith('1') && headerVersion(pdf) >= '1.4';
}

interface Built {
  file: Buffer;
  placeholders: Placeholder[];
  pages: number;
  /** For each page of the source. */
  marks: Mark[][];
}

/** A document that may be stamped, and what was found in it. */
interface Stampable {
  doc: PDFDocument;
  inspected: CodedInspection;
}

/** The stamped file with placeholders in its slots. */
async function build(pdf: Buffer, options: CheckedOptions, { doc, inspected }: Stampable): Promise<Built> {
  const { context } = doc;
  const [pages, count] = [pagesOf(doc), doc.getPageCount()];
  const transparency = mayHaveTransparency(doc, pdf, inspected);
  const font = addTextLayerFont(context);
  const { forms, placeholders } = addForms({ context, font, transparency }, options, marker);
  const marks = await marksFor(pdf, pages.map(geometryOf), options, transparency);
  const placer = new StampPlacer(context, forms, ownName(pdf));
  for (const [at, leaf] of pages.entries()) placer.place(leaf, marks[at] ?? []);
  const cover = forms.get('cover');
  if (cover) addCover(doc, pages, { ...options, ref: cover, font });
  const slots = [...placeholders, ...addMetadataSlots(doc, pdf, marker)];
  const bytes = await doc.save({
    useObjectStreams: hasObjectStreams(pdf),
    addDefaultPage: false,
    updateFieldAppearances: false,
    objectsPerTick: Number.POSITIVE_INFINITY,
  });
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  restoreVersion(file, headerVersion(pdf));
  return { file, placeholders: slots, pages: count, marks };
}

/** Empties the slots; what was in them was only there to be found. */
function toTemplate({ file, placeholders, pages }: Built, { segments }: CheckedOptions): Compiled {
  const slots = findSlots(file, placeholders);
  for (const slot of slots) file.fill(slot.kind === 'form' ? 0 : ' ', slot.offset, slot.offset + slot.length, 'latin1');
  const template = createHash('sha256').update(file).digest('hex');
  return { template: file, slots: { version: 2, template, bytes: file.length, pages, segments, slots } };
}

async function loadStampable(pdf: Buffer): Promise<Stampable> {
  const { inspected, doc } = await inspectAndLoad(pdf);
  const { verdict, code = 'refused', reason = 'The PDF is refused.', advice = '' } = inspected;
  if (verdict === 'refused' || !doc) throw new StampError(code, reason, advice);
  return { inspected, doc };
}

/**
 * Makes a PDF ready for personal copies: forms on every page whose content, with the reference in Info, XMP and /ID, is
 * filled in per reader at fixed offsets. Proves itself with a stamped copy before it returns. Deterministic.
 * @throws {StampError} when the file is refused, an option is wrong or the proof fails
 */
export async function compilePdf(pdf: Buffer, options: StampOptions): Promise<Compiled> {
  const checked = checkOptions(options);
  const built = await build(pdf, checked, await loadStampable(pdf));
  const compiled = toTemplate(built, checked);
  await selfCheck(pdf, compiled, built.marks);
  return compiled;
}
