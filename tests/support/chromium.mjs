// A Chromium out of an npm package, for tests and for typesetting. The package is ESM-only, so jest asks this script:
// `node tests/support/chromium.mjs` prints where the program is and how to start it, as JSON.
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';

/** Quiet, without a network of its own, and usable as root in a container. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

export async function howToLaunch() {
  return { executablePath: await chromium.executablePath(), args: FLAGS };
}

export async function launchChromium() {
  return playwright.launch({ ...(await howToLaunch()), headless: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(await howToLaunch())}\n`);
}
