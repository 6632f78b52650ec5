import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Joi from 'joi';
import { GatefoldError, messageOf } from '../errors';
import { checkCampaignFile } from './campaign.check';
import { type CampaignFile, campaignFileSchema } from './campaign.file';
import type { Article } from './campaign.types';
import { readMoment } from './schedule';
import { readYaml, type YamlSource } from './yaml';

/** The files of a campaign by name, wherever they lie: a folder, a ZIP archive, the store. */
export type CampaignFiles = ReadonlyMap<string, Buffer>;

/** What those files say: read and checked, nothing stored yet. */
export interface CampaignFolder {
  file: CampaignFile;
  pdf?: Buffer;
  cover?: { bytes: Buffer; type: string };
  article?: Article;
}

/** Pictures that every browser shows, by extension. */
export const PICTURE_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif',
  svg: 'image/svg+xml',
};

/** How a file of this media type is called: `png`. */
export function extensionOf(type: string): string {
  return Object.keys(PICTURE_TYPES).find((name) => PICTURE_TYPES[name] === type) ?? 'png';
}

/** Whether a campaign has a file of this name; others may lie beside it. */
export function isCampaignFile(name: string): boolean {
  return ['campaign.yaml', 'whitepaper.pdf', 'article.md'].includes(name) || coverType(name) !== undefined;
}

const coverType = (name: string): string | undefined => PICTURE_TYPES[/^cover\.(\w+)$/.exec(name)?.[1] ?? ''];

const FRONT_MATTER = /^---\r?\n([\s\S]*?\r?\n)---\r?\n?([\s\S]*)$/;

const text = (max = 300) => Joi.string().trim().max(max);
/** Kept as written: a day of publication has no time and no zone. */
const day: Joi.CustomValidator<string> = (value, helpers) =>
  /^\d{4}-\d{2}-\d{2}$/.test(value) && readMoment(value, 'UTC') ? value : helpers.error('day.none');

const articleSchema = Joi.object<Omit<Article, 'markdown'>>({
  title: text().required(),
  author: Joi.object({ name: text().required(), role: text(), bio: text(1000) }).required(),
  date: Joi.string().custom(day).required(),
  category: text(60).required(),
  related: Joi.array().items(text(60)).default([]),
}).messages({ 'object.unknown': 'is not known here', 'day.none': 'takes a day such as 2026-01-31' });

/**
 * Reads `campaign.yaml`, `whitepaper.pdf`, `cover.*` and `article.md`.
 * @param timeZone of the site; days in the file are days there
 * @throws GatefoldError `yaml-invalid` with file and line of everything that is wrong, `folder-unreadable`
 */
export async function readCampaignFolder(folder: string, timeZone: string): Promise<CampaignFolder> {
  const names = await readdir(folder).catch((error) => {
    throw unreadable(folder, messageOf(error));
  });
  const files = new Map<string, Buffer>();
  for (const name of names.filter(isCampaignFile).sort()) files.set(name, await readFile(join(folder, name)));
  return readCampaignFiles(files, timeZone);
}

/** The same for files from elsewhere. */
export function readCampaignFiles(files: CampaignFiles, timeZone: string): CampaignFolder {
  const yaml = files.get('campaign.yaml');
  if (!yaml) throw unreadable('campaign.yaml', 'it is not there');
  const file = readYaml(decoded('campaign.yaml', yaml), campaignFileSchema(timeZone), checkCampaignFile);
  const [pdf, article] = [files.get('whitepaper.pdf'), files.get('article.md')];
  const cover = coverOf(files);
  return {
    file,
    ...(pdf && { pdf }),
    ...(cover && { cover }),
    ...(article && { article: readArticle(decoded('article.md', article)) }),
  };
}

/** The text of a file in UTF-8; anything else is refused by name. */
export async function readText(folder: string, name: string): Promise<YamlSource> {
  const bytes = await readFile(join(folder, name)).catch((error) => {
    throw unreadable(name, messageOf(error));
  });
  return decoded(name, bytes);
}

function decoded(name: string, bytes: Buffer): YamlSource {
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw unreadable(name, 'it is not UTF-8 text');
  }
}

function unreadable(name: string, reason: string): GatefoldError {
  return new GatefoldError('invalid', 'folder-unreadable', `${name} can't be read: ${reason}`);
}

function coverOf(files: CampaignFiles): CampaignFolder['cover'] {
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const type = coverType(name);
    if (type) return { bytes, type };
  }
  return undefined;
}

/** Front matter between two `---` lines, then Markdown. */
function readArticle({ name, text: whole }: YamlSource): Article {
  const [, head, markdown] = FRONT_MATTER.exec(whole) ?? [];
  if (head === undefined || markdown === undefined) {
    throw new GatefoldError('invalid', 'yaml-invalid', `${name}:1: begins with front matter between two lines of ---`);
  }
  return { ...readYaml({ name, text: head, firstLine: 2 }, articleSchema), markdown: markdown.trim() };
}
