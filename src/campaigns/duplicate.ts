import { readFile } from '../store/files';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign } from './campaign.types';
import { saveCampaign } from './editor';
import { fileOf } from './export';
import { unknownCampaign } from './life';
import { site } from './site';

/** What belongs to one run of a campaign and not to the next. */
const LEFT_OUT = ['slug', 'title', 'status', 'opens', 'closes', 'address', 'formerAddresses', 'archived'] as const;

/**
 * A draft with everything of a campaign but its dates and addresses: paper, texts, form, consents, sponsors with their
 * terms (without their dates), messages and stamp. Leads and versions stay with the original.
 * @throws GatefoldError `unknown-campaign`
 */
export async function duplicate(slug: string, actor: string, dataDir: string): Promise<Campaign> {
  const row = await CampaignModel.findOne({ _id: slug }).lean();
  if (!row) throw unknownCampaign(slug);
  const original = campaignOf(row);
  const definition = await fileOf(original, (await site()).timezone);
  for (const key of LEFT_OUT) delete definition[key];
  const terms = (definition['sponsors'] as { contract?: Record<string, unknown> }[]).map(({ contract, ...rest }) => {
    const { from: _, to: __, ...same } = contract ?? {};
    return { ...rest, contract: same };
  });
  const copy = {
    ...definition,
    sponsors: terms,
    slug: await freeSlug(slug),
    title: `Copy of ${original.title}`,
    status: 'draft',
  };
  const pdf = original.upload && (await readFile(original.upload.file));
  const saved = await saveCampaign({ definition: copy, ...(pdf && { pdf }), actor, dataDir, isNew: true });
  if ('problems' in saved) throw new Error(`${slug} can't be copied: ${JSON.stringify(saved.problems)}`);
  const { cover, article } = original;
  const $set = { ...(cover && { cover }), ...(article && { article }) };
  await CampaignModel.updateOne({ _id: saved.campaign.slug }, { $set });
  return { ...saved.campaign, ...$set };
}

async function freeSlug(slug: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const name = `${slug.slice(0, 90)}-copy${n === 1 ? '' : `-${n}`}`;
    if (!(await CampaignModel.exists({ _id: name }))) return name;
  }
}
