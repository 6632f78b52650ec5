import type { Readable } from 'node:stream';

/** What is in a PDF, and whether readers' copies can be made of it. Lengths are points (1/72 inch) as a viewer shows them. */
export interface Inspection {
  verdict: 'stampable' | 'stampable-with-note' | 'refused';
  /** Why it is refused, in plain words; only with the verdict `refused`. */
  reason?: string;
  /** What to do about the refusal. */
  advice?: string;
  /** What staff should know before publishing, in plain words. */
  notes: string[];
  pages: number;
  /** The different page sizes, most frequent first. */
  sizes: { width: number; height: number; pages: number }[];
  /** The different page rotations in degrees: 0, 90, 180, 270. */
  rotations: number[];
  /**
   * The different boxes, most frequent first, in the pages' own units: left, bottom, right, top. `shown` is what viewers
   * show of the media box (the crop box within it); a unit is `userUnit` points.
   */
  boxes: { media: Box; shown: Box; userUnit: number; pages: number }[];
  /** `1.4`, `1.7`, `2.0`, or an empty string when the file doesn't say. */
  version: string;
  encrypted: boolean;
  signed: boolean;
  forms: boolean;
  xfa: boolean;
  outline: boolean;
  tagged: boolean;
  /** The claims in the file's metadata, such as `2b` (PDF/A) and `1` (PDF/UA); not validated. */
  pdfa: string | null;
  pdfua: string | null;
  bytes: number;
}

export type Box = [left: number, bottom: number, right: number, top: number];

export type Preset = 'footer' | 'header' | 'diagonal' | 'cover';

export interface StampOptions {
  /**
   * Where on the page, in the orientation in which the page is shown: `footer` and `header` are a line at the edge,
   * `diagonal` is light and large across the page, `cover` is a page of our own in front, and the footer on the others.
   */
  preset: Preset;
  /** Text with the variables {{name}} {{company}} {{email}} {{date}} {{ref}} and those of `variables`. */
  template: string;
  /** Names of further variables, whose values `Reader.more` has. */
  variables?: string[];
  /** Distance from the edge of the page in points; without it what keeps clear of page numbers (diagonal: 36). */
  margin?: number;
  /** Size of the text in points on an A4 page (7; diagonal: 40 at most). */
  size?: number;
  /** `auto` (the usual): what can be read on each page. `dark`, `light` or `#rrggbb`: the same on all of them. */
  colour?: string;
  /** What the cover is the cover of; without it the PDF's own title. */
  title?: string;
}

/** What is wrong with one of the options. */
export interface StampProblem {
  option: 'preset' | 'template' | 'margin' | 'size' | 'colour';
  /** As it reads after the option's name: `takes 4 to 12 points`. */
  says: string;
}

/** Whom a copy is for. `seed` makes copies of the same reference differ (a lead's secret, say); it is never shown. */
export interface Reader {
  name: string;
  email: string;
  company?: string;
  /** As it shall be printed. */
  date: string;
  ref: string;
  seed: string;
  /** Values of the template's own variables. */
  more?: Record<string, string>;
}

/** A part of the stamp's text: fixed words or the name of a variable. */
export type Piece = { text: string } | { variable: string };

/** Pieces that stay together on a line, and what separates them from the segment before. */
export interface Segment {
  separator: string;
  pieces: Piece[];
}

export type SlotKind = 'form' | 'info-reader' | 'info-ref' | 'xmp' | 'id';

/** What a form of the stamp shows, and how its text is laid out in it. Lengths are points at scale 1. */
export interface FormShape {
  /** `line`: centred, one line or two small ones · `banner`: two large ones · `list`: a line for each segment. */
  arranged: 'line' | 'banner' | 'list';
  /** The outlines that are seen, the text that is searched and copied, or both. */
  shows: 'both' | 'outlines' | 'words';
  width: number;
  height: number;
  /** Text size, at most. */
  size: number;
}

/** A range of bytes of the template that each copy fills anew. */
export interface Slot {
  kind: SlotKind;
  offset: number;
  length: number;
  /** Of a slot of the kind `form`. */
  form?: FormShape;
}

/** Where and how to fill a template; JSON-able. `template` and `bytes` tie it to one template. */
export interface Slots {
  version: 2;
  /** SHA-256 of the template, hex. */
  template: string;
  bytes: number;
  /** Of the source; a cover is one more. */
  pages: number;
  segments: Segment[];
  /** In order of offset. */
  slots: Slot[];
}

/** A PDF made ready for personal copies. */
export interface Compiled {
  template: Buffer;
  slots: Slots;
}

/** One reader's copy; its length and tags are known before a byte is built. */
export interface Copy {
  length: number;
  /** A strong entity tag, in quotes. */
  etag: string;
  /** SHA-256 of the whole copy, hex. */
  readonly sha256: string;
  lastModified?: Date;
  /** What the reader should be told, such as characters that no font of ours can draw. */
  warnings: string[];
  /** The bytes from `start` up to and including `end` (as in a Range header), streamed in constant memory. */
  read(start?: number, end?: number): Readable;
  toBuffer(): Promise<Buffer>;
  /** The copy as base64 in lines of 76 characters ending in CRLF (RFC 2045, 6.8). */
  base64(): Readable;
}

/** A master on disk, verified and opened. */
export interface Master {
  readonly slots: Slots;
  readonly lastModified: Date;
  /** Frees the file handle; copies already being read must be finished. */
  close(): Promise<void>;
}

/** A page, or a cover, as a picture. */
export interface Picture {
  /** `cover-320.webp`, `cover.png`, `card.png`, `page-2-160.webp`: what it shows, and its width in pixels. */
  name: string;
  /** Counted from 1. */
  page: number;
  /** Media type. */
  type: string;
  /** Pixels. */
  width: number;
  height: number;
  bytes: Uint8Array;
}

/** The pictures of a PDF, and how many pages it has. */
export interface Pictures {
  pictures: Picture[];
  pages: number;
}
