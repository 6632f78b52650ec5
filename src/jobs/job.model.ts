import { model, Schema } from 'mongoose';

export interface JobRow {
  /** `<kind>:<key>`: what is wanted twice is wanted once. */
  _id: string;
  kind: string;
  key: string;
  payload: Record<string, unknown>;
  state: 'due' | 'done' | 'failed';
  /** When to begin; while claimed, when the claim runs out. */
  dueAt: Date;
  /** Who holds the claim; only the holder may settle. */
  lease?: string;
  /** Wanted again while claimed: the holder may have read its rows too early, so the job is due once more afterwards. */
  again?: boolean;
  /** Tries that count against the limit of the kind. */
  attempts: number;
  firstAt: Date;
  reason?: string;
  /** When a settled row may be forgotten. */
  expiresAt?: Date;
}

const schema = new Schema<JobRow>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    key: { type: String, required: true },
    payload: { type: Schema.Types.Mixed, required: true },
    state: { type: String, required: true },
    dueAt: { type: Date, required: true },
    lease: String,
    again: Boolean,
    attempts: { type: Number, required: true },
    firstAt: { type: Date, required: true },
    reason: String,
    expiresAt: Date,
  },
  { strict: 'throw', versionKey: false, minimize: false, collection: 'jobs' },
);
schema.index({ state: 1, dueAt: 1 });
schema.index({ kind: 1, state: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const JobModel = model<JobRow>('Job', schema);
