import { campaignNews } from './campaign.model';
import type { Campaign } from './campaign.types';
import { campaignAt } from './public-address';

/** How long a campaign that was read is taken for what it is, in milliseconds: another process may have changed it since. */
const LIFE = 200;

const recent = new Map<string, { until: number; campaign: Promise<Campaign | null> }>();

// What this process writes, it sees at once.
campaignNews.on('written', () => recent.clear());

/** The campaign at this public address for those who come by the hundred: read at most five times a second. Not to be changed. */
export function recentCampaign(slug: string): Promise<Readonly<Campaign> | null> {
  const now = performance.now();
  const known = recent.get(slug);
  if (known && known.until > now) return known.campaign;
  const campaign = campaignAt(slug);
  // Addresses that nobody has are made up faster than they are forgotten.
  if (recent.size > 100) recent.clear();
  recent.set(slug, { until: now + LIFE, campaign });
  campaign.catch(() => recent.delete(slug));
  return campaign;
}
