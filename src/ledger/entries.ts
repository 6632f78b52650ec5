import { SettlementModel, type SettlementRow } from './ledger.model';
import type { Decision, Settlement } from './ledger.types';

/** How often each rule decided so. */
export async function rulesOf(contract: string, decision: Decision): Promise<{ rule: string; count: number }[]> {
  const groups = await SettlementModel.aggregate<{ _id: string; count: number }>([
    { $match: { contract, decision } },
    { $group: { _id: '$rule', count: { $sum: 1 } } },
    { $sort: { count: -1, _id: 1 } },
  ]);
  return groups.map(({ _id, count }) => ({ rule: _id, count }));
}

/** How many leads that were given back another one stands for. */
export async function replacedCount(contract: string): Promise<number> {
  return SettlementModel.countDocuments({ contract, replacedBy: { $exists: true } });
}

/** A page of the decisions under a contract, newest first; pages count from 1. */
export async function entriesOf(
  contract: string,
  { decision, page, size }: { decision?: Decision; page: number; size: number },
): Promise<Settlement[]> {
  const rows = await SettlementModel.find({ contract, ...(decision && { decision }) })
    .sort({ at: -1, _id: -1 })
    .skip((page - 1) * size)
    .limit(size)
    .lean();
  return rows.map(settlementOf);
}

export const settlementOf = ({ _id, owedAt: _, vacantAt: __, ...settlement }: SettlementRow): Settlement => settlement;
