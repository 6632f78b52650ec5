import { contractsOfCampaign, findSponsor } from '../sponsors/sponsors';
import { type Inspection, inspect } from '../stamping/stamping';
import { readFile } from '../store/files';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign } from './campaign.types';
import { type Check, readiness } from './readiness';
import { site } from './site';

/** The list for a campaign as it is now: everything is read, and the PDF is looked into. */
export async function checkReady(campaign: Campaign, now: Date): Promise<Check[]> {
  const [contracts, sponsors, publisher, others, inspection] = await Promise.all([
    contractsOfCampaign(campaign.slug),
    Promise.all(campaign.sponsors.map(findSponsor)),
    site(),
    CampaignModel.find({}).lean(),
    campaign.upload && inspectUpload(campaign.upload.file),
  ]);
  return readiness({
    campaign,
    contracts,
    sponsors: sponsors.filter((one) => one !== null),
    site: publisher,
    others: others.map(campaignOf),
    ...(inspection && { inspection }),
    now,
  });
}

/** A file is named by its hash, so what was found once holds; a staff site has a handful in work. */
const KEPT = 50;
const inspections = new Map<string, Promise<Inspection>>();

/** What the PDF's reading gives, read once. */
export function inspectUpload(file: string): Promise<Inspection> {
  const known = inspections.get(file);
  if (known) return known;
  if (inspections.size >= KEPT) inspections.clear();
  const inspection = readFile(file).then(inspect);
  inspections.set(file, inspection);
  inspection.catch(() => inspections.delete(file));
  return inspection;
}
