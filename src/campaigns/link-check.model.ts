import { model, Schema } from 'mongoose';

/** What an address outside answered when it was last looked at. */
export interface LinkCheckRow {
  /** The address. */
  _id: string;
  /** Gone is what its own server says (RFC 9110: 404, 410); nobody knows why a server says nothing. */
  state: 'alive' | 'gone' | 'unknown';
  /** What was found, in words. */
  found: string;
  at: Date;
}

const schema = new Schema<LinkCheckRow>(
  {
    _id: String,
    state: { type: String, required: true },
    found: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false },
);
// What no campaign leads to any more is not kept for ever.
schema.index({ at: 1 }, { expireAfterSeconds: 90 * 24 * 3600 });

export const LinkCheckModel = model<LinkCheckRow>('LinkCheck', schema);
