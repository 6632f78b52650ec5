import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as accounts from '../accounts/accounts';
import { GatefoldError, messageOf } from '../errors';
import * as sponsors from '../sponsors/sponsors';
import { isDuplicateKey } from '../store/duplicate';
import { keepFile } from '../store/files';
import { fieldsOf } from './campaign.check';
import type { CampaignFile } from './campaign.file';
import { type CampaignFolder, readCampaignFolder } from './campaign.folder';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign, Whitepaper } from './campaign.types';
import { mustBeReady } from './check-ready';
import { termsOf } from './definition';
import { described } from './difference';
import { compileWhitepaper, masterOf } from './masters';
import { wantPictures } from './pictures';
import { mustBeFree } from './public-address';
import { importSite, site } from './site';
import { versionConsents, versionForm } from './versions';

export interface ImportOptions {
  /** Who does it, for the audit log: `cli:<os user>`, an account, `start`. */
  actor: string;
  dataDir: string;
  /** Leaves a campaign that is there as it is. */
  onlyIfUnknown?: boolean;
  /** The revision that the change was made on; another since is a conflict. */
  revision?: number;
  /** What is not given stays as it was, instead of being taken away. */
  partial?: boolean;
}

export interface Imported {
  campaign: Campaign;
  created: boolean;
}

/** What `importAll` tells as it goes; pino's shape. */
interface Log {
  info(detail: object, message: string): void;
  error(detail: object, message: string): void;
}

/**
 * Makes a campaign of its folder, or brings the one that is there up to date. Everything is read, checked and (unless
 * it is a draft) compiled before the first change: a folder that is refused leaves the campaign as it was. Where it says
 * that it is open, it has to be ready.
 * @throws GatefoldError `yaml-invalid`, `folder-unreadable`, `whitepaper-refused`, `no-whitepaper`, `not-ready`
 */
export async function importCampaign(folder: string, options: ImportOptions): Promise<Imported> {
  return keepCampaign(await readCampaignFolder(folder, (await site()).timezone), options);
}

/** The same for a definition that was read from elsewhere, such as the staff site's editor. */
export async function keepCampaign(read: CampaignFolder, options: ImportOptions): Promise<Imported> {
  const row = await CampaignModel.findOne({ _id: read.file.slug }).lean();
  const known = row ? campaignOf(row) : undefined;
  if (known && options.onlyIfUnknown) return { campaign: known, created: false };
  await mustBeFree(read.file);
  const now = new Date();
  const before = known && (await described(known));
  const definition = { ...kept(known, options), ...(await definitionOf(read, known, options, now)) };
  const revision = known ? await claim(known.slug, options.revision) : options.revision;
  await putSponsors(read.file);
  const created = await keepDefinition(read.file.slug, definition, now, revision);
  const campaign = campaignOf(await CampaignModel.findOne({ _id: read.file.slug }).orFail().lean());
  await accounts.audit({
    actor: options.actor,
    action: created ? 'added campaign' : 'updated campaign',
    subject: campaign.slug,
    ...(before && { before }),
    after: await described(campaign),
  });
  return { campaign, created };
}

/**
 * At start: the publisher's site from `site.yaml` and every folder's campaign, where they are not there yet. A folder that
 * is refused is logged and doesn't stop the others. Campaigns that are older than their pictures get them.
 */
export async function importAll(dir: string, { dataDir, log }: { dataDir: string; log: Log }): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((): Dirent[] => []);
  if (entries.some((entry) => entry.name === 'site.yaml')) {
    await tell(log, 'site.yaml', () => importSite(dir, { actor: 'start', onlyIfUnknown: true }));
  }
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  for (const { name } of folders.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    await tell(log, name, () => importAtStart(join(dir, name), dataDir, log));
  }
  for (const campaign of await CampaignModel.find({}, { upload: 1, whitepaper: 1, cover: 1 }).lean()) {
    await tell(log, `pictures of ${campaign._id}`, () => wantPictures(campaign));
  }
}

async function importAtStart(folder: string, dataDir: string, log: Log): Promise<void> {
  const names = await readdir(folder);
  if (!names.includes('campaign.yaml')) return;
  const { campaign, created } = await importCampaign(folder, { actor: 'start', dataDir, onlyIfUnknown: true });
  if (created) log.info({ campaign: campaign.slug, status: campaign.status }, 'campaign imported');
}

async function tell(log: Log, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.error({ what, reason: messageOf(error) }, `${what} was not imported: ${messageOf(error)}`);
  }
}

type Definition = Omit<Campaign, 'slug' | 'createdAt' | 'revision'>;

