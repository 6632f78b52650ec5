import type { Consent } from '../campaigns/campaign.types';
import type { ConsentEvidence } from '../leads/lead.types';

/**
 * What the reader was shown and what they did, box by box, ticked or not (GDPR Art. 7(1)).
 * @param given by consent key, as the form was read
 * @param page the address of the page that showed the texts
 */
export function consentEvidence(
  consents: readonly Consent[],
  given: Readonly<Record<string, boolean>>,
  page: string,
  at: Date,
): ConsentEvidence[] {
  return consents.map(({ key, sponsor, version, text }) => ({
    key,
    ...(sponsor ? { sponsor } : {}),
    version,
    text,
    given: given[key] === true,
    how: 'checkbox',
    page,
    at,
  }));
}
