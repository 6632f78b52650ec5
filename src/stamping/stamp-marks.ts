import { type Under, underMarks } from './page-background';
import type { Geometry } from './page-geometry';
import type { CheckedOptions } from './stamp-options';
import { type Place, placeDiagonal, placeLine } from './stamp-places';

/** The forms that a copy may have: what is drawn in them differs per reader, and each may stand on many pages. */
export type FormName = 'line' | 'banner' | 'words' | 'cover';

/** One form on one page. */
export interface Mark {
  form: FormName;
  place: Place;
  /** A colour operator such as `0.35 g`. */
  colour: string;
  /** What the mark is to a screen reader (PDF 32000-1, 14.8.2.2.2). */
  subtype: 'Header' | 'Footer' | 'Watermark';
  /** Drawn before the page's own content, not after it. */
  behind: boolean;
  /** Drawn with FAINT of its colour. */
  faint: boolean;
}

/** How much of its colour a diagonal has; the rest is what lies under it. */
export const FAINT = 0.22;

/** The usual dark grey; DeviceGray is allowed beside any output intent of PDF/A. */
const USUAL_COLOUR = '0.35 g';
/**
 * Text colour by how light the background is, from 0 to 1: dark on light, light on dark, at the extremes softer. Black
 * and white contrast equally with a grey of 0.46 (WCAG 2, relative luminance 0.18).
 */
const COLOURS: [from: number, colour: string][] = [
  [0.78, USUAL_COLOUR],
  [0.46, '0 g'],
  [0.25, '1 g'],
  [0, '0.85 g'],
];

const colourOn = ({ lightness }: Under) => COLOURS.find(([from]) => lightness >= from)?.[1] ?? USUAL_COLOUR;

/** The colour that FAINT of `colour` gives over a background, for files that must not have transparency. */
function mixed(colour: string, { lightness }: Under): string {
  return colour.replace(/[\d.]+/g, (part) => (Number(part) * FAINT + lightness * (1 - FAINT)).toFixed(3));
}

/** At the margin at which it covers something on the fewest pages (the earlier one of equals). */
async function lines(pdf: Uint8Array, pages: Geometry[], options: CheckedOptions, edge: 'header' | 'footer') {
  const { margins, colour } = options;
  const choices = pages.map((page) => margins.map((margin) => placeLine(page, edge, margin)));
  const under = await underMarks(pdf, pages, choices);
  const covered = margins.map((_, choice) => under.filter((found) => found[choice]?.busy).length);
  const best = covered.indexOf(Math.min(...covered));
  return choices.map((places, at): Mark => {
    const [place, found] = [places[best], under[at]?.[best]];
    if (!place || !found) throw new Error('every page has a place for each margin');
    const subtype = edge === 'header' ? 'Header' : 'Footer';
    return { form: 'line', place, colour: colour ?? colourOn(found), subtype, behind: false, faint: false };
  });
}

/** Across each page, and the same words as a line at its foot that is not seen: what is aslant can't be copied. */
async function diagonals(pdf: Uint8Array, pages: Geometry[], options: CheckedOptions, transparency: boolean) {
  const [margin = 0] = options.margins;
  const places = pages.map((page) => placeDiagonal(page, margin));
  const under = await underMarks(
    pdf,
    pages,
    places.map((place) => [place]),
  );
  return pages.map((page, at): Mark[] => {
    const [place, [found] = []] = [places[at], under[at]];
    if (!place || !found) throw new Error('every page has a place');
    const colour = options.colour ?? colourOn(found);
    const shared = { subtype: 'Watermark', colour: transparency ? colour : mixed(colour, found) } as const;
    return [
      { ...shared, form: 'banner', place, behind: !transparency, faint: transparency },
      { ...shared, form: 'words', place: placeLine(page, 'footer', 10), behind: false, faint: false },
    ];
  });
}

/**
 * What goes where on each page of the source, in colours that can be read there.
 * @param transparency whether the file may have it; without it a diagonal lies behind the page's own content
 */
export async function marksFor(
  pdf: Uint8Array,
  pages: Geometry[],
  options: CheckedOptions,
  transparency: boolean,
): Promise<Mark[][]> {
  if (options.preset === 'diagonal') return diagonals(pdf, pages, options, transparency);
  const edge = options.preset === 'header' ? 'header' : 'footer';
  return (await lines(pdf, pages, options, edge)).map((mark) => [mark]);
}
