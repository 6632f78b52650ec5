import { model, Schema } from 'mongoose';
import type { Counted } from '../sponsors/sponsors';
import { ownedBySponsor } from '../store/owned';
import type { Settlement } from './ledger.types';

/** A place in a contract is a row. */
export interface PlaceRow {
  /** `<contract> <n>` */
  _id: string;
  contract: string;
  /** 1 ≤ n ≤ cap */
  n: number;
  lead: string;
  /** The company's domain; a lead without one is a company of its own. */
  domain: string;
  /** 1 ≤ m ≤ perCompanyDomain */
  m: number;
  /** When it was taken. */
  at: Date;
  /** Where the contract has a pace: the period on the publisher's clock, and 1 ≤ dayN ≤ its pace. */
  day?: string;
  dayN?: number;
  week?: string;
  weekN?: number;
  month?: string;
  monthN?: number;
}

export type SettlementRow = Settlement & {
  _id: string;
  /** There while the sponsor's destinations have not been told that the lead is theirs: the sweep's index. */
  owedAt?: Date;
  /** There while no other lead has taken the place that this one gave back. */
  vacantAt?: Date;
};

/** Where a person's leads count, so that a duplicate is known across campaigns. The name is a hash of the mailbox. */
export interface PersonRow {
  _id: string;
  counts: Counted[];
  /** Counts the changes: of two leads at once, one looks again. */
  revision: number;
}

const text = { type: String, required: true };
const number = { type: Number, required: true };
const when = { type: Date, required: true };
const mixed = { type: [Schema.Types.Mixed], default: undefined };
const options = { strict: 'throw', versionKey: false } as const;

const placeSchema = new Schema<PlaceRow>(
  {
    _id: text,
    contract: text,
    n: number,
    lead: text,
    domain: text,
    m: number,
    at: when,
    day: String,
    dayN: Number,
    week: String,
    weekN: Number,
    month: String,
    monthN: Number,
  },
  { ...options, collection: 'places' },
);
ownedBySponsor(placeSchema, 'contract');
placeSchema.index({ contract: 1, n: 1 }, { unique: true });
placeSchema.index({ contract: 1, lead: 1 }, { unique: true });
placeSchema.index({ contract: 1, domain: 1, m: 1 }, { unique: true });
for (const pace of ['day', 'week', 'month']) {
  const partialFilterExpression = { [`${pace}N`]: { $exists: true } };
  placeSchema.index({ contract: 1, [pace]: 1, [`${pace}N`]: 1 }, { unique: true, partialFilterExpression });
}

const settlementSchema = new Schema<SettlementRow>(
  {
    _id: text,
    contract: text,
    lead: text,
    decision: text,
    rule: text,
    evidence: { type: String, default: '' },
    at: when,
    before: mixed,
    replacedBy: String,
    price: Schema.Types.Mixed,
    vacantAt: Date,
    owedAt: Date,
  },
  { ...options, collection: 'settlements' },
);
ownedBySponsor(settlementSchema, 'contract');
settlementSchema.index({ contract: 1, decision: 1, lead: 1 });
settlementSchema.index({ contract: 1, decision: 1, at: 1, _id: 1 });
settlementSchema.index({ contract: 1, at: -1, _id: -1 });
settlementSchema.index({ lead: 1 });
settlementSchema.index({ owedAt: 1 }, { sparse: true });
settlementSchema.index({ vacantAt: 1 }, { sparse: true });
settlementSchema.index({ replacedBy: 1 }, { sparse: true });

const personSchema = new Schema<PersonRow>(
  { _id: text, counts: { type: Schema.Types.Mixed, required: true }, revision: number },
  { ...options, collection: 'people' },
);

ownedBySponsor(personSchema, 'nobody');

export const PlaceModel = model<PlaceRow>('Place', placeSchema);
export const SettlementModel = model<SettlementRow>('Settlement', settlementSchema);
export const PersonModel = model<PersonRow>('Person', personSchema);
