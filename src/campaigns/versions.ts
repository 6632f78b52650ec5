import { isDeepStrictEqual } from 'node:util';
import { isDuplicateKey } from '../store/duplicate';
import type { CampaignFile } from './campaign.file';
import { VersionModel } from './campaign.model';
import type { Campaign, Consent, Field } from './campaign.types';

/** One version of a form or of a consent text, as readers saw it. */
export interface Version {
  /** `form` or `consent.<key>`. */
  subject: string;
  version: number;
  content: unknown;
  since: Date;
  actor: string;
}

/** Who changes what, and when. */
export interface Change {
  campaign: string;
  actor: string;
  now: Date;
}

/** Numbers the form: the version at hand when nothing changed, else the next. */
export async function versionForm(fields: Field[], change: Change): Promise<Campaign['form']> {
  return { version: await versionOf('form', fields, change), fields };
}

/** Numbers each consent text; a text that names another controller is another text. */
export async function versionConsents(consents: CampaignFile['consents'], change: Change): Promise<Consent[]> {
  const versioned: Consent[] = [];
  for (const { key, sponsor, purpose, text } of consents) {
    const content = { text, ...(sponsor ? { sponsor } : {}), ...(purpose ? { purpose } : {}) };
    versioned.push({ key, ...content, version: await versionOf(`consent.${key}`, content, change) });
  }
  return versioned;
}

/** Every version that a campaign's form and consents ever had, oldest first. */
export async function versionsOf(campaign: string): Promise<Version[]> {
  const rows = await VersionModel.find({ campaign }).sort({ subject: 1, version: 1 }).lean();
  return rows.map(({ subject, version, content, since, actor }) => ({ subject, version, content, since, actor }));
}

/** Rows are inserted and never changed; of two imports at once the unique key lets one have the number, the other looks again. */
async function versionOf(subject: string, content: unknown, change: Change): Promise<number> {
  const { campaign, actor, now } = change;
  const latest = await VersionModel.findOne({ campaign, subject }).sort({ version: -1 }).lean();
  if (latest && isDeepStrictEqual(latest.content, content)) return latest.version;
  const version = (latest?.version ?? 0) + 1;
  try {
    await VersionModel.create({
      _id: `${campaign}/${subject}/${version}`,
      campaign,
      subject,
      version,
      content,
      since: now,
      actor,
    });
    return version;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return versionOf(subject, content, change);
  }
}
