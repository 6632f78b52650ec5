import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { audit } from '../accounts/accounts';
import * as deliveries from '../deliveries/deliveries';
import { GatefoldError } from '../errors';
import { commandActor, withHouse } from './house';

/** Commands about who is sent nothing. */
export function suppressionCommands(program: Command): void {
  const suppression = program.command('suppression').description('who is sent nothing');
  suppression
    .command('add <who>')
    .description('an address or @domain')
    .option('--purpose <purpose>', '* for everything, follow-ups, or the key of a consent', deliveries.ALL_FOLLOW_UPS)
    .action((who: string, { purpose }: { purpose: string }) => withHouse(() => add(who, purpose)));
  suppression
    .command('remove <who>')
    .description('take an address or @domain off the list')
    .option('--purpose <purpose>', 'as it was added', deliveries.ALL_FOLLOW_UPS)
    .action((who: string, { purpose }: { purpose: string }) => withHouse(() => remove(who, purpose)));
  suppression
    .command('import <file.csv>')
    .description('one address or @domain a line, and for what in a column `purpose`; - reads standard input')
    .action((file: string) => withHouse(() => importFile(file)));
  suppression
    .command('export')
    .description('the whole list as CSV')
    .action(() => withHouse(() => pipeline(deliveries.exportSuppressions(), process.stdout, { end: false })));
}

async function add(who: string, purpose: string): Promise<void> {
  const entry = deliveries.readEntry(who, purpose);
  await deliveries.suppress({ ...entry, why: 'staff', at: new Date(), by: commandActor() });
  await audit({ actor: commandActor(), action: 'suppressed', subject: entry.who, after: { purpose: entry.purpose } });
}

async function remove(who: string, purpose: string): Promise<void> {
  if (!(await deliveries.unsuppress(who, purpose))) {
    throw new GatefoldError('not-found', 'not-suppressed', `${who} is not on the list for ${purpose}`);
  }
  await audit({ actor: commandActor(), action: 'took off the suppressions', subject: who, before: { purpose } });
}

async function importFile(file: string): Promise<void> {
  const csv = file === '-' ? process.stdin : createReadStream(file);
  const { added, known, wrong } = await deliveries.importSuppressions(csv, commandActor(), new Date());
  await audit({ actor: commandActor(), action: 'imported suppressions', subject: '*', after: { added } });
  process.stdout.write(`${added} added, ${known} known before, ${wrong.length} left out\n`);
  for (const { line, message } of wrong) process.stderr.write(`line ${line}: ${message}\n`);
}
