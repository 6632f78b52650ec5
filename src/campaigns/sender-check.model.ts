import { model, Schema } from 'mongoose';

/** What the sender's domain said when it was last asked; one installation has one sender. */
export interface SenderCheckRow {
  _id: 'sender';
  /** The publisher's address at that time: of another one this says nothing. */
  mailFrom: string;
  /** What keeps mail from arriving, in words. */
  troubles: string[];
  at: Date;
}

const schema = new Schema<SenderCheckRow>(
  {
    _id: String,
    mailFrom: { type: String, required: true },
    troubles: { type: [String], required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false },
);

export const SenderCheckModel = model<SenderCheckRow>('SenderCheck', schema);
