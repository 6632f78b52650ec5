/**
 * The named outcomes of a delivery. `waiting` and `deferred` go on. `sent` may still turn into `bounced` or `complained`,
 * when the news comes in later; the others are the end.
 */
export const DELIVERY_STATES = [
  'waiting',
  'deferred',
  'sent',
  'bounced',
  'complained',
  'suppressed',
  'cancelled',
  'expired',
  'failed',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** The paper that was asked for, the button that must be pressed before it comes, or a message some days after it. */
export type DeliveryKind = 'copy' | 'confirmation' | 'follow-up';

/** Follow-ups stand behind every copy of a request. */
export const FOLLOW_UPS_FROM = 1001;

/** One step of a delivery, as staff read it. */
export interface DeliveryEvent {
  at: Date;
  outcome: DeliveryState | 'delayed';
  /** The mail server's words, or ours. */
  detail: string;
  /** How often in a row it ended like this, when more than once, and when it last did. */
  times?: number;
  lastAt?: Date;
}

/** One mail about one request, under one Message-ID. */
export interface Delivery {
  id: string;
  /** Reference of the request. */
  request: string;
  lead: string;
  campaign: string;
  to: string;
  messageId: string;
  kind: DeliveryKind;
  /** 0 for the copy that the form asked for; a resend counts up. −1 for the confirmation; follow-ups from 1001. */
  n: number;
  /** Of a test lead: in no figure. */
  test?: true;
  /** Who asked for a resend. */
  by?: string;
  state: DeliveryState;
  /** Of a bounced one: whether nobody will ever read this address (hard), or only this message did not get through (soft). */
  bounce?: 'hard' | 'soft';
  createdAt: Date;
  sentAt?: Date;
  /** When it is tried again, while it goes on. */
  nextAt?: Date;
  log: DeliveryEvent[];
}
