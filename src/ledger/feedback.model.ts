import { model, Schema } from 'mongoose';
import { ownedBySponsor } from '../store/owned';
import type { Disposition, Return } from './feedback.types';

export type ReturnRow = Return & {
  /** `<contract>/<lead>`: a lead is given back once. */
  _id: string;
  /** Its number among the returns that count against the ceiling; one that is rejected has none. */
  n?: number;
};

export type DispositionRow = Disposition & { _id: string };

const text = { type: String, required: true };
const words = { type: String, default: '' };
const when = { type: Date, required: true };
const options = { strict: 'throw', versionKey: false } as const;

const returnSchema = new Schema<ReturnRow>(
  {
    _id: text,
    contract: text,
    lead: text,
    reason: text,
    note: words,
    at: when,
    by: text,
    state: text,
    n: Number,
    decidedBy: String,
    decidedAt: Date,
    evidence: String,
  },
  { ...options, collection: 'returns' },
);
ownedBySponsor(returnSchema, 'contract');
returnSchema.index({ contract: 1, n: 1 }, { unique: true, partialFilterExpression: { n: { $exists: true } } });
returnSchema.index({ contract: 1, at: -1, _id: -1 });
returnSchema.index({ state: 1, at: 1 });
returnSchema.index({ lead: 1 });

const dispositionSchema = new Schema<DispositionRow>(
  { _id: text, contract: text, lead: text, code: text, note: words, at: when, by: text },
  { ...options, collection: 'dispositions' },
);
ownedBySponsor(dispositionSchema, 'contract');
dispositionSchema.index({ contract: 1, at: -1, _id: -1 });
dispositionSchema.index({ contract: 1, lead: 1, at: 1 });
dispositionSchema.index({ lead: 1 });

export const ReturnModel = model<ReturnRow>('Return', returnSchema);
export const DispositionModel = model<DispositionRow>('Disposition', dispositionSchema);
