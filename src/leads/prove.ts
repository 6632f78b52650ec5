import { LeadModel, type LeadRow, RequestModel } from './lead.model';
import type { ConsentEvidence, Lead, LeadRequest } from './lead.types';
import { findLead, findRequest } from './read';

/**
 * The reader's click on the mail's button proved the mailbox of this request. From now on a repeat's answers are what
 * sponsors see; consents add up, because an unticked box withdraws nothing (promise 3). A clean proved request lifts
 * the quarantine that a suspect one brought. Proving twice changes nothing.
 * @returns the lead as it is now, or null for an unknown request
 */
export async function prove(ref: string, at: Date): Promise<Lead | null> {
  const request = await findRequest(ref);
  if (!request) return null;
  const lead = await findLead(request.lead);
  if (!lead || request.provedAt) return lead;
  // The lead first: if we fall between the two writes, the next click does both again, with the same result.
  await LeadModel.updateOne({ _id: lead.id }, proved(lead, request, at));
  await markProved(ref, request, at);
  return findLead(request.lead);
}

function proved(lead: Lead, request: LeadRequest, at: Date) {
  const clean = request.suspicions.length === 0;
  const newer = clean && request.at >= lead.current.at;
  const { ref, answers, attribution, at: askedAt } = request;
  const consents = mergedConsents(lead.current.consents, request.consents);
  const current: LeadRow['current'] = newer
    ? { ref, answers, consents, attribution, at: askedAt }
    : { ...lead.current, consents: clean ? consents : lead.current.consents };
  return {
    $set: {
      current,
      wantedAt: at,
      ...(newer && { addressClass: request.addressClass }),
      ...(!lead.verifiedAt && { verifiedAt: at }),
      ...(clean && liftable(lead) && { status: 'active' as const }),
    },
    // What was decided was decided on other evidence; the ledger looks again.
    $addToSet: { wanted: 'settle' as const },
    $unset: { settledAt: '' },
  };
}

/** Somebody reads this mailbox after all, so neither suspicion nor a mistyped address holds. Staff's no stays a no. */
function liftable({ status }: Lead): boolean {
  return status === 'quarantined' || status === 'superseded';
}

async function markProved(ref: string, request: LeadRequest, at: Date): Promise<void> {
  if (ref === request.lead) await LeadModel.updateOne({ _id: ref }, { $set: { 'first.provedAt': at } });
  else await RequestModel.updateOne({ _id: ref }, { $set: { provedAt: at } });
}

/** For each consent the newest yes there is, or else the newest no. */
function mergedConsents(before: ConsentEvidence[], now: ConsentEvidence[]): ConsentEvidence[] {
  const kept = before.filter(({ key, given }) => !now.some((other) => other.key === key && (other.given || !given)));
  const added = now.filter(({ key, given }) => given || !before.some((other) => other.key === key && other.given));
  return [...kept, ...added];
}
