import type { Lead } from '../leads/leads';
import * as leads from '../leads/leads';
import { removeFromOutbox } from '../mail/mail';
import { DeliveryModel, FetchModel, MailBudgetModel } from './delivery.model';

/** Behind every name that begins so. */
const LAST = '\u{10ffff}';

/**
 * Takes what is personal out of a lead's deliveries, and their messages out of the outbox. That something was sent, when,
 * and what became of it stays, for figures. What has not gone is called off. Doing it twice changes nothing.
 */
export async function erase(lead: string, known: Lead | null, dataDir: string): Promise<void> {
  const rows = await DeliveryModel.find({ lead }).lean();
  for (const { messageId } of rows) if (messageId !== '') await removeFromOutbox(dataDir, messageId);
  const refs = [
    ...new Set(rows.map(({ request }) => request)),
    ...(await leads.requestsOf(lead)).map(({ ref }) => ref),
  ];
  for (const ref of refs) await FetchModel.deleteMany({ _id: { $gte: `${ref} `, $lt: `${ref} ${LAST}` } });
  if (known) {
    const whose = `${known.campaign} ${leads.emailKey(known.email)} `;
    await MailBudgetModel.deleteMany({ _id: { $gte: whose, $lt: `${whose}${LAST}` } });
  }
  await DeliveryModel.updateMany({ lead, state: { $in: ['waiting', 'deferred'] } }, { $set: { state: 'cancelled' } });
  await DeliveryModel.updateMany({ lead }, { $set: { to: '', messageId: '', log: [] }, $unset: { nextAt: '' } });
}

/** Of these leads, those whose deliveries still say to whom they went. */
export function tracesOf(ids: string[]): Promise<string[]> {
  return DeliveryModel.distinct('lead', { lead: { $in: ids }, to: { $ne: '' } });
}
