import {
  PDFArray,
  type PDFContext,
  PDFDict,
  type PDFDocument,
  PDFName,
  type PDFPageLeaf,
  PDFRef,
  PDFStream,
} from 'pdf-lib';
import { type Balance, balanceOf } from './content-balance';
import { decodeStream } from './decoded-streams';
import { geometryOf, type Matrix, placeStrip } from './page-geometry';
import type { Preset } from './stamping.types';

/** The stamp's look on one page. */
export interface Placement {
  preset: Preset;
  margin: number;
  /** Colour operators for each page, such as `0.35 g`. */
  colours: string[];
}

/** Page contents larger than this in all are wrapped without being looked into. */
const LARGEST_CONTENT = 512 * 1024 * 1024;
const ONE_LEVEL: Balance = { missingSaves: 0, openSaves: 0, openText: false, openMarks: 0 };

const number = (value: number) => value.toFixed(5).replace(/\.?0+$/, '');

/** The references of a page's content streams, in order; whatever isn't a stream is left out. */
function contentsOf(leaf: PDFPageLeaf): PDFRef[] {
  const { context } = leaf;
  const entry = leaf.get(PDFName.of('Contents'));
  const value = context.lookup(entry);
  const list = value instanceof PDFArray ? value.asArray() : [entry];
  return list.filter((item): item is PDFRef => item instanceof PDFRef && context.lookup(item) instanceof PDFStream);
}

/** Puts the form on pages; what pages share (wrappers, resources) is added once. */
export class StampPlacer {
  private readonly wrappers = new Map<string, PDFRef>();
  private readonly decoded = new Map<PDFRef, Uint8Array | null>();
  private looked = 0;

  constructor(
    private readonly context: PDFContext,
    private readonly form: PDFRef,
    private readonly name: string,
    private readonly placement: Placement,
  ) {}

  private wrapper(content: string): PDFRef {
    const known = this.wrappers.get(content);
    if (known) return known;
    const ref = this.context.register(this.context.stream(content));
    this.wrappers.set(content, ref);
    return ref;
  }

  private contentOf(ref: PDFRef): Uint8Array | null {
    const known = this.decoded.get(ref);
    if (known !== undefined) return known;
    const stream = this.context.lookup(ref);
    const bytes = stream instanceof PDFStream && this.looked < LARGEST_CONTENT ? decodeStream(stream) : null;
    this.looked += bytes?.length ?? 0;
    return bytes;
  }

  /** What the page's content leaves open; streams may be cut in the middle of anything but a token. */
  private balance(contents: PDFRef[]): Balance {
    const parts = contents.map((ref) => this.contentOf(ref));
    if (parts.some((part) => part === null)) return ONE_LEVEL;
    const spaced = parts.flatMap((part) => [part ?? new Uint8Array(), Buffer.from('\n')]);
    return balanceOf(Buffer.concat(spaced));
  }

  private drawing(matrix: Matrix, page: number): string {
    const subtype = this.placement.preset === 'header' ? 'Header' : 'Footer';
    const colour = this.placement.colours[page] ?? '0 g';
    return [
      `/Artifact <</Type /Pagination /Subtype /${subtype}>> BDC`,
      `q ${colour} ${matrix.map(number).join(' ')} cm /${this.name} Do Q`,
      'EMC\n',
    ].join('\n');
  }

  /** Names the form in the page's resources, which may be inherited and shared. */
  private addResource(leaf: PDFPageLeaf): void {
    const inherited = this.context.lookup(leaf.getInheritableAttribute(PDFName.Resources));
    const resources = inherited instanceof PDFDict ? inherited : this.context.obj({});
    if (resources !== inherited) leaf.set(PDFName.Resources, resources);
    const known = resources.lookup(PDFName.XObject);
    const objects = known instanceof PDFDict ? known : this.context.obj({});
    if (objects !== known) resources.set(PDFName.XObject, objects);
    objects.set(PDFName.of(this.name), this.form);
  }

  /** Wraps the page's content and draws the form behind it, outside of whatever the content left open. */
  place(leaf: PDFPageLeaf, page: number): void {
    const contents = contentsOf(leaf);
    const balance = this.balance(contents);
    const { preset, margin } = this.placement;
    const { matrix } = placeStrip(geometryOf(leaf), preset, margin);
    const before = 'q\n'.repeat(balance.missingSaves + 1);
    const after = [
      balance.openText ? '\nET' : '',
      '\nEMC'.repeat(balance.openMarks),
      '\nQ'.repeat(balance.openSaves + 1),
      '\n',
    ].join('');
    const parts = [this.wrapper(before), ...contents, this.wrapper(after + this.drawing(matrix, page))];
    leaf.set(PDFName.Contents, this.context.obj(parts));
    this.addResource(leaf);
  }
}

/** The pages of a document in order, each page object once even where the tree names it twice. */
export function pagesOf(doc: PDFDocument): PDFPageLeaf[] {
  return [...new Set(doc.getPages().map((page) => page.node))];
}
