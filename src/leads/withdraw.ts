import { LeadModel } from './lead.model';
import type { ConsentEvidence, Lead } from './lead.types';
import { findLead } from './read';

/**
 * The reader takes a consent back (GDPR Art. 7(3)). The yes stays as evidence with its request; the withdrawal is added to
 * it, and what sponsors see says no from now on. The ledger looks again. Withdrawing twice changes nothing.
 * @param key of the consent
 * @param where the page or message through which it was taken back
 * @returns false for an unknown lead, or when there is no such consent to take back
 */
export async function withdraw(id: string, key: string, where: string, at: Date): Promise<boolean> {
  for (;;) {
    const lead = await findLead(id);
    const given = lead?.current.consents.filter((consent) => consent.key === key && consent.given) ?? [];
    if (!lead || lead.test || given.length === 0) return false;
    const withdrawals = given.map(
      (consent): ConsentEvidence => ({ ...consent, given: false, how: 'withdrawn', page: where, at }),
    );
    const { matchedCount } = await LeadModel.updateOne(
      { _id: id, revision: lead.revision },
      withdrawn(lead, withdrawals, at),
    );
    // A proof or a decision of staff in between: look again, so that neither is lost.
    if (matchedCount === 1) return true;
  }
}

function withdrawn({ revision, current }: Lead, withdrawals: ConsentEvidence[], at: Date) {
  const replaced = (consent: ConsentEvidence) =>
    withdrawals.find(({ key, sponsor }) => key === consent.key && sponsor === consent.sponsor) ?? consent;
  return {
    $set: { current: { ...current, consents: current.consents.map(replaced) }, wantedAt: at },
    $push: { wanted: 'settle' as const, former: { revision, current }, withdrawals: { $each: withdrawals } },
    $inc: { revision: 1 },
    $unset: { settledAt: '' },
  };
}
