import * as deliveries from '../deliveries/deliveries';
import * as exports_ from '../exports/exports';
import * as leads from '../leads/leads';
import * as ledger from '../ledger/ledger';

/** All that is held about an address, as plain values, for its owner (GDPR Art. 15 and 20). */
export async function personalData(email: string): Promise<{ email: string; leads: object[] }> {
  const ids = await leads.leadsOfAddress(email);
  return { email, leads: await Promise.all(ids.map(ofLead)) };
}

async function ofLead(id: string): Promise<object> {
  const [lead, requests, notes, sent, settled, disclosed] = await Promise.all([
    leads.findLead(id),
    leads.requestsOf(id),
    leads.notesOf(id),
    deliveries.listDeliveries(id),
    ledger.settlementsOf(id),
    exports_.disclosuresOf(id),
  ]);
  const disclosures = disclosed.map(({ at, sponsor, columns }) => ({ at, to: sponsor ?? 'the publisher', columns }));
  return { ...lead, requests, notes, deliveries: sent, settlements: settled, disclosures };
}
