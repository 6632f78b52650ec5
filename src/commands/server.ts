import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import * as accounts from '../accounts/accounts';
import { configFromProcess } from '../config';
import { GatefoldError } from '../errors';
import { type Running, serve, work } from '../main';
import type { Services } from '../web/services';
import { withHouse } from './house';

/** Commands that run or prepare the server. */
export function serverCommands(program: Command): void {
  program
    .command('serve')
    .description('run the web server, and the worker unless --no-worker')
    .option('--no-worker', 'answer requests only; run `gatefold worker` elsewhere')
    .action(async (options: { worker: boolean }) => untilStopped(await serve(configFromProcess(), options)));
  program
    .command('worker')
    .description('run jobs only: deliveries and settlements')
    .action(async () => untilStopped(await work(configFromProcess())));
  program
    .command('setup-link')
    .description('print a new single-use link that sets up the first administrator (24 h)')
    .action(() => withHouse(printSetupLink));
}

async function printSetupLink({ links, config, now }: Services): Promise<void> {
  const token = await accounts.setupTokenForFirstAdmin(now());
  if (!token) {
    throw new GatefoldError('conflict', 'administrator-exists', {
      log: 'setup-link: an administrator exists',
      reader: 'There is an administrator already.',
      wayOut: 'Ask them for access, or run: gatefold user add --role admin --email <address>',
    });
  }
  const link = links.setup(token);
  await writeFile(join(config.dataDir, 'setup-link.txt'), `${link}\n`, { mode: 0o600 });
  process.stdout.write(`${link}\n`);
}

/** Runs until SIGINT or SIGTERM, then closes in order. A second signal ends at once. */
function untilStopped(running: Running): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false;
    const onSignal = (): void => {
      if (stopping) process.exit(1);
      stopping = true;
      running.stop().then(resolve, () => process.exit(1));
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
