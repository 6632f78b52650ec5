import Joi from 'joi';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { type AddressClass, addressClass } from './addresses';
import type { Campaign, Field } from './campaign.types';
import { COUNTRY_CODES } from './countries';
import { fieldSchema, TEXT_MAX } from './form.fields';
import { isStandardKey, type StandardKey } from './form.words';

type CountryCode = NonNullable<Parameters<typeof parsePhoneNumberFromString>[1]>;
type FormTerms = Pick<Campaign, 'form' | 'consents' | 'addresses'>;

/** What a form says, by field key, as a body parser leaves it. */
export type Typed = Record<string, string | string[]>;

export interface FormError {
  key: string;
  message: string;
}

/** Standard answers by name, own questions under `q`; what was not answered is left out. */
type FormAnswers = { [key in Exclude<StandardKey, 'email'>]?: string } & {
  email: string;
  phoneE164?: string;
  q: Record<string, string | number | string[]>;
};

export interface FormValue {
  answers: FormAnswers;
  addressClass: AddressClass;
  consentsGiven: Record<string, boolean>;
  attribution: Partial<Record<(typeof ATTRIBUTION)[keyof typeof ATTRIBUTION], string>>;
}

/** Hidden fields of the form and the names they are kept under. */
export const ATTRIBUTION = {
  utm_source: 'utmSource',
  utm_medium: 'utmMedium',
  utm_campaign: 'utmCampaign',
  utm_term: 'utmTerm',
  utm_content: 'utmContent',
  ref: 'ref',
} as const;

/**
 * The one schema of a campaign's form: page, API and tests all ask it. It takes the fields by their keys and leaves
 * clean values under the same keys; fields it doesn't know are dropped. Messages are the reader's words.
 */
export function formSchema(campaign: FormTerms): Joi.ObjectSchema<Record<string, unknown>> {
  const terms = JSON.stringify([campaign.form.fields, campaign.consents, campaign.addresses]);
  const known = built.get(terms);
  if (known) return known;
  const schema = buildSchema(campaign);
  // Building takes longer than a whole answer may; a busy site has a handful of forms.
  if (built.size >= SCHEMAS_KEPT) built.clear();
  built.set(terms, schema);
  return schema;
}

const SCHEMAS_KEPT = 100;
const built = new Map<string, Joi.ObjectSchema<Record<string, unknown>>>();

function buildSchema(campaign: FormTerms): Joi.ObjectSchema<Record<string, unknown>> {
  const fields = campaign.form.fields.map((field) => [field.key, fieldSchema(field, campaign.addresses)]);
  const consents = campaign.consents.map((consent) => [
    `consent.${consent.key}`,
    Joi.any().custom(isYes).default(false),
  ]);
  const hidden = Object.keys(ATTRIBUTION).map((key) => [key, Joi.any().custom(cut)]);
  return Joi.object(Object.fromEntries([...fields, ...consents, ...hidden])).prefs({
    abortEarly: false,
    stripUnknown: true,
    errors: { label: false },
  });
}

/** Reads a filled-in form: its clean values, or what is wrong and what was typed. Never throws on any input. */
export function readForm(
  campaign: FormTerms,
  body: Readonly<Record<string, unknown>>,
): { value: FormValue } | { errors: FormError[]; typed: Typed } {
  const typed = typedOf(campaign, body);
  const asked = { ...campaign, form: { ...campaign.form, fields: askedFields(campaign.form.fields, typed) } };
  const { value, error } = formSchema(asked).validate(typed);
  if (error) return { errors: errorsOf(error), typed };
  return { value: cleanValue(asked, value) };
}

/**
 * The questions that these answers leave: one that waits for another's answer is asked, and kept, only with it. A page
 * without JavaScript shows all of them; what was answered in vain is left out here.
 */
