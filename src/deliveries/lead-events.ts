import * as leads from '../leads/leads';
import { DeliveryModel, type DeliveryRow, FetchModel } from './delivery.model';
import type { DeliveryState } from './delivery.types';

/** One thing that happened to a lead, for its time line. */
export interface LeadEvent {
  at: Date;
  what:
    | 'asked'
    | 'corrected'
    | 'proved'
    | 'mailed'
    | 'fetched'
    | 'delayed'
    | Exclude<DeliveryState, 'waiting' | 'sent'>;
  /** Reference of the request it belongs to. */
  request: string;
  /** The remote's words, or ours; who asked for it. */
  detail: string;
  /** How often in a row, when more than once, and when last. */
  times?: number;
  lastAt?: Date;
}

/** What readers asked, what was mailed and what became of it, and what was fetched; oldest first. */
export async function eventsOfLead(lead: string): Promise<LeadEvent[]> {
  const [requests, deliveries] = await Promise.all([leads.requestsOf(lead), DeliveryModel.find({ lead }).lean()]);
  const refs = requests.map(({ ref }) => ref);
  const fetches = await FetchModel.find({ _id: { $in: refs.flatMap((ref) => [`${ref} page`, `${ref} mail`]) } }).lean();
  const fetched = fetches.flatMap(({ _id, count, firstAt, lastAt }): LeadEvent[] => {
    const [request = '', channel] = _id.split(' ');
    const where = channel === 'mail' ? 'by the link in the mail' : 'on the page after the form';
    return firstAt ? [{ at: firstAt, what: 'fetched', request, detail: where, ...times(count, lastAt) }] : [];
  });
  const events = [...requests.flatMap(ofRequest), ...deliveries.flatMap(ofDelivery), ...fetched];
  return events.sort((a, b) => a.at.getTime() - b.at.getTime());
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
