import { GatefoldError } from '../errors';
import * as jobs from '../jobs/jobs';
import { DeliveryModel, deliveryOf } from './delivery.model';
import type { Delivery, DeliveryState } from './delivery.types';
import { logged, stepCancelled } from './outcomes';
import { jobKey } from './resend';

/** Front door: bring each request its copy by mail, and say what became of it. */

export { type AskedAgain, sendAgain, wantAgain } from './again';
export { copyFor } from './copy';
export { type DeliverDeps, deliver } from './deliver';
export { DELIVERY_STATES, type Delivery, type DeliveryState } from './delivery.types';
export { erase, tracesOf } from './erase';
export { fetchesOf, recordFetch } from './fetches';
export { followUp } from './follow-ups';
export { eventsOfLead } from './lead-events';
export { listen } from './listen';
export { previewLetter } from './preview';
export { isRevoked, revocationsOf, revokeLinks } from './reader-links';
export { recordReport } from './reports';
export { reissue, resend } from './resend';
export { isScanner } from './scanner';
export { pageOfSuppressions, readEntry, suppress, suppressedAmong, unsuppress } from './suppression';
export { ALL_FOLLOW_UPS } from './suppression.types';
export { exportSuppressions, type Imported, importSuppressions, PURPOSES } from './suppression-csv';

/** Every delivery of a lead, in the order they were asked for. */
export async function listDeliveries(lead: string): Promise<Delivery[]> {
  return (await DeliveryModel.find({ lead }).sort({ createdAt: 1, n: 1 }).lean()).map(deliveryOf);
}

/** A page of all deliveries, newest first, after `after`. */
export async function pageOfDeliveries(
  filter: { state?: DeliveryState },
  page: { after?: { createdAt: Date; id: string }; limit: number },
): Promise<Delivery[]> {
  const { after } = page;
  const older = after && {
    // Beside the alternative, so that the read begins at the cursor.
    createdAt: { $lte: after.createdAt },
    $or: [{ createdAt: { $lt: after.createdAt } }, { createdAt: after.createdAt, _id: { $lt: after.id } }],
  };
  const rows = await DeliveryModel.find({ ...filter, ...older })
    .sort({ createdAt: -1, _id: -1 })
    .limit(page.limit)
    .lean();
  return rows.map(deliveryOf);
}

/** How many deliveries ended in each state, or are under way; tests are in no figure. */
export async function deliveriesSummary(): Promise<Partial<Record<DeliveryState, number>>> {
  const groups = await DeliveryModel.aggregate<{ _id: DeliveryState; count: number }>([
    { $match: { test: null } },
    { $group: { _id: '$state', count: { $sum: 1 } } },
  ]);
  return Object.fromEntries(groups.map(({ _id, count }) => [_id, count]));
}

/**
 * Has a deferred delivery tried now instead of at its time; the address's budget holds all the same.
 * @throws GatefoldError `not-waiting` when it has ended or is being tried
 */
export async function tryNow(id: string): Promise<Delivery> {
  const row = await DeliveryModel.findOne({ _id: id }).lean();
  if (!row || !(await jobs.hasten('deliver', jobKey(row.request, row.n)))) {
    throw notWaiting(id);
  }
  return deliveryOf(row);
}

/** One delivery; null for an unknown one. */
export async function findDelivery(id: string): Promise<Delivery | null> {
  const row = await DeliveryModel.findOne({ _id: id }).lean();
  return row && deliveryOf(row);
}

/**
 * Calls off a delivery that has not gone yet. Its job finds it ended, and does nothing more.
 * @throws GatefoldError `not-waiting` when it has ended
 */
export async function cancel(id: string, by: string, at: Date): Promise<Delivery> {
  const row = await DeliveryModel.findOne({ _id: id }).lean();
  const { state, detail } = stepCancelled(`by ${by}`);
  const { matchedCount } = await DeliveryModel.updateOne(
    { _id: id, state: { $in: ['waiting', 'deferred'] } },
    { $set: { state, log: logged(row?.log ?? [], { at, outcome: state, detail }) }, $unset: { nextAt: '' } },
  );
  if (!row || matchedCount === 0) throw notWaiting(id);
  await jobs.hasten('deliver', jobKey(row.request, row.n));
  return deliveryOf(row);
}

function notWaiting(id: string): GatefoldError {
  return new GatefoldError('conflict', 'not-waiting', {
    log: `delivery ${id} does not wait for its time`,
    reader: 'This delivery does not wait for another try.',
    wayOut: 'Reload the list to see what became of it.',
  });
}
