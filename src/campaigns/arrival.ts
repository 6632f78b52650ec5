import { readFile } from '../store/files';
import { type CampaignFiles, type CampaignFolder, readCampaignFiles } from './campaign.folder';
import { CampaignModel, campaignOf } from './campaign.model';
import { type Comparison, compareCampaign } from './difference';
import { openProblems } from './editor';
import { editedMeanwhile, type Imported, keepCampaign } from './import';
import { site } from './site';
import type { Problem } from './yaml';

/** A campaign that somebody hands in as files: read, and compared with the one that is there. */
export interface Arrival extends Comparison {
  read: CampaignFolder;
  /** Why it can't go over a campaign that is open. */
  problems: Problem[];
}

/**
 * Reads what was handed in; stores nothing. Whether it is open is not taken from the file: what is new begins as a draft,
 * and opens by the button that looks at what is missing.
 * @throws GatefoldError `yaml-invalid`, `folder-unreadable`
 */
export async function arrivalOf(files: CampaignFiles): Promise<Arrival> {
  const read = withoutStatus(readCampaignFiles(files, (await site()).timezone));
  const whole = files.size === 1 ? await besideWhatIsThere(read) : read;
  const comparison = await compareCampaign(whole);
  const problems = comparison.known?.status === 'open' ? openProblems(whole.file) : [];
  return { ...comparison, read: whole, problems };
}

function withoutStatus(read: CampaignFolder): CampaignFolder {
  const { status: _, ...file } = read.file;
  return { ...read, file };
}

/** A `campaign.yaml` by itself says nothing of the files that lie beside it elsewhere. */
async function besideWhatIsThere(read: CampaignFolder): Promise<CampaignFolder> {
  const row = await CampaignModel.findOne({ _id: read.file.slug }).lean();
  if (!row) return read;
  const { cover, article } = campaignOf(row);
  const picture = cover && { bytes: await readFile(cover.file), type: cover.type };
  return { ...read, ...(picture && { cover: picture }), ...(article && { article }) };
}

/**
 * Takes it in. Over a campaign that is there only on the revision that its differences were shown for.
 * @throws GatefoldError `edited-meanwhile`, `whitepaper-refused`, `address-taken`
 */
export async function takeIn(
  { read, known, slug }: Arrival,
  seen: number | undefined,
  by: { actor: string; dataDir: string },
): Promise<Imported> {
  if (known && seen !== (known.revision ?? 0)) throw editedMeanwhile(slug);
  return keepCampaign(read, { ...by, ...(known && { revision: known.revision ?? 0 }) });
}
