import type { Filter } from 'mongodb';
import { narrowed } from '../store/owned';
import type { LeadRow } from './lead.model';
import {
  firstRequestOf,
  LeadModel,
  leadAsOf,
  leadOf,
  RequestModel,
  requestOf,
  TestLeadModel,
  testLeadOf,
} from './lead.model';
import type { Lead, LeadRequest } from './lead.types';
import { type Cursor, type LeadFilter, queryOf } from './search';

export async function findRequest(ref: string): Promise<LeadRequest | null> {
  const lead = await LeadModel.findOne({ _id: ref }).lean();
  if (lead) return firstRequestOf(lead);
  const request = await RequestModel.findOne({ _id: ref }).lean();
  if (request) return requestOf(request);
  const test = await TestLeadModel.findOne({ _id: ref }).lean();
  return test && firstRequestOf(test);
}

/** A lead by its id; a test lead, too, which says so. */
export async function findLead(id: string): Promise<Lead | null> {
  const lead = await LeadModel.findOne({ _id: id }).lean();
  if (lead) return leadOf(lead);
  const test = await TestLeadModel.findOne({ _id: id }).lean();
  return test && testLeadOf(test);
}

export async function leadsById(ids: string[]): Promise<Lead[]> {
  return (await LeadModel.find({ _id: { $in: ids } }).lean()).map(leadOf);
}

/** Every request of a lead, the first first. */
export async function requestsOf(lead: string): Promise<LeadRequest[]> {
  const [first, repeats] = await Promise.all([
    LeadModel.findOne({ _id: lead }).lean(),
    RequestModel.find({ lead }).sort({ at: 1 }).lean(),
  ]);
  if (first) return [firstRequestOf(first), ...repeats.map(requestOf)];
  const test = await TestLeadModel.findOne({ _id: lead }).lean();
  return test ? [firstRequestOf(test)] : [];
}

/** A page of leads, newest first, after `after`. */
export async function listLeads(filter: LeadFilter, page: { after?: Cursor; limit: number }): Promise<Lead[]> {
  const rows = await LeadModel.find(await queryOf(filter, page.after))
    .sort({ capturedAt: -1, _id: -1 })
    .limit(page.limit)
    .lean();
  return rows.map(leadOf);
}

/** How many active leads of a campaign came in since then. */
export async function countSince(campaign: string, since: Date): Promise<number> {
  return LeadModel.countDocuments({ campaign, status: 'active', capturedAt: { $gte: since } });
}

/** Leads as they were at a revision, in any order; one that is gone, or is somebody else's by now, is missing. */
export async function leadsAsOf(wanted: { id: string; revision: number }[]): Promise<Lead[]> {
  const revisions = new Map(wanted.map(({ id, revision }) => [id, revision]));
  const rows = await LeadModel.find({ _id: { $in: [...revisions.keys()] } }).lean();
  return rows.map((row) => leadAsOf(row, revisions.get(row._id) ?? row.revision)).filter((lead) => lead !== null);
}

/** What exports never look at, and what is half of a row: it stays in the store. */
const WITHOUT = {
  first: 0,
  former: 0,
  withdrawals: 0,
  emailKey: 0,
  suspicions: 0,
  wanted: 0,
  wantedAt: 0,
  words: 0,
} as const;
/** What `WITHOUT` leaves of a row. */
type SlimRow = Omit<LeadRow, keyof typeof WITHOUT>;

/** Past mongoose, and not past whose they are. */
const own = (filter: Filter<SlimRow>): Filter<SlimRow> => narrowed(LeadModel.schema, filter);

const slimLeadOf = ({ _id, ...lead }: SlimRow): Lead => ({ id: _id, suspicions: [], ...lead });

/**
 * Every lead of a campaign by id, some hundred at a time, read as the consumer takes them; without its suspicions, which
 * nobody outside is told. Past mongoose, which would look into each of a million rows (measured: npm run bench).
 */
export function leadBatches(campaign: string, size: number): AsyncGenerator<Lead[]> {
  return batches({ campaign }, { _id: 1 }, size);
}

/** Active leads of a campaign that came in since then, oldest first, read in the same way. */
export function leadsSince(campaign: string, since: Date, size: number): AsyncGenerator<Lead[]> {
  return batches({ campaign, status: 'active', capturedAt: { $gte: since } }, { capturedAt: 1, _id: 1 }, size);
}

async function* batches(filter: Filter<SlimRow>, order: Record<string, 1>, size: number): AsyncGenerator<Lead[]> {
  const rows = LeadModel.db.collection<SlimRow>('leads').find(own(filter), { projection: WITHOUT, batchSize: size });
  let batch: Lead[] = [];
  for await (const row of rows.sort(order)) {
    batch.push(slimLeadOf(row));
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** A sweep over a stretch of ids pays while one row in three is wanted. */
const WORTH = 3;

/**
 * Leads of a campaign with these ids, which are sorted, in their order. With `dense` they are read in one sweep from the
 * first id to the last, unless too much lies between that nobody wants.
 * @returns the leads, and whether a sweep is worth trying for the next ids
 */
export async function leadsAmong(
  campaign: string,
  ids: string[],
  dense: boolean,
): Promise<{ leads: Lead[]; dense: boolean }> {
  const wanted = new Set(ids);
  const most = ids.length * WORTH;
  if (dense) {
    const stretch = { $gte: ids[0] ?? '', $lte: ids.at(-1) ?? '' };
    const rows = await slimRows({ campaign, _id: stretch }, most + 1);
    if (rows.length <= most) return { leads: rows.filter(({ _id }) => wanted.has(_id)).map(slimLeadOf), dense };
  }
  return { leads: (await slimRows({ campaign, _id: { $in: ids } }, ids.length)).map(slimLeadOf), dense: false };
}

function slimRows(filter: Filter<SlimRow>, most: number): Promise<SlimRow[]> {
  return LeadModel.db
    .collection<SlimRow>('leads')
    .find(own(filter), { projection: WITHOUT, batchSize: most + 1 })
    .sort({ _id: 1 })
    .limit(most)
    .toArray() as Promise<SlimRow[]>;
}

/** Active leads of a campaign that the ledger has not decided on. */
export async function unsettled(campaign: string, limit: number): Promise<string[]> {
  const rows = await LeadModel.find({ campaign, status: 'active', settledAt: null }, { _id: 1 }).limit(limit).lean();
  return rows.map(({ _id }) => _id);
}
