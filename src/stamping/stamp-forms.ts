import { type PDFContext, PDFRawStream, type PDFRef } from 'pdf-lib';
import type { Marker, Placeholder } from './metadata-slots';
import type { FormName } from './stamp-marks';
import type { CheckedOptions } from './stamp-options';
import { COVER_LIST, DIAGONAL, LINE } from './stamp-places';
import type { FormShape } from './stamping.types';

/** Holds the usual line two to three times over. */
const FORM_BYTES = 24 * 1024;
/** Words alone take a tenth of that; the rest is for long values. */
const WORDS_BYTES = 12 * 1024;
/** Marks, accents and stacked scripts may reach beyond a form by this share of its height. */
export const OVERHANG = 0.25;
/** The size of a line that isn't seen. */
const UNSEEN = 7;
/** A cover's own lines are so much larger than those on the other pages. */
const COVER = 2;

function shapesFor({ preset, size }: CheckedOptions): [FormName, FormShape][] {
  const line: [FormName, FormShape] = ['line', { arranged: 'line', shows: 'both', ...LINE, size }];
  switch (preset) {
    case 'footer':
    case 'header':
      return [line];
    case 'diagonal':
      return [
        ['banner', { arranged: 'banner', shows: 'outlines', ...DIAGONAL, size }],
        ['words', { arranged: 'line', shows: 'words', ...LINE, size: UNSEEN }],
      ];
    case 'cover':
      return [line, ['cover', { arranged: 'list', shows: 'both', ...COVER_LIST, size: size * COVER }]];
  }
}

/** The file that forms are added to, the font of its text layers, and whether it may have transparency. */
interface Where {
  context: PDFContext;
  font: PDFRef;
  transparency: boolean;
}

/** A form whose content is a slot. What overlaps in it (joined letters) counts once when it is drawn faintly. */
function addForm({ context, font, transparency }: Where, shape: FormShape, text: string): PDFRef {
  const over = shape.height * OVERHANG;
  const dict = context.obj({
    Type: 'XObject',
    Subtype: 'Form',
    BBox: [-over, -over, shape.width + over, shape.height + over],
    Resources: { Font: { T: font } },
    ...(shape.arranged === 'banner' && transparency && { Group: { S: 'Transparency' } }),
    Filter: 'FlateDecode',
    Length: text.length,
  });
  return context.register(PDFRawStream.of(dict, Buffer.from(text, 'latin1')));
}

/**
 * Adds the forms that a preset needs.
 * @returns each with a slot that is still to be found
 */
export function addForms(where: Where, options: CheckedOptions, marker: Marker) {
  const forms = new Map<FormName, PDFRef>();
  const placeholders: Placeholder[] = [];
  for (const [name, form] of shapesFor(options)) {
    const text = marker(64).padEnd(form.shows === 'words' ? WORDS_BYTES : FORM_BYTES, ' ');
    forms.set(name, addForm(where, form, text));
    placeholders.push({ kind: 'form', text, form });
  }
  return { forms, placeholders };
}
