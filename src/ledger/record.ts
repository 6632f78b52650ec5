import type { Contract } from '../sponsors/sponsors';
import { isDuplicateKey } from '../store/duplicate';
import { SettlementModel } from './ledger.model';
import { type Decision, type Judgement, THEIRS } from './ledger.types';

/** These wait in a queue: looked at again, they keep the time since which they wait. */
const WAITING: readonly Decision[] = ['held', 'pending'];

/** Keeps a decision, the time when it was first made, and what it took the place of. */
export async function record(
  { id: contract, price }: Contract,
  lead: string,
  judgement: Judgement,
  now: Date,
): Promise<void> {
  const _id = `${contract}/${lead}`;
  const { decision, rule, evidence } = judgement;
  const known = await SettlementModel.findOne({ _id }).lean();
  if (known?.decision === decision && known.rule === rule && known.evidence === evidence) return;
  if (decision === 'billable') await takeVacancy(contract, lead);
  const stays = known?.decision === decision && WAITING.includes(decision);
  const owed = THEIRS.includes(decision) ? { owedAt: now } : {};
  const paid = decision === 'billable' && price ? { price } : {};
  const set = { contract, lead, decision, rule, evidence, at: stays ? known.at : now, ...owed, ...paid };
  const before = known && { decision: known.decision, rule: known.rule, evidence: known.evidence, at: known.at };
  try {
    // Of two at once, one may have found a place that was freed between them: the place counts.
    const open = { _id, decision: { $nin: ['billable' as const, 'returned' as const] } };
    const change = { $set: set, ...(before && !stays && { $push: { before } }) };
    await SettlementModel.updateOne(open, change, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

/** Takes a place back that was the lead's under a contract; what it was stays on record. */
export async function takeBack(_id: string, judgement: Judgement, at: Date): Promise<void> {
  const known = await SettlementModel.findOne({ _id }).lean();
  if (!known || known.decision === judgement.decision) return;
  const { decision, rule, evidence } = known;
  const vacant = decision === 'billable' ? { vacantAt: at } : {};
  const before = { decision, rule, evidence, at: known.at };
  await SettlementModel.updateOne(
    { _id, decision },
    { $set: { ...judgement, at, ...vacant }, $unset: { owedAt: '' }, $push: { before } },
  );
}

/** Whoever comes next stands for the lead that gave its place back first. Noted before the decision, once for each lead. */
async function takeVacancy(contract: string, lead: string): Promise<void> {
  if (await SettlementModel.exists({ contract, replacedBy: lead })) return;
  await SettlementModel.findOneAndUpdate(
    { contract, vacantAt: { $exists: true } },
    { $set: { replacedBy: lead }, $unset: { vacantAt: '' } },
    { sort: { vacantAt: 1 } },
  );
}
