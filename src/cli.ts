#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { auditCommands } from './commands/audit';
import { backupCommands } from './commands/backup';
import { campaignCommands } from './commands/campaign';
import { doctorCommands } from './commands/doctor';
import { leadsCommands } from './commands/leads';
import { pdfCommands } from './commands/pdf';
import { privacyCommands } from './commands/privacy';
import { serverCommands } from './commands/server';
import { siteCommands } from './commands/site';
import { suppressionCommands } from './commands/suppression';
import { userCommands } from './commands/user';
import { ConfigError } from './config';
import { GatefoldError, messageOf } from './errors';

/** Exit status: 0 done, 1 failed, 2 wrong usage. Results on stdout, talk on stderr. */
const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

async function main(argv: string[]): Promise<number> {
  const program = new Command('gatefold')
    .description('Self-hosted platform for gated whitepapers.')
    .exitOverride()
    .showHelpAfterError('(add --help for what it takes)');
  for (const add of [
    serverCommands,
    campaignCommands,
    userCommands,
    leadsCommands,
    pdfCommands,
    backupCommands,
    auditCommands,
    doctorCommands,
    siteCommands,
    suppressionCommands,
    privacyCommands,
  ])
    add(program);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride();
  try {
    await program.parseAsync(argv);
    return DONE;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  // commander has already said what is wrong, or printed the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
  if (error instanceof GatefoldError) {
    process.stderr.write(`gatefold: ${[error.reader, error.wayOut].filter(Boolean).join(' ')}\n`);
    return FAILED;
  }
  process.stderr.write(`gatefold: ${messageOf(error)}\n`);
  if (!(error instanceof ConfigError) && error instanceof Error && error.stack && process.stderr.isTTY) {
    process.stderr.write(`${error.stack}\n`);
  }
  return FAILED;
}

main(process.argv).then((status) => {
  process.exitCode = status;
});
