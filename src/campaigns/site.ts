import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Joi from 'joi';
import { GatefoldError, messageOf } from '../errors';
import { keepFile } from '../store/files';
import { PICTURE_TYPES, readText } from './campaign.folder';
import { SiteModel } from './campaign.model';
import type { Site } from './campaign.types';
import { themeSchema } from './theme';
import { readYaml } from './yaml';

const DEFAULTS: Site = {
  name: 'Gatefold',
  legalName: 'The publisher of this site',
  address: '',
  contactEmail: 'hello@gatefold.example',
  mailFrom: 'whitepapers@gatefold.example',
  locale: 'en-GB',
  timezone: 'Europe/London',
  theme: {},
};

const text = () => Joi.string().trim().max(500);
const address = () => Joi.string().email({ tlds: false });

/** What the runtime itself accepts: `en-GB`, `Europe/London`. */
function known(accepts: (value: string) => unknown, code: string): Joi.StringSchema {
  return Joi.string().custom((value: string, helpers) => {
    try {
      accepts(value);
      return value;
    } catch {
      return helpers.error(code);
    }
  });
}

const siteSchema = Joi.object<Omit<Site, 'logo'> & { logo?: string }>({
  name: text().required(),
  legalName: text().default(Joi.ref('name')),
  address: text().allow('').default(''),
  contactEmail: address().required(),
  privacyUrl: Joi.string().uri({ scheme: ['https', 'http'] }),
  logo: Joi.string().pattern(/^[\w-]+\.\w+$/, 'name of a file beside site.yaml'),
  mailFrom: address().default(Joi.ref('contactEmail')),
  locale: known((value) => new Intl.Locale(value), 'site.locale').default(DEFAULTS.locale),
  timezone: known((value) => new Intl.DateTimeFormat('en', { timeZone: value }), 'site.timezone').default(
    DEFAULTS.timezone,
  ),
  theme: themeSchema.default({}),
}).messages({
  'object.unknown': 'is not known here',
  'site.locale': 'takes a language such as en-GB',
  'site.timezone': 'takes a time zone such as Europe/London',
});

/** The publisher of this site, or a neutral one until `site.yaml` was read. */
export async function site(): Promise<Site> {
  const row = await SiteModel.findOne({ _id: 'site' }).lean();
  return row?.site ?? DEFAULTS;
}

/**
 * Reads `site.yaml` and its logo and keeps them. The files are where the site is configured, so every start reads them again.
 * @throws GatefoldError `yaml-invalid` with lines, `logo-unreadable`
 */
export async function importSite(folder: string): Promise<Site> {
  const { logo: name, ...rest } = readYaml(await readText(folder, 'site.yaml'), siteSchema);
  const logo = name === undefined ? undefined : await readLogo(folder, name);
  const value: Site = { ...rest, ...(logo && { logo: { file: await keepFile(logo.bytes), type: logo.type } }) };
  await SiteModel.updateOne({ _id: 'site' }, { $set: { site: value } }, { upsert: true });
  return value;
}

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
