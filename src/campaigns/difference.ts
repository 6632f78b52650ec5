import { createHash } from 'node:crypto';
import { fieldsOf } from './campaign.check';
import type { CampaignFile } from './campaign.file';
import type { CampaignFolder } from './campaign.folder';
import { CampaignModel, campaignOf } from './campaign.model';
import type { Campaign } from './campaign.types';
import { termsOf } from './definition';
import { fileOf, shapeOf, sponsorFile } from './export';
import { site } from './site';

/** One thing that would change: where it stands in `campaign.yaml` (`form[q.units].help`), or the file that it is. */
export interface Difference {
  at: string;
  /** Missing: it is new. */
  before?: string;
  /** Missing: it goes. */
  after?: string;
}

/** What an import meets. */
export interface Comparison {
  slug: string;
  title: string;
  /** The campaign that is there; without one all is new, and nothing differs. */
  known?: Campaign;
  differences: Difference[];
}

/** Looks at what an import of these files would change; changes nothing. */
export async function compareCampaign(read: CampaignFolder): Promise<Comparison> {
  const { slug, title } = read.file;
  const row = await CampaignModel.findOne({ _id: slug }).lean();
  if (!row) return { slug, title, differences: [] };
  const known = campaignOf(row);
  const after = describedRead(read, known, (await site()).timezone);
  return { slug, title, known, differences: differencesOf(await described(known), after) };
}

type Described = Record<string, string>;

/** A campaign as a flat list of everything that can be said of it, for differences and for the audit log. */
export async function described(campaign: Campaign): Promise<Described> {
  const { upload, cover, article } = campaign;
  return {
    ...flat(await fileOf(campaign, (await site()).timezone)),
    ...(upload && { 'whitepaper.pdf': fileWords(upload.file, upload.bytes) }),
    ...(cover && { cover: fileWords(cover.file) }),
    ...(article && { ...flat({ 'article.md': article }) }),
  };
}

/** The same of files that are yet to be imported. A folder without PDF leaves the one that is there. */
function describedRead({ file, pdf, cover, article }: CampaignFolder, known: Campaign, timeZone: string): Described {
  const upload = pdf ? { file: hashOf(pdf), bytes: pdf.length } : known.upload;
  return {
    ...flat(definitionOf(file, known, timeZone)),
    ...(upload && { 'whitepaper.pdf': fileWords(upload.file, upload.bytes) }),
    ...(cover && { cover: fileWords(hashOf(cover.bytes)) }),
    ...(article && { ...flat({ 'article.md': article }) }),
  };
}

function definitionOf(file: CampaignFile, known: Campaign, timeZone: string): object {
  const { slug, status = known.status } = file;
  const form = { version: 0, fields: fieldsOf(file) };
  const consents = file.consents.map((one) => ({ ...one, version: 0 }));
  const sponsored = file.sponsors.map((one) => sponsorFile(one, timeZone));
  return shapeOf({ ...termsOf(file), slug, status, form, consents }, sponsored, timeZone);
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const fileWords = (hash: string, bytes?: number): string =>
  `${bytes === undefined ? '' : `${bytes.toLocaleString('en-GB')} bytes, `}SHA-256 ${hash.slice(0, 16)}…`;

/** What members of a list are known by, so that one that was only moved is the same. */
const NAMES = ['key', 'slug', 'code', 'field'];

/** `{ form: [{ key: 'email', required: true }] }` as `{ 'form[email].required': 'true', 'form': 'email' }`. */
function flat(value: unknown, at = ''): Described {
  if (value === null || value === undefined) return at ? { [at]: 'none' } : {};
  if (value instanceof Date) return { [at]: value.toISOString() };
  if (typeof value !== 'object') return { [at]: String(value) };
  if (!Array.isArray(value)) {
    return merged(Object.entries(value).map(([key, one]) => flat(one, at ? `${at}.${key}` : key)));
  }
  if (value.every((one) => typeof one !== 'object')) return value.length > 0 ? { [at]: value.join('\n') } : {};
  const members = value.map((one: Record<string, unknown>, i) => {
    const name = NAMES.find((key) => typeof one[key] === 'string');
    const { [name ?? '']: id = i + 1, ...rest } = one;
    return { id: String(id), rest };
  });
  const order = { [at]: members.map(({ id }) => id).join(', ') };
  return merged([order, ...members.map(({ id, rest }) => flat(rest, `${at}[${id}]`))]);
}

const merged = (parts: Described[]): Described => Object.assign({}, ...parts);

function differencesOf(before: Described, after: Described): Difference[] {
  const places = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return places
    .filter((at) => before[at] !== after[at])
    .map((at) => ({
      at,
      ...(before[at] !== undefined && { before: before[at] }),
      ...(after[at] !== undefined && { after: after[at] }),
    }));
}
