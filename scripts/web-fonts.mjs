/**
 * Rebuilds assets/fonts/web/: the two typefaces of the pages, cut down to what the pages use, WOFF 2. The first load of a
 * page stays under 60 KB, so each face is one file of Latin letters, and one of further Latin letters that a browser
 * fetches only for a text that has them. Newsreader (headlines, at its optical size for display) and Libre Franklin are
 * under the SIL Open Font License without reserved names; its text is copied beside them.
 * Run it with `node scripts/web-fonts.mjs` when a version below changes.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OUT = fileURLToPath(new URL('../assets/fonts/web/', import.meta.url));
const CUTTER = 'subset-font@2.9.0';

const FACES = [
  { name: 'newsreader', version: '5.3.0', file: 'opsz', axes: { opsz: 36, wght: 560 } },
  { name: 'libre-franklin', version: '5.3.0', file: 'wght', axes: { wght: { min: 400, max: 650 } } },
];

/** Kerning, accents, ligatures, figures of one width: what the style sheet uses. */
const FEATURES = ['kern', 'mark', 'mkmk', 'ccmp', 'locl', 'liga', 'tnum', 'lnum'];

/** The same ranges stand as `unicode-range` in assets/css/gatefold.css. */
const SLICES = {
  latin: [[0x20, 0x7e], [0xa0, 0xff], 0x131, [0x152, 0x153], [0x2010, 0x201e], [0x2020, 0x2022], 0x2026, 0x2030].concat(
    [0x2032, 0x2033, 0x2039, 0x203a, 0x2044, 0x20ac, 0x2122, [0x2190, 0x2193], 0x2212, 0x2264, 0x2265],
  ),
  'latin-ext': [
    [0x100, 0x130],
    [0x132, 0x151],
    [0x154, 0x17f],
    [0x1cd, 0x1dc],
    [0x218, 0x21b],
    [0x1e80, 0x1e85],
    0x1e9e,
  ],
};

function lettersOf(ranges) {
  const points = ranges.flatMap((range) => {
    const [from, to] = Array.isArray(range) ? range : [range, range];
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
  return String.fromCodePoint(...points);
}

/** Fetches one font package through npm and unpacks it; returns its folder. */
function unpack({ name, version }, workshop) {
  const folder = join(workshop, name);
  mkdirSync(folder);
  const tarball = execFileSync('npm', ['pack', '--silent', `@fontsource-variable/${name}@${version}`], { cwd: folder });
  execFileSync('tar', ['-xzf', tarball.toString().trim()], { cwd: folder });
  return join(folder, 'package');
}

/** The program that cuts fonts (HarfBuzz), fetched for this run: the product doesn't need it. */
function fetchCutter(workshop) {
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', workshop, CUTTER]);
  return createRequire(join(workshop, 'package.json'))('subset-font');
}

const workshop = mkdtempSync(join(tmpdir(), 'web-fonts-'));
try {
  writeFileSync(join(workshop, 'package.json'), '{}');
  const cut = fetchCutter(workshop);
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  for (const face of FACES) {
    const source = unpack(face, workshop);
    cpSync(join(source, 'LICENSE'), join(OUT, `${face.name}.LICENSE`));
    for (const [slice, ranges] of Object.entries(SLICES)) {
      const whole = readFileSync(join(source, 'files', `${face.name}-${slice}-${face.file}-normal.woff2`));
      const options = { targetFormat: 'woff2', keepFeatures: FEATURES, variationAxes: face.axes, noHinting: true };
      const bytes = await cut(whole, lettersOf(ranges), options);
      writeFileSync(join(OUT, `${face.name}-${slice}.woff2`), bytes);
      console.log(`${face.name}-${slice}.woff2 ${bytes.length}`);
    }
  }
} finally {
  rmSync(workshop, { recursive: true, force: true });
}
