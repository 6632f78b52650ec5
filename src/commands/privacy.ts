import type { Command } from 'commander';
import { audit } from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { eraseAddress, personalData, verifyErasures } from '../privacy/privacy';
import { commandActor, withHouse } from './house';

/** Commands about what we hold of a person. */
export function privacyCommands(program: Command): void {
  const privacy = program.command('privacy').description('what we hold about a person');
  privacy
    .command('export <email>')
    .description('all of it, as JSON; logged')
    .action((email: string) => withHouse(() => exportPerson(email)));
  privacy
    .command('erase <email>')
    .description('takes the person out of every campaign; counts stay; it can’t be undone')
    .action((email: string) => withHouse(({ config, now }) => erasePerson(email, config.dataDir, now())));
  privacy
    .command('verify')
    .description('looks for what is left of everybody who was erased; fails when there is something')
    .action(() => withHouse(verify));
}

async function exportPerson(email: string): Promise<void> {
  const held = await personalData(email);
  const subjects = held.leads.flatMap((lead) => ('id' in lead ? [String(lead.id)] : []));
  await audit({ actor: commandActor(), kind: 'read', action: 'exported personal data', subjects });
  process.stdout.write(`${JSON.stringify(held, null, 2)}\n`);
}

async function erasePerson(email: string, dataDir: string, now: Date): Promise<void> {
  const erased = await eraseAddress(email, { dataDir, now });
  if (erased.length === 0) {
    throw new GatefoldError('not-found', 'unknown-address', {
      log: 'nobody of that address',
      reader: 'We hold nothing under this address.',
      wayOut: 'Look for it on the staff site: perhaps it is spelt otherwise.',
    });
  }
  for (const subject of erased) await audit({ actor: commandActor(), action: 'erased lead', subject });
  process.stdout.write(`${erased.length} ${erased.length === 1 ? 'lead' : 'leads'} erased\n`);
}

async function verify(): Promise<void> {
  const { erasures, left } = await verifyErasures();
  if (left.length > 0) {
    throw new GatefoldError('conflict', 'erasure-incomplete', {
      log: `${left.length} of ${erasures} erasures left something`,
      reader: `Something is left of ${left.length} of ${erasures} erased leads: ${left.join(', ')}.`,
      wayOut: 'Let a worker run and look again; it carries on with what was begun.',
    });
  }
  process.stdout.write(`${erasures} erased ${erasures === 1 ? 'lead' : 'leads'}, nothing left of any\n`);
}
