import { model, Schema } from 'mongoose';
import type { AuditEntry } from './account.types';

/** As it is kept: before and after as JSON, exactly as they were hashed. */
export interface AuditRow extends Omit<AuditEntry, 'before' | 'after'> {
  _id: string;
  before?: string;
  after?: string;
  /** What it is found by: beginnings of the words of actor, action and subject. */
  words: string[];
}

const text = { type: String, required: true };

const schema = new Schema<AuditRow>(
  {
    _id: text,
    n: { type: Number, required: true },
    at: { type: Date, required: true },
    actor: text,
    ip: String,
    kind: text,
    action: text,
    subject: { type: String, default: '' },
    subjects: { type: [String], default: undefined },
    before: String,
    after: String,
    words: { type: [String], required: true },
    hash: text,
  },
  { strict: 'throw', versionKey: false, collection: 'audit' },
);
// The judge of "the next entry": of two writers one takes the number, and the other looks again.
schema.index({ n: -1 }, { unique: true });
schema.index({ at: -1, n: -1 });
schema.index({ actor: 1, at: -1, n: -1 });
schema.index({ action: 1, at: -1, n: -1 });
schema.index({ kind: 1, at: -1, n: -1 });
schema.index({ subjects: 1, at: -1, n: -1 });
schema.index({ words: 1, at: -1, n: -1 });

export const AuditModel = model<AuditRow>('Audit', schema);
