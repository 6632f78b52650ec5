import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { GatefoldError } from '../errors';
import * as stamping from '../stamping/stamping';
import { isDuplicateKey } from '../store/duplicate';
import { keepFile, readFile } from '../store/files';
import { MasterModel } from './campaign.model';
import type { Campaign, Whitepaper } from './campaign.types';

/** Raised when `compile` learns to do better, so that old masters are not mistaken for new ones. */
const COMPILER = 2;

/**
 * Makes the master of a PDF, or finds the one that the same bytes and stamp gave before.
 * @throws GatefoldError `whitepaper-refused` with the reason and what to do when it can't be stamped, `no-whitepaper`
 */
export async function compileWhitepaper({
  slug,
  upload,
  stamp: given,
  title,
}: Pick<Campaign, 'slug' | 'upload' | 'stamp' | 'title'>): Promise<Whitepaper> {
  if (!upload) throw noWhitepaper();
  const fileName = `${slug}.pdf`;
  // Of all presets only the cover shows the title; the others' masters outlive a change of it.
  const stamp = given.preset === 'cover' ? { ...given, title } : given;
  const key = masterKey(upload.file, stamp);
  const known = (await MasterModel.findOne({ _id: key }).lean()) ?? (await compileAndKeep(key, upload.file, stamp));
  const { template: master, pages, bytes } = known;
  return { source: upload.file, master, fileName, pages, bytes };
}

/**
 * What readers of a campaign get.
 * @throws GatefoldError `no-whitepaper` when it was never published
 */
export function publishedWhitepaper(campaign: Campaign): Whitepaper {
  if (!campaign.whitepaper) throw noWhitepaper();
  return campaign.whitepaper;
}

/**
 * What readers would get if it were published now: made ready like theirs, and kept with nobody.
 * @throws GatefoldError `whitepaper-refused`, `no-whitepaper`
 */
export async function preparedWhitepaper(campaign: Campaign, dataDir: string): Promise<Whitepaper> {
  const whitepaper = await compileWhitepaper(campaign);
  await masterOf(whitepaper.master, dataDir);
  return whitepaper;
}

function noWhitepaper(): GatefoldError {
  return new GatefoldError('conflict', 'no-whitepaper', {
    log: 'the campaign has no whitepaper.pdf',
    reader: 'This campaign has no whitepaper yet.',
    wayOut: 'Add whitepaper.pdf to its folder and import it again.',
  });
}

function masterKey(source: string, stamp: Campaign['stamp']): string {
  const options = Object.entries(stamp).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([COMPILER, source, options]))
    .digest('hex');
}

async function compileAndKeep(key: string, source: string, stamp: Campaign['stamp']) {
  const compiled = await compileOrRefuse(await readFile(source), stamp);
  const template = await keepFile(compiled.template);
  const slots = await keepFile(Buffer.from(JSON.stringify(compiled.slots)));
  const master = { template, slots, pages: compiled.slots.pages, bytes: compiled.template.length };
  try {
    await MasterModel.create({ _id: key, ...master });
    return master;
  } catch (error) {
    // Somebody compiled the same at the same time, and readers may have theirs already: no two masters of one input.
    if (!isDuplicateKey(error)) throw error;
    return MasterModel.findOne({ _id: key }).orFail().lean();
  }
}

async function compileOrRefuse(pdf: Buffer, stamp: Campaign['stamp']): Promise<stamping.Compiled> {
  try {
    return await stamping.compile(pdf, stamp);
  } catch (error) {
    if (!(error instanceof stamping.StampError)) throw error;
    const { code, message, advice } = error;
    throw new GatefoldError('invalid', 'whitepaper-refused', {
      log: `the whitepaper can't be stamped (${code}): ${message} ${advice}`,
      reader: `This PDF can't be stamped: ${message}`,
      wayOut: advice,
    });
  }
}

/** An open master is one file handle; a busy site has a handful of papers in demand. */
const OPEN_AT_ONCE = 16;
/** How long a master that left the list stays open for the copies still being read from it. */
const GRACE_MS = 15 * 60_000;

const open = new Map<string, Promise<stamping.Master>>();

/**
 * The open master that readers' copies are made from; brought from the store to DATA_DIR/cache on first use.
 * @param campaignOrHash a published campaign, or the hash of a master
 * @throws GatefoldError `no-whitepaper` when the campaign was never published
 */
export async function masterOf(campaignOrHash: Campaign | string, dataDir: string): Promise<stamping.Master> {
  const hash = typeof campaignOrHash === 'string' ? campaignOrHash : publishedWhitepaper(campaignOrHash).master;
  const dir = join(dataDir, 'cache', 'masters', hash);
  const master = open.get(dir) ?? openOrBring(dir, hash);
  // The map keeps the order of use: the first is the one that was not asked for the longest.
  open.delete(dir);
  open.set(dir, master);
  master.catch(() => open.delete(dir));
  closeOldest();
  return master;
}

/** Closes every open master; for the end of a process and of tests. */
export async function closeMasters(): Promise<void> {
  const masters = await Promise.allSettled(open.values());
  open.clear();
  await Promise.all(masters.map((master) => (master.status === 'fulfilled' ? master.value.close() : undefined)));
}

function closeOldest(): void {
  const [oldest] = open;
  if (open.size <= OPEN_AT_ONCE || !oldest) return;
  open.delete(oldest[0]);
  setTimeout(() => void oldest[1].then((master) => master.close()).catch(() => undefined), GRACE_MS).unref();
}

/** A cache may be half-written (a crash) or tampered with: what doesn't open is brought again, once. */
async function openOrBring(dir: string, hash: string): Promise<stamping.Master> {
  try {
    return await stamping.openMaster(dir);
  } catch {
    await bring(dir, hash);
    return stamping.openMaster(dir);
  }
}

async function bring(dir: string, hash: string): Promise<void> {
  const row = await MasterModel.findOne({ template: hash }).lean();
  if (!row) throw new GatefoldError('internal', 'master-missing', `the store has no master ${hash}`);
  const [template, slots] = await Promise.all([readFile(row.template), readFile(row.slots)]);
  await stamping.writeMaster(dir, { template, slots: JSON.parse(slots.toString('utf8')) });
}
