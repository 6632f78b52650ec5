import Joi from 'joi';
import { NO_TERMS, type Terms, termsSchema } from '../sponsors/sponsors';
import type { StampOptions } from '../stamping/stamping';
import type { Campaign, CampaignStatus, Field, FieldType, Option, Search } from './campaign.types';
import { STANDARD_FIELDS } from './form.words';
import { PREVIEWS_MAX } from './pictures';
import { readMoment } from './schedule';

/** The shape of `campaign.yaml`, as the contract has it, dates already read in the site's time zone. */
export interface CampaignFile {
  slug: string;
  address?: string;
  formerAddresses: string[];
  title: string;
  introduction: string;
  covered: string[];
  audience: string[];
  topics: string[];
  body?: string;
  thanks?: string;
  related: string[];
  search?: Search;
  archived: boolean;
  status?: CampaignStatus;
  opens?: Date;
  closes?: Date;
  form: FieldFile[];
  consents: { key: string; sponsor?: string; purpose?: string; text: string }[];
  sponsors: SponsorFile[];
  addresses: Campaign['addresses'];
  mail: Campaign['mail'];
  /** The copy waits until the mailbox is proved. */
  confirmFirst: boolean;
  stamp: StampOptions;
  /** Pages after the cover that everybody may see. */
  previews?: number;
}

interface FieldFile {
  key: string;
  type?: FieldType;
  label?: string;
  required: boolean;
  help?: string;
  why?: string;
  options?: Option[];
  showIf?: NonNullable<Field['showIf']>;
}

interface SponsorFile {
  slug: string;
  name: string;
  privacyUrl?: string;
  /** Without terms: every consented lead, without limit. */
  contract: Terms;
}

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const FIELD_KEY = new RegExp(`^(?:${Object.keys(STANDARD_FIELDS).join('|')}|q\\.[A-Za-z][A-Za-z0-9_]{0,39})$`);
const TYPES: FieldType[] = ['text', 'email', 'phone', 'select', 'radio', 'checkbox', 'number', 'country'];

/** `/staff/campaigns/new` is the form for a new one, so no campaign can have its page there. */
const STAFF_PAGES = ['new', 'import'];

const MESSAGES = {
  'object.unknown': 'is not known here',
  'array.unique': 'is there twice',
  'moment.none': 'takes a day such as 2026-01-01, or a time such as 2026-01-01T09:00',
  'string.pattern.name': 'takes {#name}',
  'any.invalid': 'can’t be {#value}, which is a page of the staff site: choose another',
  'link.web': 'takes an address that begins with https:// or http://',
};

const line = (max = 300) =>
  Joi.string()
    .trim()
    .max(max)
    .pattern(/^[^\p{Cc}\p{Cs}]*$/u, 'text on one line');
const prose = (max = 5000) => Joi.string().trim().max(max);
const slug = () => Joi.string().max(100).pattern(SLUG, 'lower-case letters, digits and single hyphens');
const links = () =>
  Joi.string()
    .uri({ scheme: ['https', 'http'] })
    .messages({ 'string.uriCustomScheme': MESSAGES['link.web'] });

function moment(timeZone: string): Joi.StringSchema {
  return Joi.string().custom((value: string, helpers) => readMoment(value, timeZone) ?? helpers.error('moment.none'));
}

const option = Joi.object({
  code: Joi.string()
    .trim()
    .max(64)
    .pattern(/^[^\p{Cc}\p{Cs},;]+$/u, 'text without commas and semicolons')
    .required(),
  label: line().required(),
});

const field = Joi.object({
  key: Joi.string()
    .pattern(
      FIELD_KEY,
      `${Object.keys(STANDARD_FIELDS).join(', ')}, or q.<name> (letters, digits, _) for an own question`,
    )
    .required(),
  type: Joi.valid(...TYPES),
  label: line(),
  required: Joi.boolean().default(false),
  help: line(500),
  why: line(500),
  options: Joi.array().items(option).min(1).max(300).unique('code'),
  showIf: Joi.object({
    field: Joi.string().required(),
    is: Joi.array().items(Joi.string()).min(1).required(),
  }),
});

