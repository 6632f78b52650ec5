import Joi from 'joi';
import type { Site } from './campaign.types';
import { themeSchema } from './theme';

/** What a publisher that says nothing is. */
export const NEUTRAL_SITE: Site = {
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

/** The shape of `site.yaml`; the logo is the name of a file beside it. */
export const siteSchema = Joi.object<Omit<Site, 'logo'> & { logo?: string }>({
  name: text().required(),
  legalName: text().default(Joi.ref('name')),
  address: text().allow('').default(''),
  contactEmail: address().required(),
  privacyUrl: Joi.string().uri({ scheme: ['https', 'http'] }),
  logo: Joi.string().pattern(/^[\w-]+\.\w+$/, 'name of a file beside site.yaml'),
  mailFrom: address().default(Joi.ref('contactEmail')),
  locale: known((value) => new Intl.Locale(value), 'site.locale').default(NEUTRAL_SITE.locale),
  timezone: known((value) => new Intl.DateTimeFormat('en', { timeZone: value }), 'site.timezone').default(
    NEUTRAL_SITE.timezone,
  ),
  theme: themeSchema.default({}),
}).messages({
  'object.unknown': 'is not known here',
  'site.locale': 'takes a language such as en-GB',
  'site.timezone': 'takes a time zone such as Europe/London',
});
