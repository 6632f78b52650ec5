import { GatefoldError } from '../errors';
import { LeadModel, leadOf } from './lead.model';
import type { Lead } from './lead.types';

/** A person has looked at a quarantined lead and takes it: sponsors may see it once it is settled. */
export async function accept(id: string, at: Date): Promise<Lead> {
  // What came back stays what it is, however genuine.
  const gone = await LeadModel.exists({ _id: id, undelivered: { $exists: true }, verifiedAt: null });
  const status = gone ? 'undeliverable' : 'active';
  return decide(id, { $set: { status, wantedAt: at }, $push: { wanted: 'settle' }, $inc: { revision: 1 } });
}

/** A person has looked at a quarantined lead and leaves it out for good. The reader has had their paper. */
export function reject(id: string): Promise<Lead> {
  return decide(id, { $set: { status: 'rejected' }, $inc: { revision: 1 } });
}

async function decide(id: string, change: object): Promise<Lead> {
  const row = await LeadModel.findOneAndUpdate({ _id: id, status: 'quarantined' }, change, {
    returnDocument: 'after',
  }).lean();
  if (!row) {
    throw new GatefoldError('conflict', 'not-quarantined', {
      log: `lead ${id} is not in quarantine`,
      reader: 'This lead is no longer in quarantine.',
      wayOut: 'Somebody else may have decided on it; open it to see.',
    });
  }
  return leadOf(row);
}

/**
 * The ledger has decided on the lead as it was at `revision`.
 * @returns false when the lead has changed since, so that the ledger must look again
 */
export async function markSettled({ id, revision }: Lead, at: Date): Promise<boolean> {
  const { matchedCount } = await LeadModel.updateOne({ _id: id, revision }, { $set: { settledAt: at } });
  return matchedCount === 1;
}
