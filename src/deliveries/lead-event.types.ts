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
    | 'scanned'
    | 'revoked'
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
