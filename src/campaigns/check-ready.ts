import { contractsOfCampaign, findSponsor, type Sponsor } from '../sponsors/sponsors';
import { type Inspection, inspect } from '../stamping/stamping';
import { readFile } from '../store/files';
import { fieldsOf } from './campaign.check';
import type { CampaignFile } from './campaign.file';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign, Site } from './campaign.types';
import { termsOf } from './definition';
import { checkedLinks, checkLinks, outsideLinks } from './link-check';
import type { MailSettings } from './mail-set-up';
import { missingOf, notReadyAsSaid } from './not-ready';
import { brokenInUse, type Check, type Facts, readiness } from './readiness';
import { checkSender, senderTroubles } from './sender-check';
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
  const known = sponsors.filter((one) => one !== null);
  return readiness({
    campaign,
    contracts,
    sponsors: known,
    links: await seenLinks(campaign, known, publisher),
    senderTroubles: await senderTroubles(publisher.mailFrom),
    site: publisher,
    others: others.map(campaignOf),
    ...(inspection && { inspection }),
    now,
  });
}

/** The addresses outside with what was found there when they were last looked at. */
async function seenLinks(campaign: Campaign, sponsors: Sponsor[], publisher: Site): Promise<Facts['links']> {
  const urls = outsideLinks(campaign, sponsors, publisher);
  const seen = new Map((await checkedLinks(urls)).map((one) => [one._id, one]));
  return urls.map((url) => {
    const row = seen.get(url);
    return { url, ...(row && { state: row.state, found: row.found }) };
  });
}

/**
 * Looks whether the addresses that a campaign leads to are still there, and whether mail may go out under the sender's name;
 * its list of readiness says what was found. Before each opening, and when staff ask; takes no longer than a person waits.
 */
export async function lookOutside(slug: string, settings: MailSettings, now: Date): Promise<void> {
  const row = await CampaignModel.findOne({ _id: slug }).lean();
  if (!row) return;
  const campaign = campaignOf(row);
  const [sponsors, publisher] = await Promise.all([Promise.all(campaign.sponsors.map(findSponsor)), site()]);
  const known = sponsors.filter((one) => one !== null);
  const urls = outsideLinks(campaign, known, publisher);
  await Promise.all([checkLinks(urls, settings.limits, now), checkSender(settings, now)]);
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
  return readiness({
    ...said,
    contracts: [],
    links: [],
    senderTroubles: null,
    site: await site(),
    others: [],
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
