import { GatefoldError } from '../errors';
import { checkCampaignFile } from './campaign.check';
import { type CampaignFile, campaignFileSchema } from './campaign.file';
import { CampaignModel } from './campaign.model';
import type { Campaign } from './campaign.types';
import { keepCampaign } from './import';
import { NotReady } from './not-ready';
import { brokenInUse } from './readiness';
import { site } from './site';
import type { Problem } from './yaml';

export type { Problem };

interface Edit {
  /** A campaign in the shape of `campaign.yaml`. */
  definition: Record<string, unknown>;
  pdf?: Buffer;
  actor: string;
  dataDir: string;
  /** The revision that the page showed; when there is another by now, nothing is kept. */
  revision?: number;
  /** A new campaign may not take the place of one that is there. */
  isNew: boolean;
}

/**
 * Keeps what staff typed by the very rules of `campaign.yaml`: all of it or, with what is wrong where, none of it.
 * @throws GatefoldError `edited-meanwhile`
 */
export async function saveCampaign(edit: Edit): Promise<{ campaign: Campaign } | { problems: Problem[] }> {
  const { timezone } = await site();
  const { value, error } = campaignFileSchema(timezone).validate(edit.definition, {
    abortEarly: false,
    errors: { label: false },
  });
  if (error) return { problems: error.details.map(({ path, message }) => ({ path, message })) };
  const known = await CampaignModel.findOne({ _id: value.slug }).lean();
  const status = value.status ?? known?.status;
  const problems = [...checkCampaignFile(value), ...(status === 'open' ? openProblems(value) : [])];
  if (problems.length > 0) return { problems };
  if (edit.isNew && known) {
    return { problems: [{ path: ['slug'], message: 'there is a campaign at this address already: choose another' }] };
  }
  return keep(edit, value);
}

/** What is open stays whole: the list that lets a campaign open holds for changes to it. */
export function openProblems({ sponsors, consents, mail }: CampaignFile): Problem[] {
  const campaign = { sponsors: sponsors.map(({ slug }) => slug), consents, mail };
  return brokenInUse({ campaign, sponsors }).map(({ at, words, missing }) => ({
    path: at === 'mail' ? ['mail', 'body'] : ['consents'],
    message: missing ?? words,
  }));
}

/** Refusals that are somebody's to mend on the page. */
const FIELDS: Record<string, string> = { 'whitepaper-refused': 'whitepaper', 'address-taken': 'address' };

async function keep({ pdf, actor, dataDir, revision }: Edit, file: Parameters<typeof keepCampaign>[0]['file']) {
  try {
    const { campaign } = await keepCampaign(
      { file, ...(pdf ? { pdf } : {}) },
      {
        actor,
        dataDir,
        partial: true,
        ...(revision !== undefined && { revision }),
      },
    );
    return { campaign };
  } catch (error) {
    if (error instanceof NotReady) return { problems: unready(error) };
    const field = error instanceof GatefoldError ? FIELDS[error.code] : undefined;
    if (!(error instanceof GatefoldError) || !field) throw error;
    return { problems: [{ path: [field], message: [error.reader, error.wayOut].filter(Boolean).join(' ') }] };
  }
}

/** A definition that says itself that it is open: all that is missing stands at that word. */
function unready({ missing }: NotReady): Problem[] {
  return missing.map((one) => ({ path: ['status'], message: `can’t be open yet. ${one.words}: ${one.missing}` }));
}
