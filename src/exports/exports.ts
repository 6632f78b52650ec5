import * as leads from '../leads/leads';
import * as ledger from '../ledger/ledger';
import { DisclosedLeadsModel, DisclosureModel } from './disclosure.model';
import type { Disclosure } from './disclosure.types';
import { disclosureOf } from './log';

/** Front door: leads on their way out, as files, and the log of who took which. */

export { type AgainRequest, again } from './again';
export type { Disclosure } from './disclosure.types';
export { CONTENT_TYPES, writeTable } from './formats';
export { handOver } from './hand-over';
export { type OneLead, oneLead } from './one-lead';
export { PRESETS } from './presets';
export type * from './profile.types';
export { availableColumns, findProfile, listProfiles, publisherConsents, putProfile, removeProfile } from './profiles';
export { type Export, type ExportRequest, run } from './run';

/** The newest log entries of a campaign; with `sponsor` only theirs. */
export async function listDisclosures(campaign: string, sponsor?: string, limit = 100): Promise<Disclosure[]> {
  const filter = sponsor === undefined ? { campaign } : { campaign, sponsor };
  return (await DisclosureModel.find(filter).sort({ at: -1 }).limit(limit).lean()).map(disclosureOf);
}

/** Every time a lead went out. */
export async function disclosuresOf(lead: string): Promise<Disclosure[]> {
  const rows = await DisclosedLeadsModel.find({ leads: lead }, { disclosure: 1 }).lean();
  const ids = rows.map(({ disclosure }) => disclosure);
  return (
    await DisclosureModel.find({ _id: { $in: ids } })
      .sort({ at: 1 })
      .lean()
  ).map(disclosureOf);
}

/** The newest of a sponsor's leads in a campaign, for their page; the same rule as their exports. */
export async function newestFor(campaign: string, sponsor: string, limit: number): Promise<leads.Lead[]> {
  const ids = await ledger.newestSettledFor(campaign, sponsor, limit);
  const found = await leads.leadsById(ids);
  const theirs = found.filter(
    ({ status, current }) =>
      status === 'active' && current.consents.some((consent) => consent.sponsor === sponsor && consent.given),
  );
  return theirs.sort((a, b) => b.capturedAt.getTime() - a.capturedAt.getTime());
}
