import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Joi from 'joi';
import { GatefoldError, messageOf } from '../errors';
import { checkCampaignFile } from './campaign.check';
import { type CampaignFile, campaignFileSchema } from './campaign.file';
import type { Article } from './campaign.types';
import { readMoment } from './schedule';
import { readYaml, type YamlSource } from './yaml';

/** A campaign as it lies in its folder: read and checked, nothing stored yet. */
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
  const yaml = await readText(folder, 'campaign.yaml');
  const file = readYaml(yaml, campaignFileSchema(timeZone), checkCampaignFile);
  const names = await readdir(folder);
  const [pdf, cover, article] = await Promise.all([
    names.includes('whitepaper.pdf') ? readFile(join(folder, 'whitepaper.pdf')) : undefined,
    readCover(folder, names),
    names.includes('article.md') ? readText(folder, 'article.md').then(readArticle) : undefined,
  ]);
  return { file, ...(pdf ? { pdf } : {}), ...(cover ? { cover } : {}), ...(article ? { article } : {}) };
}

/** The text of a file in UTF-8; anything else is refused by name. */
export async function readText(folder: string, name: string): Promise<YamlSource> {
  try {
    const bytes = await readFile(join(folder, name));
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    const undecodable = (error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
    const reason = undecodable ? 'it is not UTF-8 text' : messageOf(error);
    throw new GatefoldError('invalid', 'folder-unreadable', `${name} can't be read: ${reason}`);
  }
}

async function readCover(folder: string, names: string[]): Promise<CampaignFolder['cover']> {
  for (const name of names.sort()) {
    const type = PICTURE_TYPES[/^cover\.(\w+)$/.exec(name)?.[1] ?? ''];
    if (type) return { bytes: await readFile(join(folder, name)), type };
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
