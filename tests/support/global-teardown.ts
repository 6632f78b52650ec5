import { rmSync } from 'node:fs';

export default async function globalTeardown(): Promise<void> {
  rmSync(process.env['GATEFOLD_TEST_RUN'] as string, { recursive: true, force: true });
  const held = (globalThis as Record<string, unknown>)['__gatefoldStore'] as
    | { store: { close(): Promise<void> }; dataDir: string }
    | undefined;
  if (!held) return;
  await held.store.close();
  rmSync(held.dataDir, { recursive: true, force: true });
}
