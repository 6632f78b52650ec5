import type { Command } from 'commander';
import * as campaigns from '../campaigns/campaigns';
import { commandActor, withHouse } from './house';

/** Commands about the publisher of the site. */
export function siteCommands(program: Command): void {
  const site = program.command('site').description('the publisher of this site');
  site
    .command('import <folder>')
    .description('take the publisher from site.yaml and the logo beside it')
    .action(async (folder: string) => {
      await withHouse(() => campaigns.importSite(folder, { actor: commandActor() }));
    });
  site
    .command('export <folder>')
    .description('write site.yaml and the logo')
    .action((folder: string) => withHouse(() => campaigns.exportSite(folder)));
}
