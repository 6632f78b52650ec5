import { GatefoldError } from '../errors';
import { emailKey, newReference } from './identity';
import { LeadModel, RequestModel, type RequestRow } from './lead.model';
import type { LeadRequest, Wanted } from './lead.types';

/** What the front of the house knows when a form was filled in rightly. */
export type Capture = Omit<LeadRequest, 'ref' | 'lead' | 'provedAt' | 'correctedAt'>;

const OWED: Wanted[] = ['deliver', 'settle'];
const DUPLICATE_KEY = 11_000;

/**
 * Keeps a request in one write: a new lead with the request inside, or, when the campaign has that address already, a
 * repeat. Insert first; the unique index is the judge. Once this returns it is on disk, with what is owed for it.
 */
export async function capture(input: Capture): Promise<LeadRequest> {
  const ref = newReference();
  try {
    await insertLead(ref, input);
    return { ref, lead: ref, ...input };
  } catch (error) {
    if ((error as { code?: number }).code !== DUPLICATE_KEY) throw error;
    return insertRepeat(ref, input);
  }
}

async function insertLead(ref: string, input: Capture): Promise<void> {
  const { campaign, answers, consents, attribution, at, addressClass, suspicions } = input;
  await LeadModel.create({
    _id: ref,
    campaign,
    email: answers.email,
    emailKey: emailKey(answers.email),
    status: suspicions.length > 0 ? 'quarantined' : 'active',
    current: { ref, answers, consents, attribution, at },
    addressClass,
    suspicions,
    capturedAt: at,
    first: input,
    wanted: OWED,
    wantedAt: at,
  });
}

async function insertRepeat(ref: string, input: Capture): Promise<LeadRequest> {
  const key = emailKey(input.answers.email);
  const lead = await LeadModel.findOne({ campaign: input.campaign, emailKey: key }, { _id: 1 }).lean();
  if (!lead) {
    // The lead went between the two steps, or the reference itself was taken: either way a second try is a first one.
    throw new GatefoldError('conflict', 'capture-raced', 'the lead changed while it was captured; try again');
  }
  await RequestModel.create({ ...input, _id: ref, lead: lead._id, emailKey: key, wanted: OWED, wantedAt: input.at });
  return { ref, lead: lead._id, ...input };
}

/** What is owed, longest first, for the sweep: owed → jobs → paid, so that a crash repeats and never forgets. */
export async function owed(limit: number): Promise<{ ref: string; lead: string; wanted: Wanted[] }[]> {
  const due = { wantedAt: { $exists: true } };
  const fields = { wanted: 1, wantedAt: 1 } as const;
  const [leads, requests] = await Promise.all([
    LeadModel.find(due, fields).sort({ wantedAt: 1 }).limit(limit).lean(),
    RequestModel.find(due, { ...fields, lead: 1 })
      .sort({ wantedAt: 1 })
      .limit(limit)
      .lean(),
  ]);
  return [
    ...leads.map(({ _id, wanted }) => ({ ref: _id, lead: _id, wanted })),
    ...requests.map(({ _id, lead, wanted }: Pick<RequestRow, '_id' | 'lead' | 'wanted'>) => ({
      ref: _id,
      lead,
      wanted,
    })),
  ];
}

/** Everything that was owed for this request has become a job. */
export async function paid(ref: string, wanted: Wanted[]): Promise<void> {
  // Only what was seen: a proof that came in meanwhile owes a new settling.
  const seen = { _id: ref, wanted };
  const clear = { $set: { wanted: [] }, $unset: { wantedAt: '' } } as const;
  const { matchedCount } = await LeadModel.updateOne(seen, clear);
  if (matchedCount === 0) await RequestModel.updateOne(seen, clear);
}
