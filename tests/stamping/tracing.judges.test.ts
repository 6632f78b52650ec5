import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REFERENCE } from '../../src/leads/leads';
import { compilePdf } from '../../src/stamping/compile-pdf';
import { applyPatches, patchesFor } from '../../src/stamping/copy-patches';
import { tracePdf } from '../../src/stamping/trace-pdf';
import { jane, TEMPLATE } from './readers';

/** The table of docs/tracing.md, row by row, with the tools it names. */
const paper = (slug: string) => join(__dirname, `../../whitepapers/${slug}/whitepaper.pdf`);
const folder = mkdtempSync(join(tmpdir(), 'gatefold-tracing-'));
const [copy, out] = [join(folder, 'copy.pdf'), join(folder, 'out.pdf')];
const REF = '7F3K-92QX-ABCD';

const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });
const TREATMENTS: Record<string, () => unknown> = {
  nothing: () => copyFileSync(copy, out),
  '`qpdf --linearize --object-streams=generate`': () =>
    run('qpdf', '--linearize', '--object-streams=generate', copy, out),
  '`qpdf --pages` (one page taken out)': () => run('qpdf', '--empty', '--pages', copy, '3', '--', out),
  '`mutool clean -gggg -z`': () => run('mutool', 'clean', '-gggg', '-z', copy, out),
  '`mutool merge` (two pages taken out)': () => run('mutool', 'merge', '-o', out, copy, '2-3'),
  '`pdfseparate` (one page taken out)': () => run('pdfseparate', '-f', '3', '-l', '3', copy, out),
  '`pdfunite` (put before another file)': () => run('pdfunite', copy, paper('state-of-physical-access-2024'), out),
  'Ghostscript `pdfwrite` (printed to PDF)': () => run('gs', '-q', '-o', out, '-sDEVICE=pdfwrite', copy),
  'cairo `pdftocairo -pdf` (printed to PDF)': () => run('pdftocairo', '-pdf', copy, out),
  'Ghostscript `pdfimage24` (scanned)': () => run('gs', '-q', '-o', out, '-sDEVICE=pdfimage24', '-r60', copy),
};

/** The rows of the second table: what was done, and in which of the five places the reference is left. */
const rows = readFileSync(join(__dirname, '../../docs/tracing.md'), 'utf8')
  .split('## What is left')[1]
  ?.split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.slice(2, -2).split(' | ')) as string[][];
const PLACES = ['info', 'xmp', 'id', 'page', 'text'];

beforeAll(async () => {
  const { template, slots } = await compilePdf(readFileSync(paper('cloud-video-surveillance-housing-associations')), {
    preset: 'footer',
    template: TEMPLATE,
  });
  applyPatches(template, 0, patchesFor(slots, { ...jane, ref: REF }).patches);
  writeFileSync(copy, template);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the table has every treatment, once', () => {
  expect(rows.map(([what]) => what)).toEqual(Object.keys(TREATMENTS));
});

test.each(rows)('%s', async (what = '', ...left) => {
  TREATMENTS[what]?.();
  const expected = PLACES.filter((_, i) => left[i] === 'yes');
  const traced = await tracePdf(readFileSync(out), REFERENCE);
  expect(traced?.foundIn ?? []).toEqual(expected);
  if (expected.length > 0) expect(traced?.ref).toBe(REF);
});
