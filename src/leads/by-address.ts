import { emailKey } from './identity';
import { LeadModel, RequestModel } from './lead.model';
import type { LeadRequest } from './lead.types';
import { findRequest } from './read';

/** Of what an address asked for lately, this many papers. */
const PAPERS = 5;

/**
 * The newest request that stands of each paper that an address asked for, newest first, at most five. One whose address
 * was corrected, or came back for good, is nobody's any more.
 * @param campaigns where to look
 */
export async function requestsOfAddress(email: string, campaigns: string[]): Promise<LeadRequest[]> {
  const mine = { campaign: { $in: campaigns }, emailKey: emailKey(email) };
  const leads = await LeadModel.find(mine, { status: 1, 'first.correctedAt': 1, 'first.at': 1 }).lean();
  const standing = leads.filter(({ status }) => status !== 'superseded' && status !== 'undeliverable');
  const newest = await Promise.all(
    standing.map(async ({ _id }) => {
      const [repeat] = await RequestModel.find({ lead: _id, correctedAt: null }, { _id: 1 })
        .sort({ at: -1 })
        .limit(1)
        .lean();
      return findRequest(repeat?._id ?? _id);
    }),
  );
  return newest
    .filter((request) => request !== null && !request.correctedAt)
    .map((request) => request as LeadRequest)
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, PAPERS);
}
