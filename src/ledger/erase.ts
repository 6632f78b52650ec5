import type { Lead } from '../leads/leads';
import { addressOf } from './candidate';
import { DispositionModel, ReturnModel } from './feedback.model';
import { PlaceModel, SettlementModel } from './ledger.model';
import { freePerson } from './people';

const ERASED = { rule: 'erased', evidence: '' } as const;

/**
 * Takes what is personal out of what was decided on a lead. Its place and its decisions stay: what a sponsor pays for
 * doesn't change because a reader goes. One that waits for a place waits no longer. Doing it twice changes nothing.
 */
export async function erase(lead: string, known: Lead | null): Promise<void> {
  for (const { _id, contract, before, decision } of await SettlementModel.find({ lead }).lean()) {
    if (known) await freePerson(contract, lead, addressOf(known));
    const waits = decision === 'held' || decision === 'pending';
    const words = { evidence: '', ...(before && { before: before.map((one) => ({ ...one, evidence: '' })) }) };
    const $set = { ...words, ...(waits && { ...ERASED, decision: 'rejected' as const }) };
    await SettlementModel.updateOne({ _id, decision }, { $set, $unset: { owedAt: '' } });
  }
  // What a sponsor wrote of a person is personal, too; that they gave the lead back is a figure.
  await ReturnModel.updateMany({ lead }, { $set: { note: '', evidence: '' } });
  await DispositionModel.updateMany({ lead }, { $set: { note: '' } });
  // The company of one person may name the person.
  await PlaceModel.updateMany({ lead }, { $set: { domain: lead, m: 1 } });
}
