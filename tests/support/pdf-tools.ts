import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The independent judges of PDFs, which come with Debian rather than npm. */
type Tool = 'qpdf' | 'pdftotext' | 'pdftoppm' | 'mutool';

const PACKAGES: Record<Tool, string> = {
  qpdf: 'qpdf',
  pdftotext: 'poppler-utils',
  pdftoppm: 'poppler-utils',
  mutool: 'mupdf-tools',
};

/** @throws when the tool isn't there: a judge that is missing must not pass for one that agrees */
function tool(name: Tool): string {
  if (spawnSync(name, ['--version']).error) {
    throw new Error(`${name} is not installed; the judges need it: apt-get install ${PACKAGES[name]}`);
  }
  return name;
}

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

/** Page `page` (from 1), `width` pixels wide, as poppler shows it (the crop box). */
export function popplerPicture(pdf: Uint8Array, page: number, width: number): Picture {
  return withFile(pdf, (file, folder) => {
    const size = ['-scale-to-x', String(width), '-scale-to-y', '-1'];
    const options = ['-gray', '-cropbox', '-singlefile', '-f', String(page), '-l', String(page), ...size];
    execFileSync(tool('pdftoppm'), [...options, file, join(folder, 'page')], { stdio: 'pipe' });
    return parsePgm(readFileSync(join(folder, 'page.pgm')));
  });
}

/** Page `page` (from 1), `width` pixels wide, as mupdf shows it. */
export function mupdfPicture(pdf: Uint8Array, page: number, width: number): Picture {
  return withFile(pdf, (file, folder) => {
    const out = join(folder, 'page.pgm');
    const options = ['-q', '-c', 'gray', '-F', 'pgm', '-w', String(width), '-o', out];
    execFileSync(tool('mutool'), ['draw', ...options, file, String(page)], { stdio: 'pipe' });
    return parsePgm(readFileSync(out));
  });
}

/** The rows in which two pictures of one size differ, as shares of the height. */
export function differingRows(a: Picture, b: Picture): number[] {
  if (a.width !== b.width || a.height !== b.height) throw new Error('the pictures differ in size');
  const row = (picture: Picture, at: number) => picture.pixels.subarray(at * a.width, (at + 1) * a.width);
  return Array.from({ length: a.height }, (_, at) => at)
    .filter((at) => !row(a, at).equals(row(b, at)))
    .map((at) => (at + 0.5) / a.height);
}
