import { GatefoldError } from '../errors';
import { LeadModel, leadOf } from './lead.model';
import type { Lead } from './lead.types';

/** A person has looked at a quarantined lead and takes it: sponsors may see it once it is settled. */
export function accept(id: string, at: Date): Promise<Lead> {
  return decide(id, { $set: { status: 'active', wantedAt: at }, $addToSet: { wanted: 'settle' } });
}

/** A person has looked at a quarantined lead and leaves it out for good. The reader has had their paper. */
export function reject(id: string): Promise<Lead> {
  return decide(id, { $set: { status: 'rejected' } });
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

/** The ledger has decided on the lead as it was at request `ref`; a later proof asks it again. */
export async function markSettled(id: string, ref: string, at: Date): Promise<void> {
  await LeadModel.updateOne({ _id: id, 'current.ref': ref }, { $set: { settledAt: at } });
}
