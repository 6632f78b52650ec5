import { createHmac } from 'node:crypto';
import { cleanText } from './clean-text';
import { stampStream } from './stamp-content';
import { StampError } from './stamp-error';
import { layOut } from './stamp-layout';
import type { Reader, Slot, Slots } from './stamping.types';
import { utf16Hex } from './text-layer-codes';

/** Bytes that take the place of as many bytes of the template. */
export interface Patch {
  offset: number;
  bytes: Buffer;
}

export interface Patches {
  /** In order of offset. */
  patches: Patch[];
  warnings: string[];
}

/** The second part of /ID: 16 bytes that differ per copy, this mark, and the reference when it fits. */
export const ID_BYTES = 48;
export const ID_MARK = 'GF';
const DIGEST_BYTES = 16;
/** How the XMP packet names a copy: this prefix, the reference (percent-encoded), a colon, the digest. */
export const INSTANCE_PREFIX = 'urn:gatefold:';
const DRAWN = [Number.POSITIVE_INFINITY, 80, 40, 20, 8];

/** Fills a slot with `text` and spaces; null when it is too long. */
function padded(text: string, length: number): Buffer | null {
  if (text.length > length) return null;
  const bytes = Buffer.allocUnsafe(length);
  return bytes.fill(' ', bytes.write(text, 0, 'latin1'));
}

/** A hex string with byte order mark (PDF 32000-1, 7.9.2.2), cut by whole characters to fit. */
function textString(text: string, length: number): Buffer {
  const points = [...text];
  for (let kept = points.length; kept >= 0; kept -= 1) {
    const shown = kept === points.length ? text : `${points.slice(0, kept).join('')}…`;
    const bytes = padded(`<feff${utf16Hex(shown)}>`, length);
    if (bytes) return bytes;
  }
  throw new StampError('slot-too-small', 'A slot of this master is too small.', 'Publish the PDF again.');
}

/**
 * The form's content, compressed. What is too large for the slot gives way in this order: the company, then the drawing
 * of long values after their first characters (their text stays whole for search and copy).
 */
function formPatch({ segments }: Slots, reader: Reader, { form, length }: Slot, warnings: Set<string>): Buffer {
  if (!form) throw new Error('a slot of the kind form has a shape');
  for (const drawn of DRAWN) {
    for (const withoutCompany of [false, true]) {
      const layout = layOut(segments, reader, form, { drawn, withoutCompany });
      const bytes = stampStream(layout, form.shows, cleanText(reader.ref), length);
      if (!bytes) continue;
      if (layout.missing.length > 0) warnings.add(`No font has ${layout.missing.join(' ')}: printed as code points.`);
      if (drawn !== DRAWN[0]) warnings.add(`Long values are drawn shortened to ${drawn} characters.`);
      return bytes;
    }
  }
  throw new StampError('text-too-long', 'The text of the stamp is too long.', 'Shorten the values or the template.');
}

function xmpPatch(ref: string, digest: Buffer, length: number): Buffer {
  const element = (name: string) => `<xmpMM:InstanceID>${INSTANCE_PREFIX}${name}</xmpMM:InstanceID>`;
  const hex = digest.toString('hex');
  const bytes = padded(element(`${encodeURIComponent(ref)}:${hex}`), length) ?? padded(element(`:${hex}`), length);
  if (!bytes) throw new StampError('slot-too-small', 'A slot of this master is too small.', 'Publish the PDF again.');
  return bytes;
}

function idPatch(ref: string, digest: Buffer): Buffer {
  const id = Buffer.alloc(ID_BYTES);
  digest.copy(id);
  id.write(ID_MARK, DIGEST_BYTES, 'latin1');
  const name = Buffer.from(ref, 'utf8');
  if (name.length <= ID_BYTES - DIGEST_BYTES - ID_MARK.length) name.copy(id, DIGEST_BYTES + ID_MARK.length);
  return Buffer.from(id.toString('hex'), 'latin1');
}

/** What only this copy of this template has: keyed by the reader's seed, over everything that is printed. */
function copyDigest(slots: Slots, reader: Reader): Buffer {
  const { name, email, company = '', date, ref, more } = reader;
  const own = Object.entries(more ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const usual = [slots.template, name, email, company, date, ref];
  const printed = JSON.stringify(own.length > 0 ? [...usual, own] : usual);
  return createHmac('sha256', reader.seed).update(printed).digest().subarray(0, DIGEST_BYTES);
}

/** Everything in which this reader's copy differs from the template. Deterministic. */
export function patchesFor(slots: Slots, reader: Reader): Patches {
  const digest = copyDigest(slots, reader);
  const ref = cleanText(reader.ref);
  const warnings = new Set<string>();
  const fill = (slot: Slot): Buffer => {
    switch (slot.kind) {
      case 'form':
        return formPatch(slots, reader, slot, warnings);
      case 'info-reader':
        return textString(`${cleanText(reader.name)} <${cleanText(reader.email)}>`, slot.length);
      case 'info-ref':
        return textString(ref, slot.length);
      case 'xmp':
        return xmpPatch(ref, digest, slot.length);
      case 'id':
        return idPatch(ref, digest);
    }
  };
  return { patches: slots.slots.map((slot) => ({ offset: slot.offset, bytes: fill(slot) })), warnings: [...warnings] };
}

/** Puts the parts of `patches` that fall into `chunk` (which begins at `offset` of the template) in their place. */
export function applyPatches(chunk: Buffer, offset: number, patches: Patch[]): void {
  for (const patch of patches) {
    const from = Math.max(patch.offset, offset);
    const to = Math.min(patch.offset + patch.bytes.length, offset + chunk.length);
    if (from < to) patch.bytes.copy(chunk, from - offset, from - patch.offset, to - patch.offset);
  }
}
