/**
 * Rebuilds assets/fonts/stamping/: the slices of the Noto fonts that the stamp draws names with, weight 400, WOFF 2, and
 * index.json, which says which slice holds which code points. The fonts are under the SIL Open Font License, whose text
 * is copied beside them. Run it with `node scripts/stamping-fonts.mjs` when a version below changes.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fontkit from '@pdf-lib/fontkit';

const OUT = fileURLToPath(new URL('../assets/fonts/stamping/', import.meta.url));
const LARGEST = 2 * 1024 * 1024;

/**
 * In order of preference. `NUMBERED` stands for the numbered slices of a large family; `lacking` leaves those away that
 * add less than a few characters to the families before.
 */
const NUMBERED = /^\[\d+\]$/;
const FAMILIES = [
  { name: 'noto-sans', version: '5.3.0', slices: /^(latin|greek|cyrillic)(-ext)?$|^vietnamese$/ },
  { name: 'noto-sans-arabic', version: '5.3.0', slices: /^arabic$/ },
  { name: 'noto-sans-hebrew', version: '5.3.0', slices: /^hebrew$/ },
  { name: 'noto-sans-devanagari', version: '5.3.0', slices: /^devanagari$/ },
  { name: 'noto-sans-thai', version: '5.3.0', slices: /^thai$/ },
  { name: 'noto-sans-armenian', version: '5.3.0', slices: /^armenian$/ },
  { name: 'noto-sans-georgian', version: '5.3.0', slices: /^georgian$/ },
  { name: 'noto-sans-jp', version: '5.3.0', slices: NUMBERED },
  { name: 'noto-sans-kr', version: '5.3.0', slices: NUMBERED },
  { name: 'noto-sans-sc', version: '5.3.0', slices: NUMBERED },
  { name: 'noto-sans-tc', version: '5.3.0', slices: NUMBERED, lacking: true },
  { name: 'noto-emoji', version: '5.3.2', slices: NUMBERED },
  { name: 'noto-sans-symbols', version: '5.3.0', slices: /^symbols$/ },
];
/** The whole of Noto Sans, for letters with accents that no slice holds together, such as a J with a caron. */
const WHOLE = { name: 'noto-sans-whole', package: '@expo-google-fonts/noto-sans', version: '0.4.2' };
const FEW = 8;

/** Fetches one font package through npm and unpacks it; returns its folder. */
function unpack(family, name, version, workshop) {
  const folder = join(workshop, family);
  mkdirSync(folder);
  const tarball = execFileSync('npm', ['pack', '--silent', `${name}@${version}`], { cwd: folder })
    .toString()
    .trim();
  execFileSync('tar', ['-xzf', tarball], { cwd: folder });
  return join(folder, 'package');
}

/** The code points that a font really has; the package's own list promises some that are missing. */
function pointsOf(file) {
  const { default: kit = fontkit } = fontkit;
  return [...new Set(kit.create(readFileSync(file)).characterSet)].filter((p) => p >= 32).sort((a, b) => a - b);
}

/** As text, such as `20-7E,A0`. */
function rangesOf(points) {
  const ranges = [];
  for (const point of points) {
    const last = ranges.at(-1);
    if (last?.[1] === point - 1) last[1] = point;
    else ranges.push([point, point]);
  }
  const hex = (point) => point.toString(16).toUpperCase();
  return ranges.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}-${hex(to)}`)).join(',');
}

const known = new Set();

/** Copies a font into the folder; returns its entry of the index. */
function copyFont(source, file, lacking = false) {
  const points = pointsOf(source);
  if (lacking && points.filter((point) => !known.has(point)).length < FEW) return [];
  for (const point of points) known.add(point);
  cpSync(source, join(OUT, file));
  if (statSync(source).size >= LARGEST) throw new Error(`${file} is over 2 MiB`);
  return [{ file, ranges: rangesOf(points) }];
}

/** Copies the wanted slices of one family; returns its entry of the index. */
function copySlices({ name, version, slices, lacking }, workshop) {
  const source = unpack(name, `@fontsource/${name}`, version, workshop);
  mkdirSync(join(OUT, name), { recursive: true });
  cpSync(join(source, 'LICENSE'), join(OUT, name, 'LICENSE'));
  const all = Object.keys(JSON.parse(readFileSync(join(source, 'unicode.json'), 'utf8')));
  // The package lists the most used slice last; we ask in order.
  const wanted = all.filter((key) => slices.test(key)).reverse();
  if (wanted.length === 0) throw new Error(`${name}@${version} has none of the wanted slices`);
  const entries = wanted.flatMap((key) => {
    const slice = key.replace(/[[\]]/g, '');
    return copyFont(join(source, 'files', `${name}-${slice}-400-normal.woff2`), `${name}/${slice}.woff2`, lacking);
  });
  return { name, version, slices: entries };
}

function copyWhole({ name, package: from, version }, workshop) {
  const source = unpack(name, from, version, workshop);
  mkdirSync(join(OUT, name), { recursive: true });
  cpSync(join(source, 'LICENSE_FONT'), join(OUT, name, 'LICENSE'));
  const slices = copyFont(join(source, '400Regular/NotoSans_400Regular.ttf'), `${name}/regular.ttf`);
  return { name, version, slices };
}

const workshop = mkdtempSync(join(tmpdir(), 'stamping-fonts-'));
try {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const families = FAMILIES.map((family) => copySlices(family, workshop));
  families.push(copyWhole(WHOLE, workshop));
  writeFileSync(join(OUT, 'index.json'), `${JSON.stringify({ families }, null, 1)}\n`);
  console.log(`${families.reduce((sum, family) => sum + family.slices.length, 0)} slices in ${OUT}`);
} finally {
  rmSync(workshop, { recursive: true, force: true });
}
