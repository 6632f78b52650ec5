import type { Command } from 'commander';
import * as campaigns from '../campaigns/campaigns';
import type { Services } from '../web/services';
import { campaignImportCommand } from './campaign-import';
import { commandActor, withHouse } from './house';

/** Commands about campaigns as files and their life. */
export function campaignCommands(program: Command): void {
  const campaign = program.command('campaign').description('campaigns');
  campaign
    .command('list')
    .description('slug, status and title of each')
    .action(() => withHouse(list));
  campaignImportCommand(campaign);
  campaign
    .command('export <slug> <folder>')
    .description('write a campaign as a folder that import reads')
    .action((slug: string, folder: string) => withHouse(() => campaigns.exportCampaign(slug, folder)));
  campaign
    .command('publish <slug>')
    .description('compile the whitepaper and open the campaign')
    .action((slug: string) => withHouse((services) => opened(slug, services, campaigns.publish)));
  campaign
    .command('pause <slug>')
    .description('stop taking requests for now')
    .action((slug: string) => withHouse(() => campaigns.pause(slug, commandActor())));
  campaign
    .command('check <slug>')
    .description('what is missing before it can be published; status 1 when something is')
    .action((slug: string) => withHouse((services) => check(slug, services)));
  campaign
    .command('reopen <slug>')
    .description('open a closed campaign again')
    .action((slug: string) => withHouse((services) => opened(slug, services, campaigns.reopen)));
  campaign
    .command('archive <slug>')
    .description('put a draft or a closed campaign away')
    .action((slug: string) => withHouse(() => campaigns.archive(slug, commandActor())));
  campaign
    .command('duplicate <slug>')
    .description('make a draft like it; its slug goes to stdout')
    .action((slug: string) => withHouse((services) => copy(slug, services.config.dataDir)));
  campaign
    .command('close <slug>')
    .description('end the campaign; links that readers have stay good')
    .action((slug: string) => withHouse(() => campaigns.close(slug, commandActor())));
}

async function list(): Promise<void> {
  for (const { slug, status, title } of await campaigns.listCampaigns()) {
    process.stdout.write(`${slug}\t${status}\t${title}\n`);
  }
}

/** The same list as on the campaign's page: `ok`, `must` or `should` at the head of each line. */
async function check(slug: string, { config, now }: Services): Promise<void> {
  const campaign = await campaigns.findCampaign(slug);
  if (!campaign) throw campaigns.unknownCampaign(slug);
  await campaigns.lookOutside(slug, config, now());
  const checks = await campaigns.checkReady(campaign, now());
  for (const { isMet, level, words, missing } of checks) {
    process.stdout.write(`${isMet ? 'ok' : level}\t${words}${missing ? `: ${missing}` : ''}\n`);
  }
  if (!campaigns.isReady(checks)) process.exitCode = 1;
}

async function opened(slug: string, { config, now }: Services, open: typeof campaigns.publish): Promise<void> {
  await campaigns.lookOutside(slug, config, now());
  await open(slug, commandActor(), config.dataDir);
}

async function copy(slug: string, dataDir: string): Promise<void> {
  const { slug: made } = await campaigns.duplicate(slug, commandActor(), dataDir);
  process.stdout.write(`${made}\n`);
}
