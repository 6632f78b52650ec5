import { model, Schema } from 'mongoose';
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
}

export type SettlementRow = Settlement & {
  _id: string;
  /** There while the sponsor's destinations have not been told that the lead is theirs: the sweep's index. */
  owedAt?: Date;
};

const text = { type: String, required: true };
const number = { type: Number, required: true };
const options = { strict: 'throw', versionKey: false } as const;

const placeSchema = new Schema<PlaceRow>(
  { _id: text, contract: text, n: number, lead: text, domain: text, m: number },
  { ...options, collection: 'places' },
);
placeSchema.index({ contract: 1, n: 1 }, { unique: true });
placeSchema.index({ contract: 1, lead: 1 }, { unique: true });
placeSchema.index({ contract: 1, domain: 1, m: 1 }, { unique: true });

const settlementSchema = new Schema<SettlementRow>(
  {
    _id: text,
    contract: text,
    lead: text,
    decision: text,
    rule: text,
    evidence: { type: String, default: '' },
    at: { type: Date, required: true },
    owedAt: Date,
  },
  { ...options, collection: 'settlements' },
);
settlementSchema.index({ contract: 1, decision: 1, lead: 1 });
settlementSchema.index({ contract: 1, decision: 1, at: 1 });
settlementSchema.index({ contract: 1, at: -1 });
settlementSchema.index({ lead: 1 });
settlementSchema.index({ owedAt: 1 }, { sparse: true });

export const PlaceModel = model<PlaceRow>('Place', placeSchema);
export const SettlementModel = model<SettlementRow>('Settlement', settlementSchema);