function askedFields(fields: Field[], typed: Typed): Field[] {
  const asked: Field[] = [];
  for (const field of fields) {
    const { showIf } = field;
    const given = asked.some(({ key }) => key === showIf?.field) ? [typed[showIf?.field ?? ''] ?? []].flat() : [];
    if (!showIf || given.some((code) => showIf.is.includes(code.trim()))) asked.push(field);
  }
  return asked;
}

/** Reads an e-mail address alone, by the same rules as in the form; for the correction on the thank-you page. */
export function readEmail(
  campaign: FormTerms,
  email: unknown,
): { email: string; addressClass: AddressClass } | { errors: FormError[]; typed: Typed } {
  const fields = campaign.form.fields.filter((field) => field.key === 'email');
  const read = readForm({ ...campaign, form: { ...campaign.form, fields }, consents: [] }, { email });
  return 'errors' in read ? read : { email: read.value.answers.email, addressClass: read.value.addressClass };
}

/** The fields that the form has, and nothing else of the body: strings and lists of strings as they were typed. */
export function typedOf(campaign: FormTerms, body: Readonly<Record<string, unknown>>): Typed {
  const keys = [
    ...campaign.form.fields.map((field) => field.key),
    ...campaign.consents.map((consent) => `consent.${consent.key}`),
    ...Object.keys(ATTRIBUTION),
  ];
  const typed: Typed = {};
  for (const key of keys) {
    const value = Object.hasOwn(body, key) ? body[key] : undefined;
    if (typeof value === 'string') typed[key] = value;
    else if (typeof value === 'number') typed[key] = String(value);
    else if (Array.isArray(value)) typed[key] = value.filter((item) => typeof item === 'string');
  }
  return typed;
}

function errorsOf(error: Joi.ValidationError): FormError[] {
  const first = new Map<string, string>();
  for (const { path, message } of error.details) {
    const key = String(path[0]);
    if (!first.has(key)) first.set(key, message);
  }
  return [...first].map(([key, message]) => ({ key, message }));
}

function cleanValue(campaign: FormTerms, clean: Record<string, unknown>): FormValue {
  const answers: Record<string, unknown> & { q: Record<string, unknown> } = { q: {} };
  for (const { key } of campaign.form.fields) {
    if (clean[key] === undefined) continue;
    if (isStandardKey(key)) answers[key] = clean[key];
    else answers.q[key.slice('q.'.length)] = clean[key];
  }
  const e164 = typeof answers['phone'] === 'string' ? phoneE164(answers['phone'], answers['country']) : undefined;
  if (e164) answers['phoneE164'] = e164;
  // The schema let through exactly these types; here they get their names back.
  const known = answers as unknown as FormAnswers;
  const consents = campaign.consents.map((consent) => [consent.key, clean[`consent.${consent.key}`] === true]);
  return {
    answers: known,
    addressClass: addressClass(known.email),
    consentsGiven: Object.fromEntries(consents),
    attribution: attributionOf(clean),
  };
}

function attributionOf(clean: Record<string, unknown>): FormValue['attribution'] {
  const attribution: FormValue['attribution'] = {};
  for (const [key, name] of Object.entries(ATTRIBUTION)) {
    const value = clean[key];
    if (typeof value === 'string') attribution[name] = value;
  }
  return attribution;
}

/** E.164 when the number can be one; a number without `+` is read as one of the reader's country. */
function phoneE164(typed: string, country: unknown): string | undefined {
  const region = COUNTRY_CODES.find((code) => code === country) as CountryCode | undefined;
  const number = parsePhoneNumberFromString(typed, region);
  return number?.isPossible() ? number.number : undefined;
}

/** Consent is the word `yes` and nothing else. */
function isYes(value: unknown): boolean {
  return value === 'yes';
}

/** Attribution comes from links that others wrote: what doesn't fit is cut, never a mistake of the reader. */
function cut(value: unknown): string | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'string') return undefined;
  const printable = first.normalize('NFC').replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gu, '');
  return [...printable.trim()].slice(0, TEXT_MAX).join('') || undefined;
}
