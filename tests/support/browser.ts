import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { onceForAll } from './once-for-all';

const LAUNCH = 'launch.json';

/**
 * A real Chromium. The package that carries it is ESM-only, so a small script tells path and flags. It unpacks the
 * program into the temporary folder, which two test files at once must not do, and a run that was killed meanwhile has
 * left half done: so it is unpacked once for each run, into the run's own folder.
 */
export async function launchBrowser(): Promise<Browser> {
  const folder = await onceForAll('browser', async (into) => {
    const env = { ...process.env, TMPDIR: into };
    writeFileSync(
      join(into, LAUNCH),
      execFileSync(process.execPath, [join(__dirname, 'chromium.mjs')], { encoding: 'utf8', env }),
    );
  });
  const { executablePath, args } = JSON.parse(readFileSync(join(folder, LAUNCH), 'utf8')) as {
    executablePath: string;
    args: string[];
  };
  return chromium.launch({ executablePath: join(folder, basename(executablePath)), args, headless: true });
}
