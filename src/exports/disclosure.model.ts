import { model, Schema } from 'mongoose';
import { ownedBySponsor } from '../store/owned';
import type { Disclosure, Recipe } from './disclosure.types';

export type DisclosureRow = Omit<Disclosure, 'id'> & {
  _id: string;
  /** `<owner>/<campaign>/<profile>`: what the number counts in, and what *since last export* looks back on. */
  series?: string;
  recipe?: Recipe;
};

/** Which leads went out, some hundred a row, written before they do. */
export interface DisclosedLeadsRow {
  /** `<disclosure> <n>` */
  _id: string;
  disclosure: string;
  leads: string[];
  /** The revision of each, so that it can be given again as it was. */
  revisions?: number[];
  /** The status of each, where it is a column. */
  states?: string[];
}

const text = { type: String, required: true };
const mixed = Schema.Types.Mixed;
const options = { strict: 'throw', versionKey: false, minimize: false } as const;

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
    profile: mixed,
    range: mixed,
    number: Number,
    again: Number,
    destination: String,
    series: String,
    recipe: mixed,
  },
  { ...options, collection: 'disclosures' },
);
ownedBySponsor(disclosureSchema, 'sponsor');
disclosureSchema.index({ campaign: 1, sponsor: 1, at: -1 });
disclosureSchema.index({ campaign: 1, at: -1 });
disclosureSchema.index({ sponsor: 1, at: -1 });
// Of two exports at once each has a number of its own.
disclosureSchema.index({ series: 1, number: 1 }, { unique: true, sparse: true });

const leadsSchema = new Schema<DisclosedLeadsRow>(
  {
    _id: text,
    disclosure: text,
    leads: { type: [String], required: true },
    revisions: { type: [Number], default: undefined },
    states: { type: [String], default: undefined },
  },
  { ...options, collection: 'disclosedleads' },
);
leadsSchema.index({ leads: 1 });
leadsSchema.index({ disclosure: 1 });

export const DisclosureModel = model<DisclosureRow>('Disclosure', disclosureSchema);
export const DisclosedLeadsModel = model<DisclosedLeadsRow>('DisclosedLeads', leadsSchema);
