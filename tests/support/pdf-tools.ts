import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The independent judges of PDFs, which come with Debian rather than npm. */
type Tool = 'qpdf' | 'pdftotext' | 'pdftoppm' | 'pdfinfo' | 'pdfdetach' | 'mutool';

const PACKAGES: Record<Tool, string> = {
  qpdf: 'qpdf',
  pdftotext: 'poppler-utils',
  pdftoppm: 'poppler-utils',
  pdfinfo: 'poppler-utils',
  pdfdetach: 'poppler-utils',
  mutool: 'mupdf-tools',
};

/** @throws when the tool isn't there: a judge that is missing must not pass for one that agrees */
function tool(name: Tool): string {
  if (!there.has(name) && spawnSync(name, ['--version']).error) {
    throw new Error(`${name} is not installed; the judges need it: apt-get install ${PACKAGES[name]}`);
  }
  there.add(name);
  return name;
}
const there = new Set<Tool>();

function withFile<T>(pdf: Uint8Array, work: (file: string, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'pdf-judge-'));
  try {
    const file = join(folder, 'file.pdf');
    writeFileSync(file, pdf);
    return work(file, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `qpdf --check` says: its exit status (0 clean, 2 errors, 3 warnings) and its words. */
export function qpdfCheck(pdf: Uint8Array): { status: number; text: string } {
  return withFile(pdf, (file) => {
    const { status, stdout, stderr } = spawnSync(tool('qpdf'), ['--check', file], { encoding: 'utf8' });
    return { status: status ?? -1, text: `${stdout}${stderr}` };
  });
}

/** Parts of `qpdf --json` (version 2), such as `outlines`, `attachments`, `acroform`, `pagelabels`. */
export function qpdfJson(pdf: Uint8Array, ...keys: string[]): unknown {
  return withFile(pdf, (file) => {
    const options = ['--json=2', ...keys.map((key) => `--json-key=${key}`)];
    const { parameters: _, ...parts } = JSON.parse(
      execFileSync(tool('qpdf'), [...options, file], { encoding: 'utf8' }),
    );
    return parts;
  });
}

/** An object of a PDF as `qpdf --json=2` writes it: a value, or a stream's dictionary and its data (base64, unpacked). */
export interface PdfObject {
  value?: unknown;
  stream?: { dict: Record<string, unknown>; data?: string };
}

/** What one viewer makes of a file: the text and a picture of each page. */
interface Seen {
  texts: string[];
  pictures: Picture[];
}

/** What all judges say of a file. */
export interface Findings {
  /** Exit status of `qpdf --check`: 0 clean, 2 errors, 3 warnings. */
  check: number;
  /** Every object by its name (`obj:4 0 R`, `trailer`). Damage that qpdf mends is no obstacle. */
  objects: Map<string, PdfObject>;
  poppler: Seen;
  mupdf: Seen;
}

/** One process for all: starting one from a large one such as jest costs more than most of what they do. */
const EXAMINATION = `
qpdf --check file.pdf >check.txt 2>&1; echo $? >check
qpdf --json=2 --json-key=qpdf --json-stream-data=inline --decode-level=generalized file.pdf >objects.json
pdftotext -enc UTF-8 file.pdf poppler.txt
pdftoppm -gray -cropbox -scale-to-x $1 -scale-to-y -1 file.pdf poppler
mutool draw -q -F txt -o mupdf-%d.txt file.pdf
mutool draw -q -c gray -F pgm -w $1 -o mupdf-%d.pgm file.pdf
`;

/** Asks qpdf, poppler and mupdf about a file; its pages are drawn `width` pixels wide. What a judge can't read is missing. */
export function examine(pdf: Uint8Array, width: number): Findings {
  for (const name of ['qpdf', 'pdftotext', 'pdftoppm', 'mutool'] as const) tool(name);
  return withFile(pdf, (_, folder) => {
    spawnSync('sh', ['-c', EXAMINATION, 'sh', String(width)], { cwd: folder, stdio: 'ignore' });
    const names = readdirSync(folder);
    const pageOf = (name: string) => Number(/(\d+)\.\w+$/.exec(name)?.[1]);
    const pages = (viewer: string, end: string) =>
      names
        .filter((name) => name.startsWith(`${viewer}-`) && name.endsWith(end))
        .sort((a, b) => pageOf(a) - pageOf(b))
        .map((name) => readFileSync(join(folder, name)));
    const text = (name: string) => (names.includes(name) ? readFileSync(join(folder, name), 'utf8') : '');
    const [, objects] = JSON.parse(text('objects.json')).qpdf as [unknown, Record<string, PdfObject>];
    return {
      check: Number(text('check')),
      objects: new Map(Object.entries(objects)),
      poppler: {
        texts: text('poppler.txt').split('\f').slice(0, -1),
        pictures: pages('poppler', '.pgm').map(parsePgm),
      },
      mupdf: { texts: pages('mupdf', '.txt').map(String), pictures: pages('mupdf', '.pgm').map(parsePgm) },
    };
  });
}

/** What a tool of poppler's or mupdf's prints of a file, such as its structure tree. */
export function says(name: 'pdfinfo' | 'pdfdetach' | 'mutool', options: string[], pdf: Uint8Array, ...more: string[]) {
  return withFile(pdf, (file) => {
    const said = execFileSync(tool(name), [...options, file, ...more], { encoding: 'utf8', stdio: 'pipe' });
    return said.replaceAll(file, 'file.pdf');
  });
}

/** The file as `qpdf` with these options writes it. */
export function qpdfRewrite(pdf: Uint8Array, ...options: string[]): Buffer {
  return withFile(pdf, (file, folder) => {
    const out = join(folder, 'out.pdf');
    // 3: written, with warnings about the input.
    const { status, stderr } = spawnSync(tool('qpdf'), [...options, file, out], { encoding: 'utf8' });
    if (status !== 0 && status !== 3) throw new Error(stderr);
    return readFileSync(out);
  });
}

/** The text of each page as poppler extracts it. */
export function pdftotext(pdf: Uint8Array): string[] {
  return withFile(pdf, (file) => {
    const text = execFileSync(tool('pdftotext'), ['-enc', 'UTF-8', file, '-'], { encoding: 'utf8', stdio: 'pipe' });
    return text.split('\f').slice(0, -1);
  });
}

/** The text of each page as mupdf extracts it. */
export function mutoolText(pdf: Uint8Array): string[] {
  return withFile(pdf, (file, folder) => {
    const out = join(folder, 'page-%d.txt');
    execFileSync(tool('mutool'), ['draw', '-q', '-F', 'txt', '-o', out, file], { stdio: 'pipe' });
    const pages: string[] = [];
    for (let page = 1; ; page += 1) {
      try {
        pages.push(readFileSync(join(folder, `page-${page}.txt`), 'utf8'));
      } catch {
        return pages;
      }
    }
  });
}

/** A greyscale picture of a page, one byte a pixel. */
export interface Picture {
  width: number;
  height: number;
  pixels: Buffer;
}

/** Reads a PGM file (`P5`). */
function parsePgm(bytes: Buffer): Picture {
  const header = /^P5\s+(?:#[^\n]*\n)?(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString('latin1', 0, 200));
  if (!header) throw new Error('not a PGM picture');
  return { width: Number(header[1]), height: Number(header[2]), pixels: bytes.subarray(header[0].length) };
}

/** The pixels in which two pictures of one size differ by more than `shades` of 255, from the upper left corner. */
export function differences(a: Picture, b: Picture, shades: number): { x: number; y: number }[] {
  if (a.width !== b.width || a.height !== b.height) throw new Error('the pictures differ in size');
  const row = ({ pixels }: Picture, y: number) => pixels.subarray(y * a.width, (y + 1) * a.width);
  const found: { x: number; y: number }[] = [];
  for (let y = 0; y < a.height; y += 1) {
    if (row(a, y).equals(row(b, y))) continue;
    const [before, after] = [row(a, y), row(b, y)];
    for (let x = 0; x < a.width; x += 1) {
      if (Math.abs(Number(before[x]) - Number(after[x])) > shades) found.push({ x: x + 0.5, y: y + 0.5 });
    }
  }
  return found;
}
