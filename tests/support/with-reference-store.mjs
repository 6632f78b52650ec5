// Runs a command with GATEFOLD_TEST_URI set to the independent MongoDB-compatible engine of ../shared.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const start = join(dirname(fileURLToPath(import.meta.url)), '../../../shared/reference-mongodb/start');
if (!existsSync(start)) {
  console.log('SKIPPED: no ../shared (reference store)');
  process.exit(0);
}
const uri = execFileSync(start, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  .trim()
  .split('\n')
  .pop();
const [command, ...args] = process.argv.slice(2);
const run = spawnSync(command, args, {
  stdio: 'inherit',
  env: { ...process.env, GATEFOLD_TEST_URI: uri, GATEFOLD_REFERENCE_URI: uri },
});
process.exit(run.status ?? 1);
