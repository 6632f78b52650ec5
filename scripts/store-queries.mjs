// Puts down what the rooms ask of the store: runs their tests, notes the shape of each command, and writes the list that
// the tests hold them to (tests/store/queries.txt) and the part of docs/store.md that shows it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOMS = [
  'accounts',
  'campaigns',
  'deliveries',
  'exports',
  'jobs',
  'landing',
  'leads',
  'ledger',
  'mail',
  'sponsors',
  'web',
  'whitepapers',
];
const folder = mkdtempSync(join(tmpdir(), 'gatefold-queries-'));
const file = join(folder, 'asked.txt');
writeFileSync(file, '');

const run = spawnSync('npx', ['jest', ...ROOMS.map((room) => `tests/${room}/`)], {
  stdio: 'inherit',
  env: { ...process.env, GATEFOLD_QUERIES_FILE: file },
});
// A run that failed has not asked everything, so it takes nothing off the list.
const kept = run.status === 0 ? '' : readFileSync('tests/store/queries.txt', 'utf8');
const asked = [...new Set(`${kept}\n${readFileSync(file, 'utf8')}`.split('\n').filter(Boolean))].sort();
rmSync(folder, { recursive: true });

writeFileSync('tests/store/queries.txt', `${asked.join('\n')}\n`);
const docs = readFileSync('docs/store.md', 'utf8');
const block = `<!-- queries -->\n\n\`\`\`text\n${asked.join('\n')}\n\`\`\`\n\n<!-- /queries -->`;
writeFileSync(
  'docs/store.md',
  docs.replace(/<!-- queries -->[\s\S]*<!-- \/queries -->/, () => block),
);
console.log(`${asked.length} shapes of query`);
process.exitCode = run.status ?? 1;
