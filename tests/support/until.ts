import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds, and says what it waited for when it never does. */
export async function until(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await pause(20);
  }
}
