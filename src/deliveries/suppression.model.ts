import { model, Schema } from 'mongoose';
import type { Suppression } from './suppression.types';

export type SuppressionRow = Suppression & {
  /** `<purpose> <who>` */
  _id: string;
};

const text = { type: String, required: true };

const schema = new Schema<SuppressionRow>(
  { _id: text, who: text, purpose: text, why: text, at: { type: Date, required: true }, by: String },
  { strict: 'throw', versionKey: false, collection: 'suppressions' },
);
schema.index({ at: -1, _id: -1 });
schema.index({ who: 1 });

export const SuppressionModel = model<SuppressionRow>('Suppression', schema);
