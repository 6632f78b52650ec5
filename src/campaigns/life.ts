import * as accounts from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign } from './campaign.types';
import { preparedWhitepaper } from './masters';

/**
 * Opens a campaign: its PDF is compiled and tried first, so that what can't be stamped never opens.
 * @throws GatefoldError `whitepaper-refused` with the reason and what to do, `no-whitepaper`, `unknown-campaign`
 */
export async function publish(slug: string, actor: string, dataDir: string): Promise<void> {
  const campaign = await mustFind(slug);
  const whitepaper = await preparedWhitepaper(campaign, dataDir);
  await change(slug, { status: 'open', whitepaper }, actor);
}

/** Takes no requests for now; copies that readers have links to stay good. */
export async function pause(slug: string, actor: string): Promise<void> {
  await mustBePublished(slug, 'pause');
  await change(slug, { status: 'paused' }, actor);
}

/** Ends a campaign; copies that readers have links to stay good. */
export async function close(slug: string, actor: string): Promise<void> {
  await mustBePublished(slug, 'close');
  await change(slug, { status: 'closed' }, actor);
}

/** A draft has no public page, and stopping it would give it one. */
async function mustBePublished(slug: string, verb: string): Promise<void> {
  const { status } = await mustFind(slug);
  if (status === 'draft')
    throw new GatefoldError('conflict', 'campaign-is-draft', `can't ${verb} ${slug}: it was never published`);
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

/** As the audit log reads: who, did what, to which. */
const PAST = { open: 'published', paused: 'paused', closed: 'closed' } as const;

async function change(
  slug: string,
  set: { status: keyof typeof PAST; whitepaper?: NonNullable<Campaign['whitepaper']> },
  actor: string,
): Promise<void> {
  const $set = { ...set, updatedAt: new Date() };
  await CampaignModel.updateOne({ _id: slug }, { $set });
  await accounts.audit({ actor, action: `${PAST[set.status]} campaign`, subject: slug });
}
