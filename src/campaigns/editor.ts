import { GatefoldError } from '../errors';
import { checkCampaignFile } from './campaign.check';
import { campaignFileSchema } from './campaign.file';
import { CampaignModel } from './campaign.model';
import type { Campaign } from './campaign.types';
import { keepCampaign } from './import';
import { site } from './site';
import type { Problem } from './yaml';

export type { Problem };

interface Edit {
  /** A campaign in the shape of `campaign.yaml`. */
  definition: Record<string, unknown>;
  pdf?: Buffer;
  actor: string;
  dataDir: string;
  /** A new campaign may not take the place of one that is there. */
  isNew: boolean;
}

/**
 * Keeps what staff typed by the very rules of `campaign.yaml`: all of it or, with what is wrong where, none of it.
 * @throws GatefoldError `whitepaper-refused` when an open campaign's new PDF or stamp can't be
 */
export async function saveCampaign(edit: Edit): Promise<{ campaign: Campaign } | { problems: Problem[] }> {
  const { timezone } = await site();
  const { value, error } = campaignFileSchema(timezone).validate(edit.definition, {
    abortEarly: false,
    errors: { label: false },
  });
  if (error) return { problems: error.details.map(({ path, message }) => ({ path, message })) };
  const problems = checkCampaignFile(value);
  if (problems.length > 0) return { problems };
  if (edit.isNew && (await CampaignModel.exists({ _id: value.slug }))) {
    return { problems: [{ path: ['slug'], message: 'there is a campaign at this address already: choose another' }] };
  }
  return keep(edit, value);
}

async function keep({ pdf, actor, dataDir }: Edit, file: Parameters<typeof keepCampaign>[0]['file']) {
  try {
    const { campaign } = await keepCampaign({ file, ...(pdf ? { pdf } : {}) }, { actor, dataDir, partial: true });
    return { campaign };
  } catch (error) {
    if (!(error instanceof GatefoldError) || error.code !== 'whitepaper-refused') throw error;
    return { problems: [{ path: ['whitepaper'], message: [error.reader, error.wayOut].filter(Boolean).join(' ') }] };
  }
}
