import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import * as accounts from '../accounts/accounts';
import type { Services } from '../web/services';
import { withHouse } from './house';

const ROLES = ['admin', 'marketer', 'analyst', 'sponsor-admin', 'sponsor-member'] as const;

interface AddOptions {
  email: string;
  role: (typeof ROLES)[number] | 'sponsor';
  sponsor?: string;
  name?: string;
  passwordStdin?: boolean;
}

/** Commands about people who sign in. */
export function userCommands(program: Command): void {
  program
    .command('user')
    .description('people who sign in')
    .command('add')
    .description('add a person; without a password it prints a single-use link (72 h)')
    .requiredOption('--email <address>', 'what they sign in with')
    .addOption(new Option('--role <role>', 'what they may do').choices([...ROLES, 'sponsor']).makeOptionMandatory())
    .option('--sponsor <slug>', 'the sponsor they belong to (sponsor roles)')
    .option('--name <name>', 'how pages address them')
    .option('--password-stdin', 'read the password from standard input')
    .action((options: AddOptions) => withHouse((services) => addUser(options, services)));
}

async function addUser(options: AddOptions, { links }: Services): Promise<void> {
  const { account, setupToken } = await accounts.addUser({
    email: options.email,
    // `sponsor` is the contract's alias.
    role: options.role === 'sponsor' ? 'sponsor-admin' : options.role,
    ...(options.sponsor !== undefined && { sponsor: options.sponsor }),
    ...(options.name !== undefined && { name: options.name }),
    ...(options.passwordStdin && { password: (await text(process.stdin)).replace(/\r?\n$/, '') }),
  });
  if (setupToken) process.stdout.write(`${links.setup(setupToken)}\n`);
  process.stderr.write(`${account.email} may sign in as ${account.role}\n`);
}
