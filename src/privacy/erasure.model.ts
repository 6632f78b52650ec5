import { model, Schema } from 'mongoose';

/** One lead that was, or is being, erased. It says nothing about the person. */
export interface ErasureRow {
  /** The lead. */
  _id: string;
  askedAt: Date;
  /** Missing until all of it is gone. */
  doneAt?: Date;
}

const schema = new Schema<ErasureRow>(
  { _id: { type: String, required: true }, askedAt: { type: Date, required: true }, doneAt: Date },
  { strict: 'throw', versionKey: false, collection: 'erasures' },
);

export const ErasureModel = model<ErasureRow>('Erasure', schema);
