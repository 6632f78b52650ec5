import type { Command } from 'commander';
import * as accounts from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { withHouse } from './house';

/** Commands about the log of who did what. */
export function auditCommands(program: Command): void {
  program
    .command('audit')
    .description('the log of who did what')
    .command('verify')
    .description('check that every entry is as it was written and none is missing')
    .action(() => withHouse(verify));
}

async function verify(): Promise<void> {
  const { entries, brokenAt } = await accounts.verifyAudit();
  if (brokenAt !== undefined) {
    throw new GatefoldError('conflict', 'audit-broken', `entry ${brokenAt} is missing or not as it was written`);
  }
  process.stdout.write(`${entries} entries, none changed, none missing\n`);
}
