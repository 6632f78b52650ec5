import { model, Schema } from 'mongoose';
import type { Disclosure } from './disclosure.types';

export type DisclosureRow = Omit<Disclosure, 'id'> & { _id: string };

/** Which leads went out, at most a thousand a row, written before they do. */
export interface DisclosedLeadsRow {
  /** `<disclosure> <n>` */
  _id: string;
  disclosure: string;
  leads: string[];
}

const text = { type: String, required: true };
const options = { strict: 'throw', versionKey: false } as const;

const disclosureSchema = new Schema<DisclosureRow>(
  {
    _id: text,
    campaign: text,
    sponsor: String,
    actor: text,
    at: { type: Date, required: true },
    format: text,
    columns: { type: [String], required: true },
    state: text,
    rows: { type: Number, required: true },
    sha256: String,
  },
  { ...options, collection: 'disclosures' },
);
disclosureSchema.index({ campaign: 1, sponsor: 1, at: -1 });
disclosureSchema.index({ sponsor: 1, at: -1 });

const leadsSchema = new Schema<DisclosedLeadsRow>(
  { _id: text, disclosure: text, leads: { type: [String], required: true } },
  { ...options, collection: 'disclosedleads' },
);
leadsSchema.index({ leads: 1 });
leadsSchema.index({ disclosure: 1 });

export const DisclosureModel = model<DisclosureRow>('Disclosure', disclosureSchema);
export const DisclosedLeadsModel = model<DisclosedLeadsRow>('DisclosedLeads', leadsSchema);
