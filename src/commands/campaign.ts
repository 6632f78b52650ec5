import type { Command } from 'commander';
import * as campaigns from '../campaigns/campaigns';
import { commandActor, withHouse } from './house';

/** Commands about campaigns as files and their life. */
export function campaignCommands(program: Command): void {
  const campaign = program.command('campaign').description('campaigns');
  campaign
    .command('list')
    .description('slug, status and title of each')
    .action(() => withHouse(list));
  campaign
    .command('import <folder>')
    .description('create or update a campaign from its folder')
    .action((folder: string) => withHouse((services) => importFolder(folder, services.config.dataDir)));
  campaign
    .command('export <slug> <folder>')
    .description('write a campaign as a folder that import reads')
    .action((slug: string, folder: string) => withHouse(() => campaigns.exportCampaign(slug, folder)));
  campaign
    .command('publish <slug>')
    .description('compile the whitepaper and open the campaign')
    .action((slug: string) =>
      withHouse((services) => campaigns.publish(slug, commandActor(), services.config.dataDir)),
    );
  campaign
    .command('pause <slug>')
    .description('stop taking requests for now')
    .action((slug: string) => withHouse(() => campaigns.pause(slug, commandActor())));
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

async function importFolder(folder: string, dataDir: string): Promise<void> {
  const { campaign, created } = await campaigns.importCampaign(folder, { actor: commandActor(), dataDir });
  process.stderr.write(`${created ? 'created' : 'updated'} ${campaign.slug} (${campaign.status})\n`);
}
