import { model, Schema } from 'mongoose';

export interface JobRow {
  /** `<kind>:<key>`: what is wanted twice is wanted once. */
  _id: string;
  kind: string;
  key: string;
  /** `<owner>/<lane>`: queues of one kind take turns. */
  queue: string;
  payload: Record<string, unknown>;
  state: 'due' | 'done' | 'failed';
  /** When to begin; while claimed, when the claim runs out. */
  dueAt: Date;
  /** Who holds the claim; only the holder may settle. */
  lease?: string;
  /** `<lane>#<n>` while claimed, in a lane that takes so many at once; goes with the lease. */
  place?: string;
  /** Wanted again while claimed: the holder may have read its rows too early, so the job is due once more afterwards. */
  again?: boolean;
  /** Tries that count against the limit of the kind. */
  attempts: number;
  firstAt: Date;
  reason?: string;
  /** When a settled row may be forgotten. */
  expiresAt?: Date;
}

/** When a lane takes its next job. */
export interface LaneRow {
  _id: string;
  freeAt: Date;
}

const options = { strict: 'throw', versionKey: false, minimize: false } as const;
const text = { type: String, required: true };
const when = { type: Date, required: true };

const schema = new Schema<JobRow>(
  {
    _id: text,
    kind: text,
    key: text,
    queue: text,
    payload: { type: Schema.Types.Mixed, required: true },
    state: text,
    dueAt: when,
    lease: String,
    place: String,
    again: Boolean,
    attempts: { type: Number, required: true },
    firstAt: when,
    reason: String,
    expiresAt: Date,
  },
  { ...options, collection: 'jobs' },
);
// What is due next at all: all that an idle worker asks.
schema.index({ state: 1, dueAt: 1 });
// The next queue with its longest due job, and that job's claim.
schema.index({ kind: 1, state: 1, queue: 1, dueAt: 1 });
// The judge of how many are at it in a lane, whatever runs in parallel.
schema.index({ place: 1 }, { unique: true, sparse: true });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const laneSchema = new Schema<LaneRow>({ _id: text, freeAt: when }, { ...options, collection: 'joblanes' });

export const JobModel = model<JobRow>('Job', schema);
export const LaneModel = model<LaneRow>('JobLane', laneSchema);
