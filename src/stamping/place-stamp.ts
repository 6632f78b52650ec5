import {
  PDFArray,
  type PDFContext,
  PDFDict,
  type PDFDocument,
  PDFName,
  type PDFObject,
  type PDFPageLeaf,
  PDFRef,
  PDFStream,
} from 'pdf-lib';
import { type Balance, balanceOf } from './content-balance';
import { decodeStream } from './decoded-streams';
import { compose, geometryOf, shownToPage } from './page-geometry';
import { FAINT, type FormName, type Mark } from './stamp-marks';

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

/** Puts forms on pages; what pages share (wrappers, resources) is added once. */
export class StampPlacer {
  private readonly wrappers = new Map<string, PDFRef>();
  private readonly decoded = new Map<PDFRef, Uint8Array | null>();
  private looked = 0;
  private faintState: PDFRef | undefined;

  /** @param name the beginning of a name that is nobody else's in the pages' resources */
  constructor(
    private readonly context: PDFContext,
    private readonly forms: Map<FormName, PDFRef>,
    private readonly name: string,
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

  private nameOf(form: FormName): string {
    return `${this.name}${form}`;
  }

  private drawing(leaf: PDFPageLeaf, { form, place, colour, subtype, faint }: Mark): string {
    const matrix = compose(place.shown, shownToPage(geometryOf(leaf)))
      .map(number)
      .join(' ');
    const state = faint ? ` /${this.name} gs` : '';
    return [
      `/Artifact <</Type /Pagination /Subtype /${subtype}>> BDC`,
      `q ${colour}${state} ${matrix} cm /${this.nameOf(form)} Do Q`,
      'EMC\n',
    ].join('\n');
  }

  /** Names objects in the page's resources, which may be inherited and shared. */
  private addResources(
    leaf: PDFPageLeaf,
    kind: string,
    entries: [name: string, object: PDFObject | undefined][],
  ): void {
    const inherited = this.context.lookup(leaf.getInheritableAttribute(PDFName.Resources));
    const resources = inherited instanceof PDFDict ? inherited : this.context.obj({});
    if (resources !== inherited) leaf.set(PDFName.Resources, resources);
    const known = resources.lookup(PDFName.of(kind));
    const objects = known instanceof PDFDict ? known : this.context.obj({});
    if (objects !== known) resources.set(PDFName.of(kind), objects);
    for (const [name, object] of entries) if (object) objects.set(PDFName.of(name), object);
  }

  /** Wraps the page's content, and draws the marks behind or in front of it, outside of whatever it left open. */
  place(leaf: PDFPageLeaf, marks: Mark[]): void {
    const contents = contentsOf(leaf);
    const balance = this.balance(contents);
    const drawn = (behind: boolean) =>
      marks
        .filter((mark) => mark.behind === behind)
        .map((mark) => this.drawing(leaf, mark))
        .join('');
    const before = 'q\n'.repeat(balance.missingSaves + 1);
    const after = [
      balance.openText ? '\nET' : '',
      '\nEMC'.repeat(balance.openMarks),
      '\nQ'.repeat(balance.openSaves + 1),
      '\n',
    ].join('');
    const parts = [this.wrapper(drawn(true) + before), ...contents, this.wrapper(after + drawn(false))];
    leaf.set(PDFName.Contents, this.context.obj(parts));
    this.addResources(
      leaf,
      'XObject',
      marks.map(({ form }) => [this.nameOf(form), this.forms.get(form)]),
    );
    if (marks.some(({ faint }) => faint)) this.addResources(leaf, 'ExtGState', [[this.name, this.faint()]]);
  }

  private faint(): PDFRef {
    this.faintState ??= this.context.register(this.context.obj({ Type: 'ExtGState', ca: FAINT }));
    return this.faintState;
  }
}

/** The pages of a document in order, each page object once even where the tree names it twice. */
export function pagesOf(doc: PDFDocument): PDFPageLeaf[] {
  return [...new Set(doc.getPages().map((page) => page.node))];
}
