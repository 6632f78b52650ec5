import { model, Schema } from 'mongoose';
import { ownedBySponsor } from '../store/owned';
import type { ConsentEvidence, Lead, LeadNote, LeadRequest, LeadStatus, Wanted } from './lead.types';

/** One filled-in form as it is kept: inside its lead when it was the first, else as a row of `requests`. */
export interface RequestRow extends Omit<LeadRequest, 'ref'> {
  _id: string;
  emailKey: string;
  /** What the back of the house owes; emptied by the sweep. */
  wanted: Wanted[];
  /** There while something is owed: the sweep's index. */
  wantedAt?: Date;
}

export interface LeadRow extends Omit<Lead, 'id'> {
  _id: string;
  emailKey: string;
  first: Omit<RequestRow, '_id' | 'lead' | 'emailKey' | 'wanted' | 'wantedAt'>;
  wanted: Wanted[];
  wantedAt?: Date;
  /** What it is found by: beginnings of the words of name, company, address and reference. */
  words?: string[];
  /** Consents that the reader took back, oldest first. */
  withdrawals?: ConsentEvidence[];
  /**
   * What sponsors saw up to and with a revision, oldest first: an export can be given again as it was. Null where the
   * lead was a mistyped address that its reader took back.
   */
  former?: { revision: number; current: Lead['current'] | null }[];
}

const text = { type: String, required: true };
const when = { type: Date, required: true };
const mixed = { type: Schema.Types.Mixed, required: true };
const options = { strict: 'throw', versionKey: false, minimize: false } as const;
/** The sweep's index holds what is owed and nothing else; partial and not sparse, because those give no order. */
const owedIndex = [
  { wantedAt: 1 },
  { name: 'owed', partialFilterExpression: { wantedAt: { $exists: true } } },
] as const;

/** Checked at the door by the campaign's form; here they are evidence, kept as they came. */
const requestFields = {
  campaign: text,
  at: when,
  formVersion: { type: Number, required: true },
  whitepaper: mixed,
  answers: mixed,
  consents: mixed,
  attribution: mixed,
  addressClass: text,
  suspicions: { type: [String], required: true },
  client: mixed,
  provedAt: Date,
  confirmFirst: Boolean,
  corrects: String,
  correctedAt: Date,
  test: Boolean,
};

const requestSchema = new Schema<RequestRow>(
  {
    ...requestFields,
    _id: text,
    lead: text,
    emailKey: text,
    wanted: { type: [String], required: true },
    wantedAt: Date,
  },
  { ...options, collection: 'requests' },
);
ownedBySponsor(requestSchema, 'nobody');
requestSchema.index({ lead: 1, at: 1 });
requestSchema.index(...owedIndex);

const leadFields = {
  _id: text,
  campaign: text,
  email: text,
  emailKey: text,
  status: text,
  current: mixed,
  addressClass: text,
  suspicions: { type: [String], required: true },
  capturedAt: when,
  verifiedAt: Date,
  undelivered: Schema.Types.Mixed,
  settledAt: Date,
  revision: { type: Number, required: true },
  first: { type: new Schema(requestFields, { _id: false, minimize: false, strict: 'throw' }), required: true },
  wanted: { type: [String], required: true },
  wantedAt: Date,
  words: { type: [String], default: undefined },
  former: { type: [Schema.Types.Mixed], default: undefined },
  withdrawals: { type: [Schema.Types.Mixed], default: undefined },
  test: Boolean,
};

const leadSchema = new Schema<LeadRow>(leadFields, { ...options, collection: 'leads' });
ownedBySponsor(leadSchema, 'consent');
// The judge of "the same address again": promise 4 rests on it.
leadSchema.index({ campaign: 1, emailKey: 1 }, { unique: true });
leadSchema.index({ campaign: 1, _id: 1 });
leadSchema.index({ campaign: 1, capturedAt: -1, _id: -1 });
leadSchema.index({ status: 1, capturedAt: -1, _id: -1 });
leadSchema.index({ campaign: 1, status: 1, settledAt: 1 });
// The lists of staff: all, by campaign and status, by words, by address.
leadSchema.index({ capturedAt: -1, _id: -1 });
leadSchema.index({ campaign: 1, status: 1, capturedAt: -1, _id: -1 });
leadSchema.index({ words: 1, capturedAt: -1, _id: -1 });
leadSchema.index({ emailKey: 1 });
leadSchema.index(...owedIndex);

/** Test leads stand apart: what doesn't know of them can't count, list, settle or export them. They go after their link. */
export type TestLeadRow = LeadRow & { expiresAt: Date };

const testLeadSchema = new Schema<TestLeadRow>(
  { ...leadFields, expiresAt: when },
  { ...options, collection: 'testleads' },
);
ownedBySponsor(testLeadSchema, 'nobody');
testLeadSchema.index(...owedIndex);
testLeadSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/** What is left of a lead that was erased: that there was one. */
interface ErasedLeadRow {
  _id: string;
  campaign: string;
  status: LeadStatus;
  capturedAt: Date;
  erasedAt: Date;
}

const erasedLeadSchema = new Schema<ErasedLeadRow>(
  { _id: text, campaign: text, status: text, capturedAt: when, erasedAt: when },
  { ...options, collection: 'erasedleads' },
);
erasedLeadSchema.index({ campaign: 1, status: 1 });
erasedLeadSchema.index({ status: 1 });
export const ErasedLeadModel = model<ErasedLeadRow>('ErasedLead', erasedLeadSchema);

const noteSchema = new Schema<Omit<LeadNote, 'id'> & { _id: string; lead: string }>(
  { _id: text, lead: text, by: text, text, at: when },
  { ...options, collection: 'leadnotes' },
);
ownedBySponsor(noteSchema, 'nobody');
noteSchema.index({ lead: 1, at: 1 });
export const NoteModel = model('LeadNote', noteSchema);

export const TestLeadModel = model<TestLeadRow>('TestLead', testLeadSchema);
export const LeadModel = model<LeadRow>('Lead', leadSchema);
export const RequestModel = model<RequestRow>('Request', requestSchema);

export function leadOf(row: LeadRow): Lead {
  const { _id, emailKey: _, first: __, wanted: ___, wantedAt: ____, former: _____, withdrawals: ______, ...more } = row;
  const { words: _______, ...lead } = more;
  return { id: _id, ...lead };
}

/** The lead with what sponsors saw of it at an earlier revision; null when that was taken back. */
export function leadAsOf(row: LeadRow, revision: number): Lead | null {
  const then = row.former?.find((one) => one.revision >= revision);
  if (!then) return leadOf(row);
  return then.current && { ...leadOf(row), current: then.current };
}

export function testLeadOf({ expiresAt: _, ...row }: TestLeadRow): Lead {
  return leadOf(row);
}

export function requestOf({ _id, emailKey: _, wanted: __, wantedAt: ___, ...request }: RequestRow): LeadRequest {
  return { ref: _id, ...request };
}

export function firstRequestOf({ _id, first }: LeadRow): LeadRequest {
  return { ref: _id, lead: _id, ...first };
}
