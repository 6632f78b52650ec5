import type { Terms } from '../sponsors/sponsors';
import { checkTerms, fieldsOf } from './campaign.check';
import { contractSchema } from './campaign.file';
import type { Campaign } from './campaign.types';
import { saveCampaign } from './editor';
import { campaignFile } from './export';
import { site } from './site';
import type { Problem } from './yaml';

/** The terms of one sponsor, by themselves. Paths of problems begin at the contract; an empty one is about the campaign. */

/** Reads terms in the shape of `campaign.yaml`, by the very rules of it; nothing is kept. */
export async function readTerms(
  typed: object,
  { form }: Pick<Campaign, 'form'>,
): Promise<{ terms: Terms } | { problems: Problem[] }> {
  const { value, error } = contractSchema((await site()).timezone).validate(typed, {
    abortEarly: false,
    errors: { label: false },
  });
  const problems = error
    ? error.details.map(({ path, message }) => ({ path, message }))
    : checkTerms(value, fieldsOf({ form: form.fields }));
  return problems.length > 0 ? { problems } : { terms: value };
}

interface Change {
  campaign: Campaign;
  sponsor: string;
  /** In the shape of `campaign.yaml`. */
  contract: object;
  actor: string;
  dataDir: string;
  /** The revision that the page showed. */
  revision: number;
}

/**
 * Sets the terms of a sponsor of the campaign, and leaves the rest of it as it is.
 * @throws GatefoldError `edited-meanwhile`
 */
export async function saveTerms(change: Change): Promise<{ campaign: Campaign } | { problems: Problem[] }> {
  const { campaign, sponsor, contract, ...how } = change;
  // Whether it is open is not ours to say: it may have been paused since.
  const { status: _, ...file } = await campaignFile(campaign);
  const sponsors = (file['sponsors'] as { slug: string }[]).map((one) =>
    one.slug === sponsor ? { ...one, contract } : one,
  );
  const saved = await saveCampaign({ definition: { ...file, sponsors }, ...how, isNew: false });
  if ('campaign' in saved) return saved;
  const at = sponsors.findIndex(({ slug }) => slug === sponsor);
  return {
    problems: saved.problems.map(({ path, message }) => {
      const own = path[0] === 'sponsors' && path[1] === at && path[2] === 'contract';
      return own ? { path: path.slice(3), message } : { path: [], message: `${path.join(' ')} ${message}` };
    }),
  };
}
