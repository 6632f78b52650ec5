import { applyPatches, patchesFor } from './copy-patches';
import { StampError } from './stamp-error';
import type { Compiled, Inspection, Picture, Pictures, Reader, StampOptions } from './stamping.types';
import type { Trace } from './trace-pdf';
import { inWorker } from './workshop';

export { describe } from './describe-inspection';
export { openMaster, writeMaster } from './master';
export { personalise } from './personalise';
export { StampError } from './stamp-error';
export { stampProblems } from './stamp-options';
export type { Compiled, Copy, Inspection, Master, Picture, Reader, StampOptions } from './stamping.types';

const INSPECT_SECONDS = 10;
const COMPILE_SECONDS = 120;
const PICTURE_SECONDS = 20;

/**
 * Says what is in a PDF and whether it can be stamped. Broken and hostile files get the verdict `refused`, never an
 * exception, within 10 seconds.
 */
export async function inspect(pdf: Uint8Array): Promise<Inspection> {
  try {
    const { code: _, ...inspection } = (await inWorker({ kind: 'inspect', pdf }, INSPECT_SECONDS)) as Inspection & {
      code?: string;
    };
    return inspection;
  } catch (error) {
    const known = error instanceof StampError;
    const reason = known ? error.message : 'The PDF is damaged or incomplete.';
    const advice = known ? error.advice : 'Export it again from its source.';
    return { ...unread(pdf), reason, advice };
  }
}

function unread(pdf: Uint8Array): Inspection {
  const flags = { encrypted: false, signed: false, forms: false, xfa: false, outline: false, tagged: false };
  const nothing = { notes: [], pages: 0, sizes: [], rotations: [], boxes: [], version: '', pdfa: null, pdfua: null };
  return { verdict: 'refused', ...nothing, ...flags, bytes: pdf.length };
}

/**
 * Makes a PDF ready for personal copies; once per publish, 0.3 to 5 s in a thread of its own.
 * @throws {StampError} when the PDF is refused or an option is wrong
 */
export async function compile(pdf: Uint8Array, options: StampOptions): Promise<Compiled> {
  const { template, slots } = (await inWorker({ kind: 'compile', pdf, options }, COMPILE_SECONDS)) as {
    template: Uint8Array;
    slots: Compiled['slots'];
  };
  return { template: Buffer.from(template.buffer, template.byteOffset, template.byteLength), slots };
}

/**
 * One copy of one PDF in memory, for the command line. Whoever makes many copies compiles once.
 * @throws {StampError} as `compile`
 */
export async function stampOnce(
  pdf: Uint8Array,
  reader: Reader,
  options: StampOptions,
): Promise<{ bytes: Buffer; warnings: string[] }> {
  return fill(await compile(pdf, options), reader);
}

/** One copy of what was compiled, in memory, by the code behind every copy; what was compiled stays as it is. */
export function fill({ template, slots }: Compiled, reader: Reader): { bytes: Buffer; warnings: string[] } {
  const { patches, warnings } = patchesFor(slots, reader);
  const bytes = Buffer.from(template);
  applyPatches(bytes, 0, patches);
  return { bytes, warnings };
}

/**
 * Finds the reference that a copy of ours carries; null when there is none.
 * @param printed what a reference looks like where it is printed (global): the text of the pages is searched for it, too
 * @throws {StampError} when the file can't be read
 */
export async function trace(pdf: Uint8Array, printed?: RegExp): Promise<Trace | null> {
  return (await inWorker({ kind: 'trace', pdf, ...(printed && { printed }) }, INSPECT_SECONDS)) as Trace | null;
}

/**
 * Pictures of a PDF: its first page as a cover in several sizes and as the card beside a link, and the pages after it.
 * @param pages how many to picture, the first among them
 * @throws {StampError} `damaged`, `too-slow`, `too-large-inside`
 */
export async function pictures(pdf: Uint8Array, pages: number): Promise<Pictures> {
  return (await inWorker({ kind: 'pictures', pdf, pages }, PICTURE_SECONDS)) as Pictures;
}

/**
 * The pictures of a cover (PNG, JPEG, WebP, AVIF) that takes the place of the first page.
 * @throws {StampError} `bad-picture`, `too-slow`
 */
export async function coverPictures(picture: Uint8Array): Promise<Picture[]> {
  return (await inWorker({ kind: 'cover', pdf: picture }, PICTURE_SECONDS)) as Picture[];
}

/**
 * One page as a WebP picture.
 * @param page counted from 1
 * @param width in pixels
 * @throws {StampError} `damaged`, `no-such-page`, `too-slow`
 */
export async function pagePicture(pdf: Uint8Array, page: number, width: number): Promise<Picture> {
  return (await inWorker({ kind: 'page', pdf, page, width }, PICTURE_SECONDS)) as Picture;
}
