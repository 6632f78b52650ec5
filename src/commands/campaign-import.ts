import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import * as campaigns from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import type { Services } from '../web/services';
import { commandActor, withHouse } from './house';

interface Options {
  yes?: boolean;
  dryRun?: boolean;
}

/** `campaign import`: over a campaign that is there it shows what would change, and asks. */
export function campaignImportCommand(campaign: Command): void {
  campaign
    .command('import <folder>')
    .description('make a campaign from its folder, or bring the one that is there up to date')
    .option('--yes', 'change it without asking')
    .option('--dry-run', 'show what would change, and change nothing')
    .addHelpText(
      'after',
      '\nOver a campaign that is there the differences go to stderr, and you are asked. Without a terminal the answer is\nread from stdin; where nothing is said there, a script is taken to have decided.',
    )
    .action((folder: string, options: Options) => withHouse((services) => importFolder(folder, options, services)));
}

async function importFolder(folder: string, { yes, dryRun }: Options, { config }: Services): Promise<void> {
  const read = await campaigns.readCampaign(folder);
  const comparison = await campaigns.compareCampaign(read);
  const { slug, known, differences } = comparison;
  if (known && differences.length === 0) return tell(`nothing differs: ${slug} (${known.status}) stays as it is`);
  if (known) tell(shown(comparison));
  if (dryRun) return known ? undefined : tell(`${slug} would be new`);
  if (known && !yes && !(await agreed(`Change ${slug} like that?`))) throw refused(slug);
  const revision = known && { revision: known.revision ?? 0 };
  const kept = await campaigns.keepCampaign(read, { actor: commandActor(), dataDir: config.dataDir, ...revision });
  tell(`${kept.created ? 'created' : 'updated'} ${slug} (${kept.campaign.status})`);
}

const tell = (words: string): void => void process.stderr.write(`${words}\n`);

/** One place, and below it what it says and what it would say. */
function shown({ slug, known, differences }: campaigns.Comparison): string {
  const lines = (mark: string, text: string | undefined) =>
    text === undefined ? [] : text.split('\n').map((line) => `  ${mark} ${line}`);
  const each = differences.flatMap(({ at, before, after }) => [at, ...lines('-', before), ...lines('+', after)]);
  return [`${slug} is there (${known?.status}). This would change:`, ...each].join('\n');
}

/** How long a script may take to begin with its answer. */
const ANSWER_MS = 250;

/** Asks on a terminal. From elsewhere only what has been said counts: an answer there is a no unless it is a yes. */
async function agreed(question: string): Promise<boolean> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY && !(await hasSpoken())) return true;
  const talk = createInterface({ input: stdin, output: stderr, terminal: false });
  stderr.write(`${question} [y/N] `);
  const answer = await new Promise<string>((resolve) => {
    talk.once('line', resolve);
    talk.once('close', () => resolve(''));
  });
  talk.close();
  if (!stdin.isTTY) stderr.write(`${answer}\n`);
  return /^y(es)?$/i.test(answer.trim());
}

function hasSpoken(): Promise<boolean> {
  const { stdin } = process;
  return new Promise((resolve) => {
    const end = (spoken: boolean) => {
      clearTimeout(timer);
      stdin.removeListener('readable', look);
      // An open pipe that says nothing would keep the command from ending.
      if (!spoken) stdin.destroy();
      resolve(spoken);
    };
    const look = () => end(stdin.readableLength > 0);
    const timer = setTimeout(end, ANSWER_MS, false);
    stdin.on('readable', look);
    stdin.once('error', () => end(false));
  });
}

function refused(slug: string): GatefoldError {
  return new GatefoldError('conflict', 'not-agreed', `${slug} stays as it was.`);
}
