import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { audit } from '../accounts/accounts';
import * as exports_ from '../exports/exports';
import { commandActor, withHouse } from './house';

interface ExportOptions {
  sponsor?: string;
  format: 'csv' | 'xlsx' | 'ndjson';
  out?: string;
}

/** Commands about leads. */
export function leadsCommands(program: Command): void {
  program
    .command('leads')
    .description('leads')
    .command('export <campaign>')
    .description('every lead with its status; with --sponsor exactly what that sponsor may see; logged')
    .option('--sponsor <slug>', 'only what this sponsor may see')
    .addOption(new Option('--format <format>', 'file format').choices(['csv', 'xlsx', 'ndjson']).default('csv'))
    .option('--out <file>', 'write there, replacing it atomically, instead of to standard output')
    .action((campaign: string, options: ExportOptions) => withHouse(() => exportLeads(campaign, options)));
}

async function exportLeads(campaign: string, options: ExportOptions): Promise<void> {
  const { stream } = await exports_.run({
    campaign,
    format: options.format,
    actor: commandActor(),
    ...(options.sponsor !== undefined && { sponsor: options.sponsor }),
  });
  const after = { sponsor: options.sponsor, format: options.format };
  await audit({ actor: commandActor(), kind: 'read', action: 'took leads away', subject: campaign, after });
  if (!options.out) return pipeline(stream, process.stdout, { end: false });
  const part = `${options.out}.${process.pid}.part`;
  try {
    await pipeline(stream, createWriteStream(part, { mode: 0o600, flush: true }));
    await rename(part, options.out);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
