import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import * as sponsors from '../sponsors/sponsors';
import { readFile } from '../store/files';
import { type CampaignFiles, extensionOf } from './campaign.folder';
import type { Article, Campaign, Field } from './campaign.types';
import { isStandardKey, STANDARD_FIELDS } from './form.words';
import { availability, writeMoment } from './schedule';
import { site } from './site';

/**
 * Writes a campaign as the folder that import reads: the same shape, and the same campaign again.
 * @param folder is made when it isn't there; files of these names in it are replaced
 */
export async function writeCampaignFolder(campaign: Campaign, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of await campaignFiles(campaign)) await writeFile(join(folder, name), bytes);
}

/**
 * The files of that folder by name. What closed by its date says that it is closed, as its page does: no file may say that it is
 * open and over.
 */
export async function campaignFiles(campaign: Campaign): Promise<CampaignFiles> {
  const { upload, cover, article } = campaign;
  const status = availability(campaign, new Date()) === 'closed' ? 'closed' : campaign.status;
  const files = new Map<string, Buffer>([
    ['campaign.yaml', Buffer.from(stringify({ ...(await campaignFile(campaign)), status }, { lineWidth: 0 }))],
  ]);
  if (upload) files.set('whitepaper.pdf', await readFile(upload.file));
  if (cover) files.set(`cover.${extensionOf(cover.type)}`, await readFile(cover.file));
  if (article) files.set('article.md', Buffer.from(articleText(article)));
  return files;
}

/** A campaign in the shape of `campaign.yaml`; days in the site's time zone. */
export async function campaignFile(campaign: Campaign): Promise<Record<string, unknown>> {
  return fileOf(campaign, (await site()).timezone);
}

/** The same in a time zone that is known. */
export async function fileOf(campaign: Campaign, timeZone: string): Promise<Record<string, unknown>> {
  return shapeOf(campaign, await sponsorFiles(campaign, timeZone), timeZone);
}

/** The keys in the order in which one reads a campaign. */
export function shapeOf(campaign: Campaign, sponsored: object[], timeZone: string): Record<string, unknown> {
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
    sponsors: sponsored,
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
      const sponsor = (await sponsors.findSponsor(slug)) ?? { slug, name: slug };
      const contract = contracts.find((one) => one.sponsor === slug);
      return sponsorFile({ ...sponsor, ...(contract && { contract }) }, timeZone);
    }),
  );
}

/** A sponsor of a campaign with its terms, in the shape of the file. */
export function sponsorFile(
  { slug, name, privacyUrl, contract }: sponsors.Sponsor & { contract?: sponsors.Terms },
  timeZone: string,
): object {
  return {
    slug,
    name,
    ...(privacyUrl ? { privacyUrl } : {}),
    ...(contract ? { contract: sponsors.termsFile(contract, (at) => writeMoment(at, timeZone)) } : {}),
  };
}

function articleText({ markdown, ...head }: Article): string {
  return `---\n${stringify(head, { lineWidth: 0 })}---\n\n${markdown}\n`;
}
