import { model, Schema } from 'mongoose';
import { ownedBySponsor } from '../store/owned';
import type { Profile } from './profile.types';

export type ProfileRow = Omit<Profile, 'id'> & { _id: string };

const text = { type: String, required: true };

const schema = new Schema<ProfileRow>(
  {
    _id: text,
    sponsor: String,
    name: text,
    consent: String,
    format: text,
    columns: { type: Schema.Types.Mixed },
    answers: text,
    dates: text,
    timeZone: text,
    // A delimiter may be nothing but a tab, which `required` takes for nothing.
    between: String,
    delimiter: String,
    bom: { type: Boolean, required: true },
    quotes: text,
    by: text,
    at: { type: Date, required: true },
  },
  { strict: 'throw', versionKey: false, minimize: false, collection: 'exportprofiles' },
);
ownedBySponsor(schema, 'sponsor');
schema.index({ sponsor: 1 });

export const ProfileModel = model<ProfileRow>('ExportProfile', schema);
