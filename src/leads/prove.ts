import { isDeepStrictEqual } from 'node:util';
import { LeadModel, type LeadRow, RequestModel, TestLeadModel } from './lead.model';
import type { ConsentEvidence, Lead, LeadRequest, Wanted } from './lead.types';
import { findLead, findRequest } from './read';
import { wordsOf } from './search';

/**
 * The reader's click on the mail's button proved the mailbox of this request. From now on a repeat's answers are what
 * sponsors see; consents add up, because an unticked box withdraws nothing (promise 3). A clean proved request lifts
 * the quarantine that a suspect one brought. Proving twice changes nothing.
 * @returns the lead as it is now, or null for an unknown request
 */
export async function prove(ref: string, at: Date): Promise<Lead | null> {
  for (;;) {
    const request = await findRequest(ref);
    if (!request) return null;
    const lead = await findLead(request.lead);
    if (!lead || request.provedAt) return lead;
    if (lead.test) return proveTest(lead, request, at);
    // Another proof or a decision of staff in between: look again, so that neither is lost.
    const { matchedCount } = await LeadModel.updateOne(
      { _id: lead.id, revision: lead.revision },
      proved(lead, request, at),
    );
    if (matchedCount === 0) continue;
    // The lead first: if we fall before the second write, the next click does both again, with the same result.
    if (ref !== lead.id) {
      const { $set = {}, ...owed } = heldCopy(request, at);
      await RequestModel.updateOne({ _id: ref }, { $set: { ...$set, provedAt: at }, ...owed });
    }
    return findLead(lead.id);
  }
}

/** Whether the copy of a request still waits for the button. */
export function isHeld({ confirmFirst, provedAt }: Pick<LeadRequest, 'confirmFirst' | 'provedAt'>): boolean {
  return confirmFirst === true && provedAt === undefined;
}

/** The button was pressed, so the copy that waited for it is owed. */
function heldCopy(request: LeadRequest, at: Date): { $set?: { wantedAt: Date }; $push?: { wanted: Wanted } } {
  return isHeld(request) ? { $set: { wantedAt: at }, $push: { wanted: 'deliver' } } : {};
}

/** Staff press the button, too: the page says what readers see, and nobody owes anything for it. */
async function proveTest({ id }: Lead, request: LeadRequest, at: Date): Promise<Lead | null> {
  const { $set = {}, ...owed } = heldCopy(request, at);
  await TestLeadModel.updateOne({ _id: id }, { $set: { ...$set, verifiedAt: at, 'first.provedAt': at }, ...owed });
  return findLead(id);
}

function proved(lead: Lead, request: LeadRequest, at: Date) {
  const clean = request.suspicions.length === 0;
  const owed: Wanted[] = request.ref === lead.id && isHeld(request) ? ['settle', 'deliver'] : ['settle'];
  const newer = clean && request.at >= lead.current.at;
  const { ref, answers, attribution, at: askedAt } = request;
  const consents = clean ? mergedConsents([...lead.current.consents, ...request.consents]) : lead.current.consents;
  const current: LeadRow['current'] = newer
    ? { ref, answers, consents, attribution, at: askedAt }
    : { ...lead.current, consents };
  return {
    $set: {
      current,
      wantedAt: at,
      ...(ref === lead.id && { 'first.provedAt': at }),
      ...(newer && { addressClass: request.addressClass, words: wordsOf(lead.id, request) }),
      ...(!lead.verifiedAt && { verifiedAt: at }),
      ...(clean && liftable(lead) && { status: 'active' as const }),
    },
    // What was decided was decided on other evidence; the ledger looks again. Pushed even when it is owed already: a
    // sweep that is about to pay for what it saw must not pay for this.
    $push: { wanted: { $each: owed }, ...former(lead, current) },
    $inc: { revision: 1 },
    $unset: { settledAt: '' },
  };
}

/** Sponsors may have taken what is now replaced; the same export again gives them the same. */
function former({ revision, current }: Lead, next: Lead['current']) {
  return isDeepStrictEqual(current, next) ? {} : { former: { revision, current } };
}

/** Somebody reads this mailbox after all, so neither suspicion nor a wrong address holds. Staff's no stays a no. */
function liftable({ status }: Lead): boolean {
  return status !== 'rejected';
}

/** For each box of each controller the newest yes there is, or else the newest no. */
function mergedConsents(evidence: ConsentEvidence[]): ConsentEvidence[] {
  const best = new Map<string, ConsentEvidence>();
  for (const one of evidence) {
    const box = `${one.key} ${one.sponsor ?? ''}`;
    const known = best.get(box);
    if (!known || outranks(one, known)) best.set(box, one);
  }
  return [...best.values()];
}

function outranks(one: ConsentEvidence, other: ConsentEvidence): boolean {
  // What was taken back stays so until the reader ticks the box anew.
  if (one.how === 'withdrawn' || other.how === 'withdrawn') return one.at >= other.at;
  return one.given === other.given ? one.at >= other.at : one.given;
}
