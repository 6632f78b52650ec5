import { model, Schema } from 'mongoose';
import { ownedBySponsor } from '../store/owned';
import type { Schedule } from './schedule.types';

export type ScheduleRow = Omit<Schedule, 'id'> & { _id: string };

const text = { type: String, required: true };

const schema = new Schema<ScheduleRow>(
  {
    _id: text,
    sponsor: String,
    campaign: text,
    profile: text,
    account: text,
    email: text,
    every: text,
    hour: { type: Number, required: true },
    timeZone: text,
    nextAt: Date,
    lastAt: Date,
    stopped: String,
    at: { type: Date, required: true },
  },
  { strict: 'throw', versionKey: false, collection: 'exportschedules' },
);
ownedBySponsor(schema, 'sponsor');
schema.index({ sponsor: 1 });
// Those that are due; a schedule that stopped has no next time.
schema.index({ nextAt: 1 }, { sparse: true });

export const ScheduleModel = model<ScheduleRow>('ExportSchedule', schema);
