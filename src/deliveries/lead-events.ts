import * as leads from '../leads/leads';
import { DeliveryModel, type DeliveryRow } from './delivery.model';
import { type Fetched, fetchedOf } from './fetches';
import type { LeadEvent } from './lead-event.types';
import { revocationsOf } from './reader-links';

/** What readers asked, what was mailed and what became of it, and what was fetched; oldest first. */
export async function eventsOfLead(lead: string): Promise<LeadEvent[]> {
  const [requests, deliveries] = await Promise.all([leads.requestsOf(lead), DeliveryModel.find({ lead }).lean()]);
  const refs = requests.map(({ ref }) => ref);
  const [fetches, revocations] = await Promise.all([fetchedOf(refs), revocationsOf(refs)]);
  const revoked = revocations.map(({ request, at, by }) => ({
    at,
    what: 'revoked' as const,
    request,
    detail: `by ${by}`,
  }));
  const events = [
    ...requests.flatMap(ofRequest),
    ...deliveries.flatMap(ofDelivery),
    ...fetches.flatMap(ofFetch),
    ...revoked,
  ];
  return events.sort((a, b) => a.at.getTime() - b.at.getTime());
}

function ofFetch({ request, channel, readers, scanners, firstAt, lastAt, scannedAt }: Fetched): LeadEvent[] {
  const detail = channel === 'mail' ? 'by the link in the mail' : 'on the page after the form';
  const scanned = { what: 'scanned' as const, request, detail: 'by programs that look into mail; in no count' };
  return [
    ...(firstAt ? [{ at: firstAt, what: 'fetched' as const, request, detail, ...times(readers, lastAt) }] : []),
    ...(scannedAt ? [{ at: scannedAt, ...scanned, ...times(scanners, scannedAt) }] : []),
  ];
}

function ofRequest({ ref: request, at, provedAt, correctedAt, corrects }: leads.LeadRequest): LeadEvent[] {
  return [
    { at, what: 'asked', request, detail: corrects ? `puts right ${corrects}` : '' },
    ...(provedAt ? [{ at: provedAt, what: 'proved' as const, request, detail: '' }] : []),
    ...(correctedAt ? [{ at: correctedAt, what: 'corrected' as const, request, detail: '' }] : []),
  ];
}

function ofDelivery({ request, by, to, log }: DeliveryRow): LeadEvent[] {
  return log.flatMap(({ at, outcome, detail, times: count, lastAt }): LeadEvent[] => {
    // A wait for a place in the address's budget is a kind of putting off.
    const what = outcome === 'sent' ? 'mailed' : outcome === 'waiting' ? 'deferred' : outcome;
    const words = what === 'mailed' ? `to ${to}${by === undefined ? '' : `, asked for by ${by}`}: ${detail}` : detail;
    return [{ at, what, request, detail: words, ...(count !== undefined && times(count, lastAt)) }];
  });
}

function times(count: number, lastAt: Date | undefined) {
  return { ...(count > 1 && { times: count }), ...(count > 1 && lastAt && { lastAt }) };
}
