import { model, Schema } from 'mongoose';
import type { Settlement } from './ledger.types';

export interface PlaceRow {
  _id: string;
  /** What the number counts in: the contract itself, or the contract and one company's domain. */
  scope: string;
  contract: string;
  /** 1 ≤ n ≤ the scope's limit. */
  n: number;
  lead: string;
}

export type SettlementRow = Settlement & { _id: string };

const text = { type: String, required: true };
const number = { type: Number, required: true };
const options = { strict: 'throw', versionKey: false } as const;

const placeSchema = new Schema<PlaceRow>(
  { _id: text, scope: text, contract: text, n: number, lead: text },
  { ...options, collection: 'places' },
);
placeSchema.index({ scope: 1, n: 1 }, { unique: true });
placeSchema.index({ scope: 1, lead: 1 }, { unique: true });
placeSchema.index({ contract: 1, lead: 1 });

const settlementSchema = new Schema<SettlementRow>(
  {
    _id: text,
    contract: text,
    lead: text,
    decision: text,
    rule: text,
    evidence: { type: String, default: '' },
    at: { type: Date, required: true },
  },
  { ...options, collection: 'settlements' },
);
settlementSchema.index({ contract: 1, decision: 1, lead: 1 });
settlementSchema.index({ contract: 1, at: -1 });
settlementSchema.index({ lead: 1 });

export const PlaceModel = model<PlaceRow>('Place', placeSchema);
export const SettlementModel = model<SettlementRow>('Settlement', settlementSchema);
