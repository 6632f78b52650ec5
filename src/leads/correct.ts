import { GatefoldError } from '../errors';
import { capture } from './capture';
import { LeadModel, RequestModel, TestLeadModel } from './lead.model';
import type { AddressClass, LeadRequest } from './lead.types';
import { findRequest } from './read';

const HOURS = 24;
const CHAIN = 3;

/**
 * The reader mistyped their address and puts it right from the page that followed: a new request with the same answers
 * and the new address, which makes a lead of its own or a repeat of another. The lead of the mistyped address, if no
 * other request stands for it, is superseded, so that no sponsor gets the reader twice.
 * Staff may put it right at any time: they were told by the reader.
 * @throws GatefoldError `correction-late` once it was corrected, and for readers after 24 hours or three corrections in a row
 */
export async function correct(
  ref: string,
  email: string,
  addressClass: AddressClass,
  at: Date,
  who: 'reader' | 'staff' = 'reader',
): Promise<LeadRequest> {
  const wrong = await findRequest(ref);
  if (!wrong) throw new GatefoldError('not-found', 'unknown-request', `no request ${ref}`);
  await claimCorrection(wrong, who, at);
  const { ref: _, lead, provedAt: __, correctedAt: ___, ...same } = wrong;
  const right = await capture({ ...same, at, addressClass, answers: { ...same.answers, email }, corrects: ref });
  if (right.lead !== lead && !wrong.test) await supersede(lead, at);
  return right;
}

async function claimCorrection(wrong: LeadRequest, who: 'reader' | 'staff', at: Date): Promise<void> {
  const late = at.getTime() - wrong.at.getTime() > HOURS * 3_600_000;
  const refused = who === 'reader' && (late || (await chainLength(wrong)) >= CHAIN);
  if (refused || !(await markCorrected(wrong, at))) {
    throw new GatefoldError('conflict', 'correction-late', {
      log: `request ${wrong.ref} can't be corrected any more`,
      reader: 'The address of this request can no longer be changed.',
      wayOut: 'Fill in the form once more with the right address.',
    });
  }
}

/** Of two corrections at once one wins. */
async function markCorrected({ ref, lead, test }: LeadRequest, at: Date): Promise<boolean> {
  const change = { $set: { 'first.correctedAt': at } };
  if (test) {
    const { matchedCount } = await TestLeadModel.updateOne({ _id: ref, 'first.correctedAt': null }, change);
    return matchedCount === 1;
  }
  const { matchedCount } =
    ref === lead
      ? await LeadModel.updateOne({ _id: ref, 'first.correctedAt': null }, change)
      : await RequestModel.updateOne({ _id: ref, correctedAt: null }, { $set: { correctedAt: at } });
  return matchedCount === 1;
}

async function chainLength(request: LeadRequest): Promise<number> {
  let length = 0;
  for (let one: LeadRequest | null = request; one?.corrects && length < CHAIN; length += 1) {
    one = await findRequest(one.corrects);
  }
  return length;
}

/** Only a lead of which no request stands: each was corrected, and nobody has proved the mailbox. */
async function supersede(lead: string, at: Date): Promise<void> {
  if (await RequestModel.exists({ lead, correctedAt: null })) return;
  await LeadModel.updateOne(
    {
      _id: lead,
      status: { $in: ['active', 'quarantined', 'undeliverable'] },
      verifiedAt: null,
      'first.correctedAt': { $exists: true },
    },
    // The ledger gives back what was settled meanwhile.
    {
      $set: { status: 'superseded', wantedAt: at },
      $push: { wanted: 'settle' },
      $inc: { revision: 1 },
      $unset: { settledAt: '' },
    },
  );
}
