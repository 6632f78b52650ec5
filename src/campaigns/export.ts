import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import * as sponsors from '../sponsors/sponsors';
import { readFile } from '../store/files';
import { extensionOf } from './campaign.folder';
import type { Article, Campaign, Field } from './campaign.types';
import { isStandardKey, STANDARD_FIELDS } from './form.words';
import { writeMoment } from './schedule';
import { site } from './site';

/**
 * Writes a campaign as the folder that import reads: the same shape, and the same campaign again.
 * @param folder is made when it isn't there; files of these names in it are replaced
 */
export async function writeCampaignFolder(campaign: Campaign, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (name: string, content: string | Buffer) => writeFile(join(folder, name), content);
  await write('campaign.yaml', stringify(await campaignFile(campaign), { lineWidth: 0 }));
  if (campaign.upload) await write('whitepaper.pdf', await readFile(campaign.upload.file));
  if (campaign.cover) await write(`cover.${extensionOf(campaign.cover.type)}`, await readFile(campaign.cover.file));
  if (campaign.article) await write('article.md', articleText(campaign.article));
}

/** A campaign in the shape of `campaign.yaml`; days in the site's time zone. */
export async function campaignFile(campaign: Campaign): Promise<Record<string, unknown>> {
  return fileOf(campaign, (await site()).timezone);
}

/** The keys in the order in which one reads a campaign. */
export async function fileOf(campaign: Campaign, timeZone: string): Promise<Record<string, unknown>> {
  const { slug, title, introduction, covered, audience = [], topics, status, opens, closes } = campaign;
  return {
    slug,
    ...(campaign.address ? { address: campaign.address } : {}),
    ...(campaign.formerAddresses?.length ? { formerAddresses: campaign.formerAddresses } : {}),
    title,
    introduction,
    covered,
    ...(audience.length ? { audience } : {}),
    topics,
    ...pageOf(campaign),
    status,
    ...(opens ? { opens: writeMoment(opens, timeZone) } : {}),
    ...(closes ? { closes: writeMoment(closes, timeZone) } : {}),
    form: campaign.form.fields.map(fieldFile),
    consents: campaign.consents.map(({ key, sponsor, purpose, text }) => ({
      key,
      ...(sponsor ? { sponsor } : {}),
      ...(purpose ? { purpose } : {}),
      text,
    })),
    sponsors: await sponsorFiles(campaign, timeZone),
    addresses: campaign.addresses,
    mail: campaign.mail,
    ...(campaign.confirmFirst ? { confirmFirst: true } : {}),
    stamp: campaign.stamp,
    ...(campaign.previews === undefined ? {} : { previews: campaign.previews }),
  };
}

function pageOf({ body, thanks, related, search, archived }: Campaign): object {
  return {
    ...(body ? { body } : {}),
    ...(thanks ? { thanks } : {}),
    ...(related?.length ? { related } : {}),
    ...(search ? { search } : {}),
    ...(archived ? { archived } : {}),
  };
}

function fieldFile({ key, type, label, required, help, why, options, showIf }: Field): object {
  return {
    key,
    ...(isStandardKey(key) ? {} : { type }),
    ...(isStandardKey(key) && STANDARD_FIELDS[key].label === label ? {} : { label }),
    required,
    ...(help ? { help } : {}),
    ...(why ? { why } : {}),
    ...(options ? { options } : {}),
    ...(showIf ? { showIf } : {}),
  };
}

async function sponsorFiles(campaign: Campaign, timeZone: string): Promise<object[]> {
  const contracts = await sponsors.contractsOfCampaign(campaign.slug);
  return Promise.all(
    campaign.sponsors.map(async (slug) => {
      const sponsor = await sponsors.findSponsor(slug);
      const contract = contracts.find((one) => one.sponsor === slug);
      return {
        slug,
        name: sponsor?.name ?? slug,
        ...(sponsor?.privacyUrl ? { privacyUrl: sponsor.privacyUrl } : {}),
        ...(contract ? { contract: sponsors.termsFile(contract, (at) => writeMoment(at, timeZone)) } : {}),
      };
    }),
  );
}

function articleText({ markdown, ...head }: Article): string {
  return `---\n${stringify(head, { lineWidth: 0 })}---\n\n${markdown}\n`;
}
