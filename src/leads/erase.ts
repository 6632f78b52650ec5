import { ErasedLeadModel, LeadModel, NoteModel, RequestModel, TestLeadModel } from './lead.model';

/**
 * Takes a lead with its requests and notes out of the store. What is left is that there was one: its campaign, status and
 * day, so that figures stay. The lead itself goes last: a process that is killed in the middle finds it again.
 * @param lead its id
 */
export async function erase(lead: string, at: Date): Promise<void> {
  const row = await LeadModel.findOne({ _id: lead }, { campaign: 1, status: 1, capturedAt: 1 }).lean();
  if (row) {
    const { campaign, status, capturedAt } = row;
    const left = { campaign, status, capturedAt, erasedAt: at };
    await ErasedLeadModel.updateOne({ _id: lead }, { $setOnInsert: left }, { upsert: true });
  }
  await NoteModel.deleteMany({ lead });
  await RequestModel.deleteMany({ lead });
  await LeadModel.deleteOne({ _id: lead });
  await TestLeadModel.deleteOne({ _id: lead });
}

/** Of these leads, those of which the room still has something. */
export async function tracesOf(leads: string[]): Promise<string[]> {
  const lists = await Promise.all([
    LeadModel.distinct('_id', { _id: { $in: leads } }),
    RequestModel.distinct('lead', { lead: { $in: leads } }),
    NoteModel.distinct('lead', { lead: { $in: leads } }),
  ]);
  return [...new Set(lists.flat())];
}
