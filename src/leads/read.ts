import { firstRequestOf, LeadModel, leadOf, RequestModel, requestOf, TestLeadModel, testLeadOf } from './lead.model';
import type { Lead, LeadRequest, LeadStatus } from './lead.types';

export interface LeadFilter {
  campaign?: string;
  status?: LeadStatus;
}

/** Where a page of a list ended. */
export interface Cursor {
  capturedAt: Date;
  id: string;
}

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
  const { after } = page;
  const older = after && {
    $or: [{ capturedAt: { $lt: after.capturedAt } }, { capturedAt: after.capturedAt, _id: { $lt: after.id } }],
  };
  const rows = await LeadModel.find({ ...filter, ...older })
    .sort({ capturedAt: -1, _id: -1 })
    .limit(page.limit)
    .lean();
  return rows.map(leadOf);
}

export async function countLeads(filter: LeadFilter): Promise<number> {
  return LeadModel.countDocuments({ ...filter });
}

/** Every lead of a campaign by id, read as the consumer takes them. */
export async function* eachLead(campaign: string): AsyncGenerator<Lead> {
  for await (const row of LeadModel.find({ campaign }).sort({ _id: 1 }).lean().cursor({ batchSize: 500 })) {
    yield leadOf(row);
  }
}

/** Active leads of a campaign that the ledger has not decided on. */
export async function unsettled(campaign: string, limit: number): Promise<string[]> {
  const rows = await LeadModel.find({ campaign, status: 'active', settledAt: null }, { _id: 1 }).limit(limit).lean();
  return rows.map(({ _id }) => _id);
}
