import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import * as accounts from '../accounts/accounts';
import { GatefoldError, messageOf } from '../errors';
import { keepFile, readFile as readStored } from '../store/files';
import { extensionOf, PICTURE_TYPES, readText } from './campaign.folder';
import { SiteModel } from './campaign.model';
import type { Site } from './campaign.types';
import { NEUTRAL_SITE, siteSchema } from './site.form';
import { type Problem, readYaml } from './yaml';

/** The publisher of this site, or a neutral one until `site.yaml` was read. */
export async function site(): Promise<Site> {
  const row = await SiteModel.findOne({ _id: 'site' }).lean();
  return row?.site ?? NEUTRAL_SITE;
}

/**
 * Reads `site.yaml` and its logo and keeps them.
 * @param options.actor who does it, for the audit log
 * @param options.onlyIfUnknown leaves a site that is there as it is: staff edit it too
 * @throws GatefoldError `yaml-invalid` with lines, `logo-unreadable`
 */
export async function importSite(
  folder: string,
  { actor, onlyIfUnknown }: { actor: string; onlyIfUnknown?: boolean },
): Promise<Site> {
  const { logo: name, ...rest } = readYaml(await readText(folder, 'site.yaml'), siteSchema);
  const logo = name === undefined ? undefined : await readLogo(folder, name);
  if (onlyIfUnknown && (await SiteModel.findOne({ _id: 'site' }).lean())) return site();
  const kept = logo && { file: await keepFile(logo.bytes), type: logo.type };
  return keepSite({ ...rest, ...(kept && { logo: kept }) }, actor);
}

/** Writes `site.yaml` and its logo into a folder, as `importSite` reads them. */
export async function exportSite(folder: string): Promise<void> {
  const { logo, ...rest } = await site();
  const name = logo && `logo.${extensionOf(logo.type)}`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'site.yaml'), stringify({ ...rest, ...(name && { logo: name }) }, { lineWidth: 0 }));
  if (logo && name) await writeFile(join(folder, name), await readStored(logo.file));
}

/**
 * Keeps what an administrator typed by the rules of `site.yaml`: all of it or, with what is wrong where, none of it.
 * @param typed in the shape of `site.yaml`, without the logo
 */
export async function saveSite(
  typed: Record<string, unknown>,
  logo: Site['logo'],
  actor: string,
): Promise<{ site: Site } | { problems: Problem[] }> {
  const { value, error } = siteSchema.validate(typed, { abortEarly: false, errors: { label: false } });
  if (error) return { problems: error.details.map(({ path, message }) => ({ path, message })) };
  const { logo: _, ...rest } = value;
  return { site: await keepSite({ ...rest, ...(logo && { logo }) }, actor) };
}

async function keepSite(value: Site, actor: string): Promise<Site> {
  const before = await SiteModel.findOne({ _id: 'site' }).lean();
  await SiteModel.updateOne({ _id: 'site' }, { $set: { site: value } }, { upsert: true });
  await accounts.audit({
    actor,
    action: before ? 'changed the publisher' : 'added the publisher',
    subject: value.name,
    before: plain(before?.site),
    after: plain(value),
  });
  return value;
}

const plain = (value: Site | undefined): Record<string, unknown> => ({ ...value });

async function readLogo(folder: string, name: string): Promise<{ bytes: Buffer; type: string }> {
  const type = PICTURE_TYPES[name.split('.').at(-1) ?? ''];
  if (!type)
    throw new GatefoldError('invalid', 'logo-unreadable', `site.yaml: logo: ${name} is no picture that browsers show`);
  try {
    return { bytes: await readFile(join(folder, name)), type };
  } catch (error) {
    throw new GatefoldError(
      'invalid',
      'logo-unreadable',
      `site.yaml: logo: ${name} can't be read: ${messageOf(error)}`,
    );
  }
}
