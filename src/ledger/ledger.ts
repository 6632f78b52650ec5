import { contractId } from '../sponsors/sponsors';
import { settlementOf } from './entries';
import { SettlementModel } from './ledger.model';
import { DECISIONS, type Decision, type Settlement, THEIRS } from './ledger.types';

/** Front door: which lead counts under which contract, by which rule. A place in a contract is a row. */

export { type Course, courseOf } from './course';
export { type Happening, happeningsOf } from './course-of-lead';
export { dispose, dispositionsOf } from './dispositions';
export { entriesOf, replacedCount, rulesOf } from './entries';
export { erase } from './erase';
export { readFeedback, type Taken } from './feedback-csv';
export type { Decision, Settlement } from './ledger.types';
export { type NewlyTheirs, newlyTheirs, told } from './owed';
export { allowance, askReturn, carryOutReturn, decideReturn, findReturn, openReturns, returnsOf } from './returns';
export { ruleWords } from './rule-words';
export { refill, settle } from './settle';
export { monthsOf, type Statement, statementOf } from './statement';

/**
 * The leads settled as a sponsor's in a campaign, by lead, read as the consumer takes them. Whether the lead is still
 * active and consented is the reader's to check: the ledger only says that it counted. Each decision is read in the order
 * of its index and the two are merged here: asked for together they would be sorted in memory, which a million rows are
 * too many for.
 */
export async function* settledFor(campaign: string, sponsor: string): AsyncGenerator<string> {
  const contract = contractId(campaign, sponsor);
  const cursors = THEIRS.map((decision) =>
    SettlementModel.find({ contract, decision }, { lead: 1 }).sort({ lead: 1 }).lean().cursor({ batchSize: 500 }),
  );
  try {
    const heads = await Promise.all(cursors.map((cursor) => cursor.next()));
    for (;;) {
      let first = -1;
      for (const [i, head] of heads.entries()) {
        if (head && (first < 0 || head.lead < (heads[first]?.lead ?? ''))) first = i;
      }
      const row = heads[first];
      if (!row) return;
      yield row.lead;
      heads[first] = (await cursors[first]?.next()) ?? null;
    }
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

/** Which of these leads are settled as the sponsor's in the campaign. */
export async function settledAmong(campaign: string, sponsor: string, ids: string[]): Promise<string[]> {
  const contract = contractId(campaign, sponsor);
  const filter = { contract, decision: { $in: [...THEIRS] }, lead: { $in: ids } };
  return (await SettlementModel.find(filter, { lead: 1 }).lean()).map(({ lead }) => lead);
}

/** What is settled as the sponsor's, newest decision first, at most `limit`. */
export async function newestSettledFor(campaign: string, sponsor: string, limit: number): Promise<string[]> {
  const contract = contractId(campaign, sponsor);
  // One question for each decision: of several together an index gives no order, and all would be read for the newest.
  const newest = await Promise.all(
    THEIRS.map((decision) =>
      SettlementModel.find({ contract, decision }, { lead: 1, at: 1 }).sort({ at: -1, _id: -1 }).limit(limit).lean(),
    ),
  );
  const rows = newest.flat().sort((a, b) => b.at.getTime() - a.at.getTime());
  return rows.slice(0, limit).map(({ lead }) => lead);
}

/** Every decision on one lead. */
export async function settlementsOf(lead: string): Promise<Settlement[]> {
  const rows = await SettlementModel.find({ lead }).sort({ contract: 1 }).lean();
  return rows.map(settlementOf);
}

/** How many leads each decision has under a contract. */
export async function summary(campaign: string, sponsor: string): Promise<Record<Decision, number>> {
  const contract = contractId(campaign, sponsor);
  const counts = await Promise.all(
    DECISIONS.map(
      async (decision) => [decision, await SettlementModel.countDocuments({ contract, decision })] as const,
    ),
  );
  return Object.fromEntries(counts) as Record<Decision, number>;
}
