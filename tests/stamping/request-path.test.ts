import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOM = join(__dirname, '../../src/stamping');
const PDF_LIBRARIES = /^(pdf-lib|@hyzyla\/pdfium)(\/|$)/;

/** Everything that a file imports at run time, directly or through others: paths of ours and names of packages. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const lines =
    /(?:^|\n)\s*(?:import|export)\s+(?!type\s)[^;'"]*?from\s+['"]([^'"]+)['"]|(?:^|\n)import\s+['"]([^'"]+)['"]|(?:require|import)\(\s*['"]([^'"]+)['"]/g;
  for (const match of text.matchAll(lines)) {
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    if (target.startsWith('.')) reached(join(dirname(file), `${target.replace(/\.js$/, '')}.ts`), seen);
    else seen.add(target);
  }
  return seen;
}

test('personalising reaches no PDF library, and the walk would notice', () => {
  expect(existsSync(join(ROOM, 'personalise.ts'))).toBe(true);
  const packages = (name: string) => [...reached(join(ROOM, name))].filter((target) => PDF_LIBRARIES.test(target));
  expect(packages('personalise.ts')).toEqual([]);
  expect(packages('master.ts')).toEqual([]);
  // Nor does anything else behind the front door, but for the worker.
  expect(packages('stamping.ts')).toEqual([]);
  expect(packages('stamping.worker.ts')).toEqual(expect.arrayContaining(['pdf-lib', '@hyzyla/pdfium']));
});

test('the fonts are what the index names, each under 2 MiB and beside its licence', () => {
  const fonts = join(__dirname, '../../assets/fonts/stamping');
  const { families } = JSON.parse(readFileSync(join(fonts, 'index.json'), 'utf8')) as {
    families: { name: string; version: string; slices: { file: string; ranges: string }[] }[];
  };
  expect(families.map(({ name }) => name).sort()).toEqual(
    readdirSync(fonts, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort(),
  );
  for (const { name, version, slices } of families) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(readFileSync(join(fonts, name, 'LICENSE'), 'utf8')).toMatch(/SIL OPEN FONT LICENSE/i);
    const files = slices.map(({ file }) => file.replace(`${name}/`, ''));
    expect([...files, 'LICENSE'].sort()).toEqual(readdirSync(join(fonts, name)).sort());
    for (const { file } of slices) expect(statSync(join(fonts, file)).size).toBeLessThan(2 * 1024 * 1024);
  }
});
