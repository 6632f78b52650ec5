import Joi from 'joi';
import { SiteModel } from './campaign.model';
import type { Site } from './campaign.types';
import { readYaml, type YamlSource } from './yaml';

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

const siteSchema = Joi.object<Site>({
  name: text().required(),
  legalName: text().default(Joi.ref('name')),
  address: text().allow('').default(''),
  contactEmail: address().required(),
  privacyUrl: Joi.string().uri({ scheme: ['https', 'http'] }),
  logo: text(),
  mailFrom: address().default(Joi.ref('contactEmail')),
  locale: known((value) => new Intl.Locale(value), 'site.locale').default(DEFAULTS.locale),
  timezone: known((value) => new Intl.DateTimeFormat('en', { timeZone: value }), 'site.timezone').default(
    DEFAULTS.timezone,
  ),
  theme: Joi.object().pattern(Joi.string(), Joi.string()).default({}),
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
 * Reads `site.yaml` and keeps it. The file is where the site is configured, so every start reads it again.
 * @throws GatefoldError `yaml-invalid` with lines
 */
export async function importSite(source: YamlSource): Promise<Site> {
  const value = readYaml(source, siteSchema);
  await SiteModel.updateOne({ _id: 'site' }, { $set: { site: value } }, { upsert: true });
  return value;
}
