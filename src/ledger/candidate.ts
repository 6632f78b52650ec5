import * as leads from '../leads/leads';
import * as sponsors from '../sponsors/sponsors';

/** What the rules of contracts look at of a lead. */
export function candidateOf(lead: leads.Lead): sponsors.Candidate {
  const { q, ...standard } = lead.current.answers;
  const own = Object.entries(q).map(([key, value]) => [`q.${key}`, value]);
  return {
    // When they asked for what sponsors see: a repeat may bring the consent to a contract that came after the first.
    at: lead.current.at,
    answers: { ...standard, ...Object.fromEntries(own) },
    consentedTo: lead.current.consents.flatMap(({ sponsor, given }) => (given && sponsor ? [sponsor] : [])),
    domain: domainOf(lead),
    business: lead.addressClass === 'business',
    proved: lead.verifiedAt !== undefined,
  };
}

export const addressOf = (lead: leads.Lead): string => leads.emailKey(lead.current.answers.email);

/** The company of a business address; a personal mailbox says nothing about it. */
export function companyDomain(lead: leads.Lead): string | undefined {
  return lead.addressClass === 'business' ? sponsors.companyOf(domainOf(lead)) : undefined;
}

function domainOf(lead: leads.Lead): string {
  return addressOf(lead).split('@').pop() ?? '';
}
