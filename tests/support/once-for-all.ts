import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * A folder that one test file fills and all files of the run use: whoever comes first makes it, the others wait.
 * @param make fills the folder that it is given; if it fails, the next one tries
 */
export async function onceForAll(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const run = process.env['GATEFOLD_TEST_RUN'];
  if (!run) throw new Error('no folder of this run: is this jest?');
  const [made, making] = [join(run, name), join(run, `${name}-making`)];
  while (!existsSync(made)) {
    if (!takes(making)) {
      await pause(100);
      continue;
    }
    try {
      // Between the two looks another file may have finished, and its folder moved out of the way.
      if (existsSync(made)) break;
      await make(making);
      renameSync(making, made);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  return made;
}

/** Making a folder succeeds for one. */
function takes(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
