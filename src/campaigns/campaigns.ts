import { type CampaignFolder, readCampaignFolder } from './campaign.folder';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign, CampaignStatus } from './campaign.types';
import { writeCampaignFolder } from './export';
import { unknownCampaign } from './life';
import { availability } from './schedule';
import { site } from './site';

/** Front door: what marketing configures. Definition, form, consents, schedule, whitepaper, and the publisher's site. */

export { useAddressLists } from './addresses';
export type * from './campaign.types';
export { checkReady, lookOutside } from './check-ready';
export { countries } from './countries';
export { type Comparison, compareCampaign, type Difference } from './difference';
export { duplicate } from './duplicate';
export { type Problem, saveCampaign } from './editor';
export { plainly } from './editor.mistakes';
export { campaignFile, campaignFiles } from './export';
export {
  ATTRIBUTION,
  type FormError,
  type FormValue,
  readEmail,
  readForm,
  type Typed,
  typedOf,
} from './form';
export { EMAIL_MAX } from './form.fields';
export { type FormView, formView } from './form-view';
export { importAll, importCampaign, keepCampaign } from './import';
export { archive, close, pause, publish, reopen, STEPS, unarchive, unknownCampaign, type Verb } from './life';
export { setUpOf } from './mail-set-up';
export { markdownHtml } from './markdown';
export { closeMasters, masterOf, preparedWhitepaper, publishedWhitepaper } from './masters';
export { NotReady } from './not-ready';
export { type ShownPicture, type ShownPictures, showPictures } from './picture-view';
export { type Drawable, drawPictures, picturesOf } from './pictures';
export { addressOf, campaignAt } from './public-address';
export { type Check, isReady } from './readiness';
export { recentCampaign } from './recent';
export { availability, readMoment, writeMoment } from './schedule';
export { exportSite, importSite, site } from './site';
export { readTerms, saveTerms } from './terms';
export { siteLinks } from './theme';
export { versionsOf } from './versions';

/** The campaign at this slug, of any status. */
export async function findCampaign(slug: string): Promise<Campaign | null> {
  const row = await CampaignModel.findOne({ _id: slug }).lean();
  return row && campaignOf(row);
}

/** All campaigns, newest first. */
export async function listCampaigns(filter: { status?: CampaignStatus } = {}): Promise<Campaign[]> {
  const rows = await CampaignModel.find({ ...filter })
    .sort({ createdAt: -1, _id: 1 })
    .lean();
  return rows.map(campaignOf);
}

/** What a reader can ask for at `now`, newest first; with `topic` (its slug) only what is about it. */
export async function openCampaigns(now: Date, filter: { topic?: string } = {}): Promise<Campaign[]> {
  const campaigns = await listCampaigns({ status: 'open' });
  const open = campaigns.filter((campaign) => availability(campaign, now) === 'open');
  return filter.topic === undefined
    ? open
    : open.filter(({ topics }) => topics.some((topic) => topicSlug(topic) === filter.topic));
}

/** `Access control` as it stands in an address: `access-control`. */
export function topicSlug(topic: string): string {
  return topic
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

/** The topics of some campaigns, each once, sorted in the site's language. */
export async function topicsOf(campaigns: Campaign[]): Promise<{ slug: string; name: string }[]> {
  const { locale } = await site();
  const names = new Map(campaigns.flatMap(({ topics }) => topics).map((topic) => [topicSlug(topic), topic]));
  return [...names].map(([slug, name]) => ({ slug, name })).sort((a, b) => a.name.localeCompare(b.name, locale));
}

/**
 * A campaign's folder, read and checked; nothing is stored.
 * @throws GatefoldError `yaml-invalid` with the line of everything that is wrong, `folder-unreadable`
 */
export async function readCampaign(folder: string): Promise<CampaignFolder> {
  return readCampaignFolder(folder, (await site()).timezone);
}

/**
 * Writes a campaign as a folder that `importCampaign` reads.
 * @throws GatefoldError `unknown-campaign`
 */
export async function exportCampaign(slug: string, folder: string): Promise<void> {
  const campaign = await findCampaign(slug);
  if (!campaign) throw unknownCampaign(slug);
  await writeCampaignFolder(campaign, folder);
}
