import { isDuplicateKey } from '../store/duplicate';
import { emailKey, newReference } from './identity';
import { LeadModel, type LeadRow, RequestModel, TestLeadModel } from './lead.model';
import type { Lead, LeadRequest, Wanted } from './lead.types';
import { wordsOf } from './search';

/** What the front of the house knows when a form was filled in rightly. */
export type Capture = Omit<LeadRequest, 'ref' | 'lead' | 'provedAt' | 'correctedAt'>;

const OWED: Wanted[] = ['deliver', 'settle'];
/** As long as a reader's link. */
const TEST_DAYS = 30;

/**
 * Keeps a request in one write: a new lead with the request inside, or, when the campaign has that address already, a
 * repeat. Insert first; the unique index is the judge. Once this returns it is on disk, with what is owed for it.
 */
export async function capture(input: Capture): Promise<LeadRequest> {
  const ref = newReference();
  if (input.test) return captureTest(ref, input);
  try {
    await insertLead(ref, input);
    return { ref, lead: ref, ...input };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  // The lead that was in the way may have gone meanwhile: then a second try is a first one.
  return (await insertRepeat(ref, input)) ?? capture(input);
}

async function insertLead(ref: string, input: Capture): Promise<void> {
  // The hot path: the form's schema has judged every value, so the row goes to the store as it is.
  await LeadModel.db.collection<LeadRow>('leads').insertOne(rowOf(ref, input), { ignoreUndefined: true });
}

/** Each test is a lead of its own, owes its delivery and nothing else, and is forgotten when its links are. */
async function captureTest(ref: string, input: Capture): Promise<LeadRequest> {
  const expiresAt = new Date(input.at.getTime() + TEST_DAYS * 86_400_000);
  await TestLeadModel.create({ ...rowOf(ref, input), test: true, wanted: ['deliver'], expiresAt });
  return { ref, lead: ref, ...input };
}

function rowOf(ref: string, input: Capture): LeadRow {
  const { campaign, answers, addressClass, suspicions, at } = input;
  return {
    _id: ref,
    campaign,
    email: answers.email,
    emailKey: emailKey(answers.email),
    status: suspicions.length > 0 ? 'quarantined' : 'active',
    current: currentOf(ref, input),
    addressClass,
    suspicions,
    capturedAt: at,
    revision: 0,
    first: input,
    words: wordsOf(ref, input),
    wanted: OWED,
    wantedAt: at,
  };
}

const currentOf = (ref: string, { answers, consents, attribution, at }: Capture): Lead['current'] => ({
  ref,
  answers,
  consents,
  attribution,
  at,
});

async function insertRepeat(ref: string, input: Capture): Promise<LeadRequest | null> {
  const key = emailKey(input.answers.email);
  const lead = await LeadModel.findOne(
    { campaign: input.campaign, emailKey: key },
    { _id: 1, status: 1, revision: 1 },
  ).lean();
  if (!lead) return null;
  await RequestModel.create({ ...input, _id: ref, lead: lead._id, emailKey: key, wanted: OWED, wantedAt: input.at });
  if (lead.status === 'superseded' && input.suspicions.length === 0) await revive(lead, ref, input);
  return { ref, lead: lead._id, ...input };
}

/**
 * The lead had a mistyped address that its own reader took back, so this form is the first that stands: whoever owns
 * the address is not kept from sponsors by somebody else's slip.
 */
async function revive(
  { _id, revision }: { _id: string; revision: number },
  ref: string,
  input: Capture,
): Promise<void> {
  const { addressClass, at } = input;
  await LeadModel.updateOne(
    { _id, status: 'superseded' },
    {
      $set: {
        status: 'active',
        current: currentOf(ref, input),
        addressClass,
        capturedAt: at,
        wantedAt: at,
        words: wordsOf(_id, input),
      },
      $push: { wanted: 'settle', former: { revision, current: null } },
      $inc: { revision: 1 },
      $unset: { settledAt: '' },
    },
  );
}

/** What a request owes, and to whom. */
export interface Owed {
  ref: string;
  lead: string;
  campaign: string;
  email: string;
  wanted: Wanted[];
}

/** What is owed, longest first, for the sweep: owed → jobs → paid, so that a crash repeats and never forgets. */
export async function owed(limit: number): Promise<Owed[]> {
  const due = { wantedAt: { $gt: new Date(0) } };
  const fields = { wanted: 1, wantedAt: 1, campaign: 1 } as const;
  const [leads, tests, requests] = await Promise.all([
    LeadModel.find(due, { ...fields, email: 1 })
      .sort({ wantedAt: 1 })
      .limit(limit)
      .lean(),
    TestLeadModel.find(due, { ...fields, email: 1 })
      .sort({ wantedAt: 1 })
      .limit(limit)
      .lean(),
    RequestModel.find(due, { ...fields, lead: 1, answers: 1 })
      .sort({ wantedAt: 1 })
      .limit(limit)
      .lean(),
  ]);
  const firsts = [...leads, ...tests].map((row) => ({ ...row, lead: row._id }));
  const repeats = requests.map(({ answers, ...row }) => ({ ...row, email: answers.email }));
  return [...firsts, ...repeats]
    .sort((a, b) => (a.wantedAt?.getTime() ?? 0) - (b.wantedAt?.getTime() ?? 0))
    .slice(0, limit)
    .map(({ _id, lead, campaign, email, wanted }) => ({ ref: _id, lead, campaign, email, wanted }));
}

/** Everything that was owed for this request has become a job. */
export async function paid(ref: string, wanted: Wanted[]): Promise<void> {
  // Only what was seen: a proof that came in meanwhile owes a new settling.
  const seen = { _id: ref, wanted };
  const clear = { $set: { wanted: [] }, $unset: { wantedAt: '' } } as const;
  if (await isCleared(LeadModel.updateOne(seen, clear))) return;
  if (await isCleared(RequestModel.updateOne(seen, clear))) return;
  await TestLeadModel.updateOne(seen, clear);
}

async function isCleared(update: PromiseLike<{ matchedCount: number }>): Promise<boolean> {
  return (await update).matchedCount > 0;
}
