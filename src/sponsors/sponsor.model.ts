import { model, Schema } from 'mongoose';
import { ownedBySponsor } from '../store/owned';
import type { Contract, Sponsor } from './sponsor.types';

const text = { type: String, required: true };
/** Judged by the form of a contract before they come here. */
const mixed = { type: Schema.Types.Mixed };
const options = { strict: 'throw', versionKey: false, minimize: false } as const;

export type SponsorRow = Omit<Sponsor, 'slug'> & { _id: string };
export type ContractRow = Omit<Contract, 'id'> & { _id: string };

const sponsorSchema = new Schema<SponsorRow>(
  { _id: text, name: text, privacyUrl: String, logo: mixed },
  { ...options, collection: 'sponsors' },
);
ownedBySponsor(sponsorSchema, '_id');

export const SponsorModel = model<SponsorRow>('Sponsor', sponsorSchema);

const contractSchema = new Schema<ContractRow>(
  {
    _id: text,
    campaign: text,
    sponsor: text,
    changedAt: Date,
    cap: { type: Number, default: null },
    price: mixed,
    from: Date,
    to: Date,
    pacing: mixed,
    perCompanyDomain: Number,
    filters: { ...mixed, required: true },
    businessOnly: Boolean,
    provedOnly: Boolean,
    domains: mixed,
    duplicates: mixed,
    returns: mixed,
    overflow: text,
  },
  { ...options, collection: 'contracts' },
);
ownedBySponsor(contractSchema, 'sponsor');
contractSchema.index({ campaign: 1 });
contractSchema.index({ sponsor: 1 });

export const ContractModel = model<ContractRow>('Contract', contractSchema);
