import { model, Schema } from 'mongoose';
import type { Delivery } from './delivery.types';

export type DeliveryRow = Omit<Delivery, 'id'> & {
  _id: string;
  /** Stands in the budgets of its day already. */
  counted?: boolean;
};

/** One of the mails that an address may get from a campaign within a day. */
export interface MailBudgetRow {
  /** `<campaign> <address> <n>`, 1 ≤ n ≤ 5. */
  _id: string;
  delivery: string;
  until: Date;
}

/** How many mails of a day went to one domain, for one network or for one campaign, where the publisher limits those. */
export interface DayBudgetRow {
  /** `<scope> <whose> <day>` */
  _id: string;
  count: number;
  until: Date;
}

/** How often a link fetched the whole copy. */
export interface FetchRow {
  /** `<ref> <channel>`, and the generation of the link where it was given out anew. */
  _id: string;
  /** Every full download counts against the link. */
  count: number;
  /** How many of them scanners made; these are no reader's. */
  scans?: number;
  scannedAt?: Date;
  firstAt?: Date;
  lastAt?: Date;
}

/** The links of a request that staff took back. */
export interface LinkRow {
  /** The reference of the request. */
  _id: string;
  /** Links with a lower one are no good. */
  generation: number;
  revoked: { at: Date; by: string }[];
}

const text = { type: String, required: true };
const when = { type: Date, required: true };
const options = { strict: 'throw', versionKey: false } as const;

const eventSchema = new Schema(
  { at: when, outcome: text, detail: String, times: Number, lastAt: Date },
  { _id: false, strict: 'throw' },
);

const deliverySchema = new Schema<DeliveryRow>(
  {
    _id: text,
    request: text,
    lead: text,
    campaign: text,
    to: text,
    messageId: text,
    // Rows that were made before there were other kinds have none.
    kind: { type: String, default: 'copy' },
    n: { type: Number, required: true },
    by: String,
    test: Boolean,
    counted: Boolean,
    state: text,
    bounce: String,
    createdAt: when,
    sentAt: Date,
    nextAt: Date,
    log: { type: [eventSchema], required: true },
  },
  { ...options, collection: 'deliveries' },
);
// One row, and so one Message-ID, for each delivery that was asked for, whoever comes first to make it.
deliverySchema.index({ request: 1, n: 1 }, { unique: true });
deliverySchema.index({ lead: 1, createdAt: 1 });
// Reports that carry no return address of ours name the message.
deliverySchema.index({ messageId: 1 });
deliverySchema.index({ createdAt: -1, _id: -1 });
deliverySchema.index({ state: 1, createdAt: -1, _id: -1 });

const budgetSchema = new Schema<MailBudgetRow>(
  { _id: text, delivery: text, until: when },
  { ...options, collection: 'mailbudgets' },
);
budgetSchema.index({ until: 1 }, { expireAfterSeconds: 0 });

const dayBudgetSchema = new Schema<DayBudgetRow>(
  { _id: text, count: { type: Number, required: true }, until: when },
  { ...options, collection: 'daybudgets' },
);
dayBudgetSchema.index({ until: 1 }, { expireAfterSeconds: 0 });

export const DayBudgetModel = model<DayBudgetRow>('DayBudget', dayBudgetSchema);
export const DeliveryModel = model<DeliveryRow>('Delivery', deliverySchema);
export const MailBudgetModel = model<MailBudgetRow>('MailBudget', budgetSchema);
export const FetchModel = model<FetchRow>(
  'Fetch',
  new Schema<FetchRow>(
    { _id: text, count: { type: Number, required: true }, scans: Number, scannedAt: Date, firstAt: Date, lastAt: Date },
    { ...options, collection: 'fetches' },
  ),
);

const revocation = new Schema({ at: when, by: text }, { _id: false, strict: 'throw' });
export const LinkModel = model<LinkRow>(
  'Link',
  new Schema<LinkRow>(
    {
      _id: text,
      generation: { type: Number, required: true },
      revoked: { type: [revocation], required: true },
    },
    { ...options, collection: 'links' },
  ),
);

export const deliveryOf = ({ _id, kind = 'copy', counted: _, ...delivery }: DeliveryRow): Delivery => ({
  id: _id,
  kind,
  ...delivery,
});
