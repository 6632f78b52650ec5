import type { Command } from 'commander';
import { setUpOf } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { type Check, examine } from '../mail/mail';
import { withHouse } from './house';

const MARKS: Record<Check['state'], string> = { good: 'ok  ', warning: 'note', bad: 'BAD ', unknown: '?   ' };

/** Whether mail from here arrives, and what to add to DNS. */
export function doctorCommands(program: Command): void {
  program
    .command('doctor')
    .description('look at mail server, SPF, DKIM, DMARC and MX, and print the records to add')
    .option('--json', 'as JSON')
    .action(({ json = false }: { json?: boolean }) =>
      withHouse(async ({ config }) => tell(await examine(await setUpOf(config)), json)),
    );
}

function tell(checks: Check[], json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(checks, null, 2)}\n` : checks.map(linesOf).join(''));
  const bad = checks.filter(({ state }) => state === 'bad').map(({ what }) => what);
  if (bad.length > 0) throw new GatefoldError('unprocessable', 'mail-set-up', `to be mended: ${bad.join(', ')}`);
}

/** The record on a line of its own, so that it can be copied whole. */
function linesOf({ what, about, state, found, advice, record }: Check): string {
  const lines = [`${MARKS[state]} ${what} ${about}: ${found}`];
  if (advice) lines.push(`     ${advice}`);
  if (record) lines.push(`     ${record.name}. ${record.type} ${spelled(record)}`);
  return `${lines.join('\n')}\n`;
}

/** As a zone file has it: texts in quotes, in pieces of at most 255 bytes (RFC 1035, 3.3). */
function spelled({ type, value }: NonNullable<Check['record']>): string {
  return type === 'MX' ? value : (value.match(/.{1,255}/g) ?? []).map((piece) => `"${piece}"`).join(' ');
}
