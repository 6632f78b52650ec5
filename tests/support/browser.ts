import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** A real Chromium. The package that carries it is ESM-only, so a small script tells path and flags. */
export async function launchBrowser(): Promise<Browser> {
  const told = execFileSync(process.execPath, [join(__dirname, 'chromium.mjs')], { encoding: 'utf8' });
  const { executablePath, args } = JSON.parse(told) as { executablePath: string; args: string[] };
  return chromium.launch({ executablePath, args, headless: true });
}
