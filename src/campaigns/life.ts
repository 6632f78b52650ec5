import * as accounts from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign, CampaignStatus } from './campaign.types';
import { checkReady } from './check-ready';
import { preparedWhitepaper } from './masters';
import { missingOf, NotReady } from './not-ready';
import { isReady } from './readiness';

/** What may be done with a campaign of each status, most likely first. */
export const STEPS: Record<CampaignStatus, Verb[]> = {
  draft: ['publish', 'archive'],
  open: ['pause', 'close'],
  paused: ['publish', 'close'],
  closed: ['reopen', 'archive'],
};
export type Verb = 'publish' | 'reopen' | 'pause' | 'close' | 'archive' | 'unarchive';

/**
 * Opens a campaign, if the list of readiness lets it. Its PDF is compiled and tried first, so that what can't be stamped
 * never opens.
 * @throws GatefoldError `whitepaper-refused` with the reason and what to do, `not-ready`, `no-whitepaper`, `unknown-campaign`
 */
export async function publish(slug: string, actor: string, dataDir: string): Promise<void> {
  await open(slug, actor, dataDir, 'published');
}

/** Opens a closed campaign again, by the same list. */
export async function reopen(slug: string, actor: string, dataDir: string): Promise<void> {
  await mustBe(slug, ['closed', 'paused'], 'reopen');
  await open(slug, actor, dataDir, 'reopened');
}

async function open(slug: string, actor: string, dataDir: string, did: string): Promise<void> {
  const campaign = await mustFind(slug);
  const whitepaper = await preparedWhitepaper(campaign, dataDir);
  const checks = await checkReady(campaign, new Date());
  if (!isReady(checks)) throw new NotReady(slug, missingOf(checks));
  await change(campaign, { status: 'open', whitepaper, archived: false }, actor, did);
}

/** Takes no requests for now; copies that readers have links to stay good. */
export async function pause(slug: string, actor: string): Promise<void> {
  await change(await mustBe(slug, ['open', 'paused', 'closed'], 'pause'), { status: 'paused' }, actor, 'paused');
}

/** Ends a campaign; copies that readers have links to stay good. */
export async function close(slug: string, actor: string): Promise<void> {
  await change(await mustBe(slug, ['open', 'paused', 'closed'], 'close'), { status: 'closed' }, actor, 'closed');
}

/** Puts a draft or a closed campaign out of the staff's way; for readers nothing changes. */
export async function archive(slug: string, actor: string): Promise<void> {
  await change(await mustBe(slug, ['draft', 'closed'], 'archive'), { archived: true }, actor, 'archived');
}

/** Takes a campaign out of the archive. */
export async function unarchive(slug: string, actor: string): Promise<void> {
  await change(await mustFind(slug), { archived: false }, actor, 'unarchived');
}

/** A draft has no public page, and stopping it would give it one; what is open can't be put away. */
async function mustBe(slug: string, allowed: CampaignStatus[], verb: Verb): Promise<Campaign> {
  const campaign = await mustFind(slug);
  if (allowed.includes(campaign.status)) return campaign;
  const why = campaign.status === 'draft' ? 'it was never published' : `it is ${campaign.status}`;
  const code = campaign.status === 'draft' ? 'campaign-is-draft' : 'campaign-status';
  throw new GatefoldError('conflict', code, {
    log: `can't ${verb} ${slug}: ${why}`,
    reader: `This campaign can’t be changed like that: ${why}.`,
    wayOut: 'Reload its page to see what can be done now.',
  });
}

async function mustFind(slug: string): Promise<Campaign> {
  const row = await CampaignModel.findOne({ _id: slug }).lean();
  if (!row) throw unknownCampaign(slug);
  return campaignOf(row);
}

/** For readers and staff alike: a draft is as unknown as a slug that never was. */
export function unknownCampaign(slug: string): GatefoldError {
  return new GatefoldError('not-found', 'unknown-campaign', {
    log: `there is no campaign ${slug}`,
    reader: 'We have no paper at this address.',
    wayOut: 'Have a look at the papers that are open now.',
  });
}

type Set = Partial<Pick<Campaign, 'status' | 'whitepaper' | 'archived'>>;

async function change({ slug, ...was }: Campaign, set: Set, actor: string, did: string): Promise<void> {
  await CampaignModel.updateOne({ _id: slug }, { $set: { ...set, updatedAt: new Date() } });
  // As the audit log reads: who, did what, to which.
  await accounts.audit({ actor, action: `${did} campaign`, subject: slug, ...states(was, set) });
}

/** For the log: what of a campaign its steps change. */
function states(was: Set, set: Set): { before: Record<string, unknown>; after: Record<string, unknown> } {
  const said = ({ status, archived = false, whitepaper }: Set) => ({
    status,
    archived,
    ...(whitepaper && { whitepaper: `SHA-256 ${whitepaper.source}` }),
  });
  return { before: said(was), after: said({ ...was, ...set }) };
}
