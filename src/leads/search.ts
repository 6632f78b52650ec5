import { beginsWith, searchable } from '../words';
import { emailKey } from './identity';
import { ErasedLeadModel, LeadModel, type LeadRow, RequestModel } from './lead.model';
import type { Lead, LeadStatus } from './lead.types';

export interface LeadFilter {
  campaign?: string;
  status?: LeadStatus;
  /** Beginnings of words of name, company and address; a whole or begun e-mail address; a reference or its beginning. */
  search?: string;
  from?: Date;
  /** Exclusive. */
  to?: Date;
}

/** Where a page of a list ended. */
export interface Cursor {
  capturedAt: Date;
  id: string;
}

/** The beginning of a reference that is longer than its first group, which is a word of its lead. */
const REFERENCE_BEGUN = /^[0-9A-Z]{4}-[0-9A-Z-]{0,9}$/;
/** Behind every character of an address. */
const LAST = '\u{10ffff}';
const SAME_BEGINNING = 50;
const FILLED_AT_ONCE = 200;

/** What a lead is found by. A personal mailbox's domain is everybody's, so it finds nobody. */
export function wordsOf(ref: string, { answers, addressClass }: Pick<LeadRow['first'], 'answers' | 'addressClass'>) {
  const { firstName, lastName, company, email } = answers;
  return searchable([ref, firstName, lastName, company, addressClass === 'personal' ? email.split('@')[0] : email]);
}

/** The question to the store; each is answered from an index, from the cursor on. */
export async function queryOf({ search, from, to, ...exactly }: LeadFilter, after?: Cursor): Promise<object> {
  // The range beside the alternative begins the read at the cursor instead of at the newest lead; of two upper ends an
  // index takes one, so only the nearer is asked for.
  const begun = after && (!to || after.capturedAt < to);
  const upTo = begun ? { $lte: after.capturedAt } : to && { $lt: to };
  const at = { ...(from && { $gte: from }), ...upTo };
  return {
    ...exactly,
    ...(search && (await foundBy(search))),
    ...(Object.keys(at).length > 0 && { capturedAt: at }),
    ...(after && {
      $or: [{ capturedAt: { $lt: after.capturedAt } }, { capturedAt: after.capturedAt, _id: { $lt: after.id } }],
    }),
  };
}

async function foundBy(search: string): Promise<object> {
  const typed = search.trim();
  const ref = typed.toUpperCase();
  if (REFERENCE_BEGUN.test(ref)) return { _id: { $in: await leadsByReference(ref) } };
  if (!typed.includes('@')) return beginsWith(typed) ?? {};
  const begun = emailKey(typed);
  return { emailKey: { $gte: begun, $lt: `${begun}${LAST}` } };
}

/** Each request has a reference of its own, and it may be a repeat's that somebody reads out. */
async function leadsByReference(begun: string): Promise<string[]> {
  const _id = { $gte: begun, $lt: `${begun}${LAST}` };
  const [leads, requests] = await Promise.all([
    LeadModel.find({ _id }, { _id: 1 }).limit(SAME_BEGINNING).lean(),
    RequestModel.find({ _id }, { lead: 1 }).limit(SAME_BEGINNING).lean(),
  ]);
  return [...new Set([...leads.map((row) => row._id), ...requests.map(({ lead }) => lead)])];
}

/** How many leads there are and were: one that was erased still counts. */
export async function countLeads(filter: Pick<LeadFilter, 'campaign' | 'status'>): Promise<number> {
  const counts = [LeadModel.countDocuments({ ...filter }), ErasedLeadModel.countDocuments({ ...filter })];
  return (await Promise.all(counts)).reduce((a, b) => a + b, 0);
}

/** How many leads a filter finds; more than `most` are not counted, so that it takes as long among a million. */
export async function countFound(filter: LeadFilter, most: number): Promise<number> {
  return LeadModel.countDocuments(await queryOf(filter), { limit: most });
}

/** Every lead of an address, in any campaign. */
export async function leadsOfAddress(email: string): Promise<Lead['id'][]> {
  return (await LeadModel.find({ emailKey: emailKey(email) }, { _id: 1 }).lean()).map(({ _id }) => _id);
}

/** Leads of a former version, which kept no words, are found from now on. Safe to run at every start, and to be stopped. */
export async function makeSearchable(): Promise<void> {
  for (;;) {
    const rows = await LeadModel.find({ words: null }).limit(FILLED_AT_ONCE).lean();
    if (rows.length === 0) return;
    for (const { _id, revision, current, addressClass } of rows) {
      const words = wordsOf(_id, { answers: current.answers, addressClass });
      await LeadModel.updateOne({ _id, revision, words: null }, { $set: { words } });
    }
  }
}
