// Writes the PDFs of tests/fixtures/pdfs, each named after its trait: `npm run corpus`. Their recipes are in
// tests/stamping; some need qpdf. All of them are ours. tests/stamping/corpus.test.ts says when a file and its recipe
// are no longer the same.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RECIPES = join(ROOT, 'tests/stamping');
const BUILT = join(ROOT, 'node_modules/.cache/pdf-corpus');
const OUT = join(ROOT, 'tests/fixtures/pdfs');

/** The recipes are TypeScript, as the tests that use them are. */
mkdirSync(BUILT, { recursive: true });
for (const name of ['raw-pdf', 'defects', 'structures', 'hostile', 'corpus']) {
  const { code } = transformSync(readFileSync(join(RECIPES, `${name}.ts`), 'utf8'), {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  writeFileSync(join(BUILT, `${name}.js`), code);
}
const load = createRequire(join(BUILT, 'package.json'));
const { defects } = load('./defects.js');
const { structures } = load('./structures.js');
const { encrypted, refused } = load('./hostile.js');
const { fileName } = load('./corpus.js');
const { rawPages } = load('./raw-pdf.js');

const PLAIN = rawPages([{ contents: ['BT /F 24 Tf 150 400 Td (Hello) Tj ET'] }, {}, {}]);
const folder = mkdtempSync(join(tmpdir(), 'pdf-corpus-'));

/** Needed here alone, by whoever changes the corpus. */
const QPDF = 'qpdf';
function qpdf(...options) {
  const [source, out] = [join(folder, 'in.pdf'), join(folder, 'out.pdf')];
  writeFileSync(source, PLAIN);
  execFileSync(QPDF, [...options, source, out], { stdio: 'pipe' });
  return readFileSync(out);
}

const OBJECT_STREAMS = '--object-streams=generate';
const encrypting = (user, owner, bits, ...more) =>
  qpdf('--static-id', '--allow-weak-crypto', ...more, '--encrypt', user, owner, bits, '--');

const stampable = {
  ...defects,
  ...structures,
  'object streams': () => qpdf('--deterministic-id', OBJECT_STREAMS),
  linearized: () => qpdf('--deterministic-id', '--linearize'),
  'linearized with object streams': () => qpdf('--deterministic-id', '--linearize', OBJECT_STREAMS),
};
const refusals = {
  ...Object.fromEntries(Object.entries(refused).map(([trait, [make]]) => [trait, make])),
  'a password to open, AES': () => encrypting('secret', 'secret', '256'),
  'a password to change, AES': () => encrypting('', 'owner', '256'),
  'a password to change, AES, object streams': () => encrypting('', 'owner', '256', OBJECT_STREAMS),
  'a password to open, RC4': () => encrypting('secret', 'secret', '40'),
  'a password to change, RC4': () => encrypting('', 'owner', '40'),
};

/** Encryption takes random numbers: what is there stays. */
const kept = new Map();
for (const trait of encrypted) {
  const file = join(OUT, 'refused', fileName(trait));
  if (existsSync(file)) kept.set(trait, readFileSync(file));
}

for (const [kind, recipes] of Object.entries({ stampable, refused: refusals })) {
  rmSync(join(OUT, kind), { recursive: true, force: true });
  mkdirSync(join(OUT, kind), { recursive: true });
  for (const [trait, make] of Object.entries(recipes))
    writeFileSync(join(OUT, kind, fileName(trait)), kept.get(trait) ?? (await make()));
  console.log(`${kind}: ${Object.keys(recipes).length} files`);
}
rmSync(folder, { recursive: true });
