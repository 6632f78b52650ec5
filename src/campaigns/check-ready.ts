import { contractsOfCampaign, findSponsor } from '../sponsors/sponsors';
import { type Inspection, inspect } from '../stamping/stamping';
import { readFile } from '../store/files';
import { fieldsOf } from './campaign.check';
import type { CampaignFile } from './campaign.file';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign } from './campaign.types';
import { termsOf } from './definition';
import { missingOf, notReadyAsSaid } from './not-ready';
import { brokenInUse, type Check, readiness } from './readiness';
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

/**
 * A definition that says itself that it is open has to be ready, like one that is published by the button; what is open
 * already has to stay whole. Looked at before anything of it is kept.
 * @throws NotReady with everything that is missing, a line each
 */
export async function mustBeReady(
  file: CampaignFile,
  { upload, isOpen, now }: { upload: Campaign['upload']; isOpen: boolean; now: Date },
): Promise<void> {
  const campaign: Campaign = {
    ...termsOf(file),
    slug: file.slug,
    status: 'open',
    form: { version: 0, fields: fieldsOf(file) },
    consents: file.consents.map((one) => ({ ...one, version: 0 })),
    ...(upload && { upload }),
  };
  const said = { campaign, sponsors: file.sponsors };
  const checks = isOpen ? brokenInUse(said) : await checkDefinition(said, now);
  const missing = missingOf(checks);
  if (missing.length > 0) throw notReadyAsSaid(file.slug, missing);
}

async function checkDefinition(
  said: { campaign: Campaign; sponsors: CampaignFile['sponsors'] },
  now: Date,
): Promise<Check[]> {
  const { upload } = said.campaign;
  const inspection = upload && (await inspectUpload(upload.file));
  // Contracts and other campaigns give advice only.
  return readiness({ ...said, contracts: [], site: await site(), others: [], ...(inspection && { inspection }), now });
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
