import type { LeadRequest } from '../leads/leads';
import type { Limits } from '../limits';
import { networkOf } from '../network';
import { isDuplicateKey } from '../store/duplicate';
import { DayBudgetModel, DeliveryModel } from './delivery.model';
import type { Delivery } from './delivery.types';

const DAY_MS = 86_400_000;

type DayLimits = Pick<Limits, 'mailsPerDomain' | 'mailsPerNetwork' | 'mailsPerCampaign'>;

/**
 * Counts a mail in the budgets of its day (UTC) of its domain, its network and its campaign; each is off unless it is set.
 * A delivery counts once, however often it is tried; a crash in between may count it twice, which keeps one back at most.
 * @returns null when it may go, else when the next day begins
 */
export async function takeFromDay(
  { id, to, campaign }: Pick<Delivery, 'id' | 'to' | 'campaign'>,
  { client, test }: Pick<LeadRequest, 'client' | 'test'>,
  limits: DayLimits,
  now: Date,
): Promise<Date | null> {
  const tomorrow = new Date((Math.floor(now.getTime() / DAY_MS) + 1) * DAY_MS);
  const day = now.toISOString().slice(0, 10);
  const budgets = [
    { _id: `domain ${to.slice(to.lastIndexOf('@') + 1).toLowerCase()} ${day}`, most: limits.mailsPerDomain },
    {
      _id: `network ${networkOf(client.ip)} ${day}`,
      most: client.ip ? limits.mailsPerNetwork : Number.POSITIVE_INFINITY,
    },
    { _id: `campaign ${campaign} ${day}`, most: limits.mailsPerCampaign },
  ].filter(({ most }) => Number.isFinite(most));
  if (test || budgets.length === 0 || (await DeliveryModel.exists({ _id: id, counted: true }))) return null;
  for (const [index, { _id, most }] of budgets.entries()) {
    if (await take(_id, most, tomorrow)) continue;
    const taken = budgets.slice(0, index).map((one) => one._id);
    await DayBudgetModel.updateMany({ _id: { $in: taken } }, { $inc: { count: -1 } });
    return tomorrow;
  }
  await DeliveryModel.updateOne({ _id: id }, { $set: { counted: true } });
  return null;
}

async function take(_id: string, most: number, until: Date): Promise<boolean> {
  for (;;) {
    const { matchedCount } = await DayBudgetModel.updateOne({ _id, count: { $lt: most } }, { $inc: { count: 1 } });
    if (matchedCount === 1) return true;
    try {
      await DayBudgetModel.create({ _id, count: 1, until });
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // It is full, or somebody made it in between.
      if (await DayBudgetModel.exists({ _id, count: { $gte: most } })) return false;
    }
  }
}
