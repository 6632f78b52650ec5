import { type Contract, type Money, sumOf } from '../sponsors/sponsors';
import { SettlementModel, type SettlementRow } from './ledger.model';
import { periodOf } from './pace';

/** A lead that began to count, or ceased to. */
export interface Movement {
  lead: string;
  at: Date;
  kind: 'charged' | 'credited';
  /** Why. */
  rule: string;
  price?: Money;
}

/** What changed under a contract in a span of time, and what it comes to. */
export interface Statement {
  from: Date;
  to: Date;
  /** How many counted at the beginning, and at the end. */
  opening: number;
  closing: number;
  /** Oldest first. */
  charged: Movement[];
  credited: Movement[];
  /** Of what was charged, less what was credited, by currency. */
  amounts: Money[];
}

/** What began to count and what ceased to from `from` on, before `to`. */
export async function statementOf(contract: Contract, from: Date, to: Date): Promise<Statement> {
  const [now, since] = await Promise.all([
    SettlementModel.countDocuments({ contract: contract.id, decision: 'billable' }),
    movementsSince(contract, from),
  ]);
  const within = since.filter(({ at }) => at < to);
  const [charged, credited] = [of(within, 'charged'), of(within, 'credited')];
  const opening = now - of(since, 'charged').length + of(since, 'credited').length;
  const closing = opening + charged.length - credited.length;
  const credits = credited.flatMap(({ price }) => (price ? [{ ...price, amount: -price.amount }] : []));
  const amounts = sumOf([...charged.flatMap(({ price }) => (price ? [price] : [])), ...credits]);
  return { from, to, opening, closing, charged, credited, amounts };
}

const of = (movements: Movement[], kind: Movement['kind']) => movements.filter((one) => one.kind === kind);

/** The last decision on a lead is its newest, so whatever moved since then is in a row that was decided on since then. */
async function movementsSince({ id, price }: Contract, from: Date): Promise<Movement[]> {
  const at = { $gte: from };
  const rows = await Promise.all([
    SettlementModel.find({ contract: id, decision: 'billable', at }).lean(),
    SettlementModel.find({ contract: id, decision: { $ne: 'billable' }, at, 'before.decision': 'billable' }).lean(),
  ]);
  return rows
    .flat()
    .flatMap((row) => movementsOf(row, price))
    .filter((one) => one.at >= from)
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** A lead that counted before prices were kept has the contract's. */
function movementsOf(
  { lead, price: kept, before = [], decision, rule, at }: SettlementRow,
  agreed?: Money,
): Movement[] {
  const price = kept ?? agreed;
  const steps = [...before, { decision, rule, at }];
  return steps.flatMap((step, i): Movement[] => {
    const counted = i > 0 && steps[i - 1]?.decision === 'billable';
    const counts = step.decision === 'billable';
    if (counts === counted) return [];
    return [{ lead, at: step.at, kind: counts ? 'charged' : 'credited', rule: step.rule, ...(price && { price }) }];
  });
}

/** The months from one moment to another on the publisher's calendar, newest first: `2026-11`. */
export function monthsOf(from: Date, to: Date, timeZone: string): string[] {
  const months: string[] = [];
  for (let at = from; at <= to; ) {
    const { key, ends } = periodOf('month', at, timeZone);
    months.unshift(key);
    at = ends;
  }
  return months;
}
