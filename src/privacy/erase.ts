import * as deliveries from '../deliveries/deliveries';
import * as jobs from '../jobs/jobs';
import * as leads from '../leads/leads';
import * as ledger from '../ledger/ledger';
import { ErasureModel } from './erasure.model';

/** When it is looked at once more: by then a mail that was on its way has ended, whatever became of it. */
const AGAIN_MS = 10 * 60_000;
const READ_AT_ONCE = 500;

interface Deps {
  dataDir: string;
  now: Date;
}

/**
 * Erases everything about a lead (GDPR Art. 17). That it is wanted is on disk first, as a job: when this process is
 * killed in the middle, a worker carries on, and it looks again later, for what came in meanwhile.
 */
export async function eraseLead(lead: string, { dataDir, now }: Deps): Promise<void> {
  await ErasureModel.updateOne({ _id: lead }, { $setOnInsert: { askedAt: now } }, { upsert: true });
  const payload = { lead };
  await jobs.want({ kind: 'erase', key: lead, payload });
  await jobs.want({ kind: 'erase', key: `${lead} again`, payload, dueAt: new Date(now.getTime() + AGAIN_MS) });
  await carryOut(lead, { dataDir, now });
}

/** Each room takes out what is its own; the lead goes last, because the others ask it. Safe to repeat at any point. */
export async function carryOut(lead: string, { dataDir, now }: Deps): Promise<void> {
  const known = await leads.findLead(lead);
  await deliveries.erase(lead, known, dataDir);
  await ledger.erase(lead, known);
  await leads.erase(lead, now);
  // A worker that had read the lead before may have begun another delivery.
  await deliveries.erase(lead, null, dataDir);
  await ErasureModel.updateOne({ _id: lead, doneAt: null }, { $set: { doneAt: now } });
}

/** Erases every lead of an address. @returns their ids */
export async function eraseAddress(email: string, deps: Deps): Promise<string[]> {
  const found = await leads.leadsOfAddress(email);
  for (const lead of found) await eraseLead(lead, deps);
  return found;
}

export interface Verified {
  erasures: number;
  /** Leads that were to be erased and of which something is left. */
  left: string[];
}

/** Looks for each lead that was erased in every room, and says of which something is left. */
export async function verifyErasures(): Promise<Verified> {
  const verified: Verified = { erasures: 0, left: [] };
  for (let after = ''; ; ) {
    const rows = await ErasureModel.find({ _id: { $gt: after } })
      .sort({ _id: 1 })
      .limit(READ_AT_ONCE)
      .lean();
    const ids = rows.map(({ _id }) => _id);
    const open = rows.filter(({ doneAt }) => !doneAt).map(({ _id }) => _id);
    const traces = await Promise.all([leads.tracesOf(ids), deliveries.tracesOf(ids)]);
    verified.erasures += ids.length;
    verified.left.push(...new Set([...open, ...traces.flat()]));
    const last = ids.at(-1);
    if (last === undefined || ids.length < READ_AT_ONCE) return verified;
    after = last;
  }
}