/** The terms of one sponsor; days are read as days in `timeZone`. */
export function contractSchema(timeZone: string): Joi.ObjectSchema<Terms> {
  return termsSchema(() => moment(timeZone)).messages(MESSAGES);
}

function sponsor(timeZone: string): Joi.ObjectSchema {
  return Joi.object({
    slug: slug().required(),
    name: line().required(),
    privacyUrl: links(),
    contract: contractSchema(timeZone).default(NO_TERMS),
  });
}

const consent = Joi.object({
  key: Joi.string()
    .pattern(/^[a-z0-9][a-z0-9_-]{0,59}$/, 'lower-case letters, digits, _ and -')
    .required(),
  sponsor: slug(),
  purpose: line(60),
  text: prose(2000).required(),
});

const addresses = Joi.object({
  personal: Joi.valid('accept', 'refuse').default('accept'),
  disposable: Joi.valid('accept', 'refuse').default('refuse'),
}).default({ personal: 'accept', disposable: 'refuse' });

/** Which values fit together with the preset, `checkCampaignFile` says. */
export const stampSchema = Joi.object({
  preset: Joi.valid('footer', 'header', 'diagonal', 'cover').default('footer'),
  template: line(500).default('Prepared for {{name}} · {{company}} · {{email}} · {{date}} · {{ref}}'),
  margin: Joi.number(),
  size: Joi.number(),
  colour: Joi.string(),
}).messages(MESSAGES);

const FOLLOW_UPS_MAX = 3;
const FOLLOW_UP_DAYS_MAX = 365;

const followUp = Joi.object({
  afterDays: Joi.number().min(0).max(FOLLOW_UP_DAYS_MAX).required(),
  subject: line(200).required(),
  body: prose().required(),
  consent: Joi.string().required(),
});

const mail = Joi.object({
  subject: line(200).required(),
  body: prose().required(),
  followUps: Joi.array().items(followUp).max(FOLLOW_UPS_MAX),
});

/** The schema of `campaign.yaml`; days are read as days in `timeZone`. */
export function campaignFileSchema(timeZone: string): Joi.ObjectSchema<CampaignFile> {
  // In the order of the editor's page, which is the order in which mistakes are told.
  return Joi.object<CampaignFile>({
    title: line().required(),
    slug: slug()
      .invalid(...STAFF_PAGES)
      .required(),
    address: slug(),
    formerAddresses: Joi.array().items(slug()).unique().default([]),
    introduction: prose().required(),
    covered: Joi.array().items(line()).min(1).required(),
    audience: Joi.array().items(line()).default([]),
    topics: Joi.array().items(line(60)).unique().default([]),
    body: prose(20_000),
    thanks: prose(),
    related: Joi.array().items(slug()).unique().default([]),
    search: Joi.object({ title: line(120), description: line(320), noindex: Joi.boolean().default(false) }),
    archived: Joi.boolean().default(false),
    status: Joi.valid('draft', 'open', 'paused', 'closed'),
    opens: moment(timeZone),
    closes: moment(timeZone),
    form: Joi.array().items(field).min(1).max(60).unique('key').required(),
    consents: Joi.array().items(consent).unique('key').default([]),
    sponsors: Joi.array().items(sponsor(timeZone)).unique('slug').default([]),
    addresses,
    mail: mail.default(({ title }: CampaignFile) => ({
      subject: `Your copy of “${title}”`,
      body: `Thank you for your interest in “${title}”. Your personal copy is attached.`,
    })),
    confirmFirst: Joi.boolean().default(false),
    stamp: stampSchema.default(stampSchema.validate({}).value),
    previews: Joi.number().integer().min(0).max(PREVIEWS_MAX),
  }).messages(MESSAGES);
}
