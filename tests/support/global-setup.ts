import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * One store for the whole run: the embedded server of the last build, or the one named by GATEFOLD_TEST_URI (`npm run
 * test:reference`), where each test file takes a database of its own (support/store.ts); and one folder for what is made
 * once (support/once-for-all.ts).
 */
export default async function globalSetup(): Promise<void> {
  process.env['GATEFOLD_TEST_RUN'] = mkdtempSync(join(tmpdir(), 'gatefold-run-'));
  if (process.env['GATEFOLD_TEST_URI']) return;
  const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-test-'));
  const { openEmbedded } = require(join(__dirname, '../../dist/store/embedded/embedded.js'));
  const store = await openEmbedded({ dataDir });
  process.env['GATEFOLD_TEST_URI'] = store.uri;
  (globalThis as Record<string, unknown>)['__gatefoldStore'] = { store, dataDir };
}
