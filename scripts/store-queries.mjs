// Puts down what the rooms ask of the store: runs their tests, notes the shape of each command, and writes the list that
// the tests hold them to (tests/store/queries.txt). With names of rooms only those run, and nothing is taken off the list.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIST = 'tests/store/queries.txt';
/** Folders of tests that are no room's: they ask the store whatever they like. */
const NO_ROOMS = ['e2e', 'faults', 'conformance', 'stamping', 'store', 'support', 'fixtures'];

const every = readdirSync('tests', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NO_ROOMS.includes(entry.name))
  .map(({ name }) => name);
const named = process.argv.slice(2);
const rooms = named.length > 0 ? named : every;
const folder = mkdtempSync(join(tmpdir(), 'gatefold-queries-'));
const file = join(folder, 'asked.txt');
writeFileSync(file, '');

const run = spawnSync('npx', ['jest', ...rooms.map((room) => `tests/${room}/`)], {
  stdio: 'inherit',
  env: { ...process.env, GATEFOLD_QUERIES_FILE: file },
});
// A run of some rooms, or one that failed, has not asked everything.
const kept = run.status === 0 && named.length === 0 ? '' : readFileSync(LIST, 'utf8');
const asked = [...new Set(`${kept}\n${readFileSync(file, 'utf8')}`.split('\n').filter(Boolean))].sort();
rmSync(folder, { recursive: true });
writeFileSync(LIST, `${asked.join('\n')}\n`);
console.log(`${asked.length} shapes of query`);
process.exitCode = run.status ?? 1;
