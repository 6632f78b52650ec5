import { createHash, randomBytes } from 'node:crypto';
import { PDFRawStream, type PDFRef } from 'pdf-lib';
import { inspectPdf } from './inspect-pdf';
import { hasObjectStreams, headerVersion, loadPdf } from './load-pdf';
import { addMetadataSlots, type Placeholder } from './metadata-slots';
import { chooseLook } from './page-background';
import { geometryOf, STRIP_WIDTH } from './page-geometry';
import { type Placement, pagesOf, StampPlacer } from './place-stamp';
import { selfCheck } from './self-check';
import { StampError } from './stamp-error';
import { STRIP_HEIGHT } from './stamp-layout';
import { type CheckedOptions, checkOptions } from './stamp-options';
import type { Compiled, Slot, StampOptions } from './stamping.types';
import { addTextLayerFont } from './text-layer-font';

/** Holds the usual line two to three times over. */
const FORM_BYTES = 24 * 1024;
/** Marks, accents and stacked scripts may reach beyond the strip. */
const OVERHANG = 4;
/** Random hex digits of the wanted length: as good as certain to occur nowhere else. */
function marker(digits: number): string {
  return randomBytes(Math.ceil(Math.min(digits, 64) / 2))
    .toString('hex')
    .padEnd(digits, '0')
    .slice(0, digits);
}

/** Offset of each placeholder in the written file; every one must occur exactly once. */
function findSlots(file: Buffer, placeholders: Placeholder[]): Slot[] {
  const slots = placeholders.map(({ kind, text }) => {
    const offset = file.indexOf(text, 0, 'latin1');
    if (offset < 0 || file.indexOf(text, offset + 1, 'latin1') >= 0) throw new Error(`slot ${kind} not found once`);
    return { kind, offset, length: text.length };
  });
  return slots.sort((a, b) => a.offset - b.offset);
}

/** pdf-lib always writes 1.7; the source's own version is put back, of which PDF/A-1 depends. */
function restoreVersion(file: Buffer, version: string): void {
  if (/^(1\.[0-7]|2\.0)$/.test(version)) file.write(`%PDF-${version}`, 0, 'latin1');
}

function addForm(context: Parameters<typeof addTextLayerFont>[0]): { form: PDFRef; placeholder: Placeholder } {
  const text = marker(64).padEnd(FORM_BYTES, ' ');
  const dict = context.obj({
    Type: 'XObject',
    Subtype: 'Form',
    BBox: [-OVERHANG, -OVERHANG, STRIP_WIDTH + OVERHANG, STRIP_HEIGHT + OVERHANG],
    Resources: { Font: { T: addTextLayerFont(context) } },
    Filter: 'FlateDecode',
    Length: FORM_BYTES,
  });
  return {
    form: context.register(PDFRawStream.of(dict, Buffer.from(text, 'latin1'))),
    placeholder: { kind: 'form', text },
  };
}

/** A name for the form in the pages' resources that is nobody else's. */
const formName = (pdf: Buffer) => `Gf${createHash('sha256').update(pdf).digest('hex').slice(0, 10)}`;

interface Built {
  file: Buffer;
  placeholders: Placeholder[];
  pages: number;
  placement: Placement;
}

/** The stamped file with placeholders in its slots. */
async function build(pdf: Buffer, options: CheckedOptions): Promise<Built> {
  const doc = await loadPdf(pdf);
  const pages = pagesOf(doc);
  const { form, placeholder } = addForm(doc.context);
  const { preset, margins, colour } = options;
  const { margin, colours } = await chooseLook(pdf, pages.map(geometryOf), preset, margins);
  const placement = { preset, margin, colours: colour === undefined ? colours : colours.map(() => colour) };
  const placer = new StampPlacer(doc.context, form, formName(pdf), placement);
  for (const [at, leaf] of pages.entries()) placer.place(leaf, at);
  const placeholders = [placeholder, ...addMetadataSlots(doc, pdf, marker)];
  const bytes = await doc.save({
    useObjectStreams: hasObjectStreams(pdf),
    addDefaultPage: false,
    updateFieldAppearances: false,
    objectsPerTick: Number.POSITIVE_INFINITY,
  });
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  restoreVersion(file, headerVersion(pdf));
  return { file, placeholders, pages: doc.getPageCount(), placement };
}

/** Empties the slots; what was in them was only there to be found. */
function toTemplate({ file, placeholders, pages }: Built, { size, segments }: CheckedOptions): Compiled {
  const slots = findSlots(file, placeholders);
  for (const slot of slots) file.fill(slot.kind === 'form' ? 0 : ' ', slot.offset, slot.offset + slot.length, 'latin1');
  const template = createHash('sha256').update(file).digest('hex');
  const shape = { version: 1, template, bytes: file.length, pages, width: STRIP_WIDTH, size, segments } as const;
  return { template: file, slots: { ...shape, slots } };
}

async function refuseUnstampable(pdf: Buffer): Promise<void> {
  const { verdict, code = 'refused', reason = 'The PDF is refused.', advice = '' } = await inspectPdf(pdf);
  if (verdict === 'refused') throw new StampError(code, reason, advice);
}

/**
 * Makes a PDF ready for personal copies: a form on every page whose content, with the reference in Info, XMP and /ID, is
 * filled in per reader at fixed offsets. Proves itself with a stamped copy before it returns. Deterministic.
 * @throws {StampError} when the file is refused, an option is wrong or the proof fails
 */
export async function compilePdf(pdf: Buffer, options: StampOptions): Promise<Compiled> {
  const checked = checkOptions(options);
  if (checked.preset === 'diagonal' || checked.preset === 'cover') {
    throw new StampError('bad-options', `The preset ${checked.preset} is on its way.`, 'Use footer or header.');
  }
  await refuseUnstampable(pdf);
  const built = await build(pdf, checked);
  const compiled = toTemplate(built, checked);
  await selfCheck(pdf, compiled, built.placement);
  return compiled;
}
