#!/usr/bin/env node
// Builds when the sources are newer than the last build, then runs the command line.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

// A published package carries dist/ and no sources; a clone carries sources, and `tsc -b` does only what is missing.
if (existsSync(join(root, 'src', 'cli.ts'))) {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const build = spawnSync(process.execPath, [tsc, '-b', root], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (build.status !== 0) {
    process.stderr.write(build.stdout);
    process.stderr.write('gatefold: the build failed; see the errors above\n');
    process.exit(1);
  }
}

require(join(root, 'dist', 'cli.js'));
