import { SettlementModel } from './ledger.model';

/** A lead that a sponsor has not been told of. */
export interface NewlyTheirs {
  /** Names the decision, for `told`. */
  settlement: string;
  /** `<campaign>/<sponsor>` */
  contract: string;
  lead: string;
  owedAt: Date;
}

/**
 * What became a sponsor's and was not passed on to their destinations yet, longest first. Marked in the write that
 * decided, whichever way it came (a form, a place that was freed), so that a crash repeats and never forgets.
 */
export async function newlyTheirs(limit: number): Promise<NewlyTheirs[]> {
  const rows = await SettlementModel.find({ owedAt: { $exists: true } }, { contract: 1, lead: 1, owedAt: 1 })
    .sort({ owedAt: 1 })
    .limit(limit)
    .lean();
  return rows.flatMap(({ _id, contract, lead, owedAt }) =>
    owedAt ? [{ settlement: _id, contract, lead, owedAt }] : [],
  );
}

/** It has become jobs. Only the decision that was seen: one that was made since is owed anew. */
export async function told({ settlement, owedAt }: NewlyTheirs): Promise<void> {
  await SettlementModel.updateOne({ _id: settlement, owedAt }, { $unset: { owedAt: '' } });
}