/** A folder says all there is; an editor says only what it shows, and leaves cover and article as they were. */
function kept(known: Campaign | undefined, { partial }: ImportOptions): Pick<Campaign, 'cover' | 'article'> {
  if (!known || !partial) return {};
  const { cover, article } = known;
  return { ...(cover ? { cover } : {}), ...(article ? { article } : {}) };
}

async function definitionOf(
  read: CampaignFolder,
  known: Campaign | undefined,
  { actor, dataDir }: ImportOptions,
  now: Date,
): Promise<Definition> {
  const { file } = read;
  const status = file.status ?? known?.status ?? 'draft';
  const upload = read.pdf ? { file: await keepFile(read.pdf), bytes: read.pdf.length } : known?.upload;
  const cover = read.cover && { file: await keepFile(read.cover.bytes), type: read.cover.type };
  const whitepaper = status === 'draft' ? known?.whitepaper : await readyWhitepaper(file, upload, dataDir);
  if (status === 'open') await mustBeReady(file, { upload, isOpen: known?.status === 'open', now });
  await wantPictures({ ...(upload && { upload }), ...(cover && { cover }) });
  const change = { campaign: file.slug, actor, now };
  return {
    ...termsOf(file),
    status,
    form: await versionForm(fieldsOf(file), change),
    consents: await versionConsents(file.consents, change),
    ...(upload ? { upload } : {}),
    ...(whitepaper ? { whitepaper } : {}),
    ...(cover ? { cover } : {}),
    ...(read.article ? { article: read.article } : {}),
  };
}

/** Compiled and opened once, so that the first reader finds it working. */
async function readyWhitepaper(
  { slug, title, stamp }: Pick<CampaignFile, 'slug' | 'title' | 'stamp'>,
  upload: Campaign['upload'],
  dataDir: string,
): Promise<Whitepaper> {
  const whitepaper = await compileWhitepaper({ slug, title, stamp, ...(upload && { upload }) });
  await masterOf(whitepaper.master, dataDir);
  return whitepaper;
}

/**
 * Takes the revision that a change was made on, so that one which comes too late is refused before sponsors and terms are
 * written; keeping the definition counts once more, so that a page opened in between is too late as well.
 * @returns the revision from here
 * @throws GatefoldError `edited-meanwhile`
 */
async function claim(slug: string, revision: number | undefined): Promise<number | undefined> {
  if (revision === undefined) return undefined;
  const { matchedCount } = await CampaignModel.updateOne(
    { _id: slug, revision: revision || null },
    { $inc: { revision: 1 } },
  );
  if (matchedCount === 0) throw editedMeanwhile(slug);
  return revision + 1;
}

const OPTIONAL = [
  ...(['address', 'body', 'thanks', 'search'] as const),
  ...(['opens', 'closes', 'cover', 'article', 'upload', 'whitepaper', 'previews'] as const),
];

/** Insert first; the key says whether the campaign was there. What the new definition leaves out is taken away. */
async function keepDefinition(
  slug: string,
  definition: Definition,
  now: Date,
  revision: number | undefined,
): Promise<boolean> {
  try {
    await CampaignModel.create({ _id: slug, ...definition, revision: 1, createdAt: now, updatedAt: now });
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const gone = OPTIONAL.filter((key) => !(key in definition));
  const { matchedCount } = await CampaignModel.updateOne(
    { _id: slug, ...(revision !== undefined && { revision: revision || null }) },
    {
      $set: { ...definition, updatedAt: now },
      $inc: { revision: 1 },
      ...(gone.length ? { $unset: Object.fromEntries(gone.map((key) => [key, 1])) } : {}),
    },
  );
  if (matchedCount === 0) throw editedMeanwhile(slug);
  return false;
}

/** Somebody else's change came first. */
export function editedMeanwhile(slug: string): GatefoldError {
  return new GatefoldError('conflict', 'edited-meanwhile', {
    log: `${slug} was changed meanwhile`,
    reader: 'Somebody else has changed this campaign meanwhile.',
    wayOut: 'Look at what they changed, and save again.',
  });
}

/**
 * Sponsors and terms come before the campaign opens, so that the first lead finds its contract; a sponsor that the file
 * no longer names is no longer the campaign's. The ledger is not touched.
 */
async function putSponsors({ slug: campaign, sponsors: named }: CampaignFile): Promise<void> {
  for (const { slug, name, privacyUrl, contract } of named) {
    await sponsors.putSponsor({ slug, name, ...(privacyUrl ? { privacyUrl } : {}) });
    await sponsors.putContract({ campaign, sponsor: slug, ...contract });
  }
  for (const { sponsor } of await sponsors.contractsOfCampaign(campaign)) {
    if (!named.some(({ slug }) => slug === sponsor)) await sponsors.removeContract(campaign, sponsor);
  }
}
