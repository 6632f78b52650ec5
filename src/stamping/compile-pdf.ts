import { createHash, randomBytes } from 'node:crypto';
import { PDFRawStream, type PDFRef } from 'pdf-lib';
import { inspectPdf } from './inspect-pdf';
import { hasObjectStreams, headerVersion, loadPdf } from './load-pdf';
import { addMetadataSlots, type Placeholder } from './metadata-slots';
import { STRIP_WIDTH } from './page-geometry';
import { type Placement, pagesOf, StampPlacer } from './place-stamp';
import { selfCheck } from './self-check';
import { StampError } from './stamp-error';
import { STRIP_HEIGHT } from './stamp-layout';
import { parseTemplate } from './stamp-template';
import type { Compiled, Slot, StampOptions } from './stamping.types';
import { addTextLayerFont } from './text-layer-font';

/** Holds the usual line two to three times over. */
const FORM_BYTES = 24 * 1024;
/** Marks, accents and stacked scripts may reach beyond the strip. */
const OVERHANG = 4;
const DEFAULT_MARGIN = 10;
const DEFAULT_SIZE = 7;
/** DeviceGray is allowed beside any output intent of PDF/A. */
const DEFAULT_COLOUR = '0.35 g';

function inRange(name: string, value: number, from: number, to: number): number {
  if (value >= from && value <= to) return value;
  throw new StampError(
    'bad-options',
    `The stamp's ${name} must be between ${from} and ${to} points.`,
    `Change the ${name}.`,
  );
}

function colourOperator(colour: string | undefined): string {
  if (colour === undefined) return DEFAULT_COLOUR;
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!parts) throw new StampError('bad-options', `"${colour}" is no colour.`, 'Write it as #rrggbb.');
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((hex) => Number.parseInt(hex, 16) / 255);
  const grey = red === green && green === blue;
  return grey ? `${red.toFixed(3)} g` : `${[red, green, blue].map((value) => value.toFixed(3)).join(' ')} rg`;
}

function placementOf(options: StampOptions): Placement {
  if (options.preset !== 'footer' && options.preset !== 'header') {
    throw new StampError('bad-options', `There is no preset "${options.preset}".`, 'Presets are footer and header.');
  }
  const colour = colourOperator(options.colour);
  const margin = inRange('margin', options.margin ?? DEFAULT_MARGIN, 0, 200);
  return { preset: options.preset, margin, colour: () => colour };
}

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

/** Writes the stamped file with empty slots. */
async function build(
  pdf: Buffer,
  placement: Placement,
): Promise<{ file: Buffer; placeholders: Placeholder[]; pages: number }> {
  const doc = await loadPdf(pdf);
  const pages = pagesOf(doc);
  const { form, placeholder } = addForm(doc.context);
  const name = `Gf${randomBytes(4).toString('hex')}`;
  const placer = new StampPlacer(doc.context, form, name, placement);
  for (const [at, leaf] of pages.entries()) placer.place(leaf, at);
  const placeholders = [placeholder, ...addMetadataSlots(doc, pdf, marker)];
  const bytes = await doc.save({
    useObjectStreams: hasObjectStreams(pdf),
    addDefaultPage: false,
    updateFieldAppearances: false,
    objectsPerTick: Number.POSITIVE_INFINITY,
  });
  return {
    file: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    placeholders,
    pages: doc.getPageCount(),
  };
}

/**
 * Makes a PDF ready for personal copies: a form on every page whose content, with the reference in Info, XMP and /ID, is
 * filled in per reader at fixed offsets. Proves itself with a stamped copy before it returns.
 * @throws {StampError} when the file is refused, an option is wrong or the proof fails
 */
export async function compilePdf(pdf: Buffer, options: StampOptions): Promise<Compiled> {
  const segments = parseTemplate(options.template);
  const placement = placementOf(options);
  const size = inRange('size', options.size ?? DEFAULT_SIZE, 4, 12);
  const inspection = await inspectPdf(pdf);
  if (inspection.verdict === 'refused') {
    throw new StampError(
      inspection.code ?? 'refused',
      inspection.reason ?? 'The PDF is refused.',
      inspection.advice ?? '',
    );
  }
  const { file, placeholders, pages } = await build(pdf, placement);
  const slots = findSlots(file, placeholders);
  for (const slot of slots) file.fill(slot.kind === 'form' ? 0 : ' ', slot.offset, slot.offset + slot.length, 'latin1');
  restoreVersion(file, headerVersion(pdf));
  const compiled: Compiled = {
    template: file,
    slots: {
      version: 1,
      template: createHash('sha256').update(file).digest('hex'),
      bytes: file.length,
      pages,
      width: STRIP_WIDTH,
      size,
      segments,
      slots,
    },
  };
  await selfCheck(pdf, compiled, options);
  return compiled;
}
