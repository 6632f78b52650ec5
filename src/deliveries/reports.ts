import * as leads from '../leads/leads';
import type { Links } from '../links';
import type { Report } from '../mail/mail';
import { DeliveryModel, type DeliveryRow } from './delivery.model';
import type { DeliveryEvent } from './delivery.types';
import { logged } from './outcomes';
import { readReturnAddress } from './return-address';
import { suppress } from './suppression';
import { ALL_FOLLOW_UPS } from './suppression.types';

/**
 * A mail server or mailbox provider reports on a message. The return address that it came to names the delivery; else the
 * Message-ID does, or the return address that a complaint encloses. The same report twice changes nothing.
 * @returns false when it is about no message of ours
 */
export async function recordReport(
  report: Report,
  { returnTo, links, at }: { returnTo?: string; links: Links; at: Date },
): Promise<boolean> {
  const row = await findReported(report, returnTo, links);
  if (!row) return false;
  const { words } = report;
  if (report.what === 'delayed') await note(row, { at, outcome: 'delayed', detail: words });
  else if (report.what === 'complained') {
    await suppress({ who: row.to, purpose: ALL_FOLLOW_UPS, why: 'complained', at });
    await end(row, { state: 'complained' }, words, at);
  } else {
    // The lead first: if we fall before the second write, the report comes again.
    if (report.kind === 'hard') await leads.undeliverable(row.lead, words, at);
    await end(row, { state: 'bounced', bounce: report.kind }, words, at);
  }
  return true;
}

async function findReported(report: Report, returnTo: string | undefined, links: Links): Promise<DeliveryRow | null> {
  for (const address of [returnTo, report.returnPath]) {
    const id = address === undefined ? null : readReturnAddress(address.split('@')[0] ?? '', links);
    if (id) return DeliveryModel.findOne({ _id: id }).lean();
  }
  return report.messageId ? DeliveryModel.findOne({ messageId: report.messageId }).lean() : null;
}

type Ending = { state: 'complained' } | { state: 'bounced'; bounce: 'hard' | 'soft' };

/** A complaint stands above a bounce; nothing takes either back, and a hard bounce is not softened. */
async function end(row: DeliveryRow, ending: Ending, words: string, at: Date): Promise<void> {
  const final = ['complained', ...(ending.state === 'bounced' ? ['bounced'] : [])];
  const hardens = ending.state === 'bounced' && ending.bounce === 'hard' && row.bounce === 'soft';
  if (final.includes(row.state) && !hardens) return;
  await DeliveryModel.updateOne(
    { _id: row._id, state: row.state },
    { $set: { ...ending, log: logged(row.log, { at, outcome: ending.state, detail: words }) }, $unset: { nextAt: '' } },
  );
}

async function note(row: DeliveryRow, event: DeliveryEvent): Promise<void> {
  if (row.log.some(({ outcome, detail }) => outcome === event.outcome && detail === event.detail)) return;
  await DeliveryModel.updateOne({ _id: row._id }, { $set: { log: logged(row.log, event) } });
}
