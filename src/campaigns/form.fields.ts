import Joi, { type CustomHelpers } from 'joi';
import { addressClass } from './addresses';
import type { Campaign, Field } from './campaign.types';
import { COUNTRY_CODES } from './countries';
import { wordsFor } from './form.words';

/** Contract: text has at most 200 code points. */
export const TEXT_MAX = 200;
/** RFC 5321, 4.5.3.1: local part 64 octets, path 256 with its angle brackets. */
export const EMAIL_MAX = 254;

// Nothing that can be seen: spaces, joiners, marks of direction, Hangul fillers.
const BLANK = /^[\p{Z}\p{Cf}\u115F\u1160\u3164\uFFA0]*$/u;
// Control characters, line and paragraph separators, lone surrogates, and the code points that XML and so XMP and XLSX
// can't carry.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/u;
// An address is seen by people and by mail servers; what hides in it or turns its direction only misleads.
const HIDDEN = /[\p{C}\p{Z}]/u;
const PHONE = /^[\p{Nd}\s+().\-/#*]+(?:\s*(?:ext|x)\.?\s*\p{Nd}{1,8})?$/iu;
const NUMBER = /^-?\d{1,15}(?:\.\d{1,6})?$/;

type AddressRules = Campaign['addresses'];
type Check = (value: string, helpers: CustomHelpers) => unknown;

/** The Joi schema of one field: what was typed goes in, the value to keep comes out (absent when nothing was typed). */
export function fieldSchema(field: Field, addresses: AddressRules): Joi.Schema {
  const schema = SCHEMAS[field.type](field, addresses);
  return (field.required ? schema.required() : schema).messages(wordsFor(field));
}

/** NFC, trimmed, at most 200 code points, nothing unprintable; blank counts as not answered. */
function text(max = TEXT_MAX): Joi.StringSchema {
  const check: Check = (value, helpers) => {
    if (UNPRINTABLE.test(value)) return helpers.error('text.control');
    return [...value].length > max ? helpers.error('text.long') : value;
  };
  return Joi.string().normalize('NFC').trim().empty(Joi.string().allow('').pattern(BLANK)).custom(check);
}

/** Syntax alone, any domain: no list of top-level domains, no DNS. Header injection fails at the control characters. */
function email(refuse: (address: string) => string | null): Joi.StringSchema {
  const check: Check = (value, helpers) => {
    if (HIDDEN.test(value)) return helpers.error('string.email');
    const local = value.slice(0, value.lastIndexOf('@'));
    if (Buffer.byteLength(value) > EMAIL_MAX || Buffer.byteLength(local) > 64) return helpers.error('email.long');
    return value;
  };
  const judge: Check = (value, helpers) => {
    const code = refuse(value);
    return code ? helpers.error(code) : value;
  };
  // `ignoreLength`: our own check names the limits in words.
  const format = { tlds: false, allowUnicode: true, ignoreLength: true } as const;
  return text(EMAIL_MAX * 4)
    .custom(check)
    .email(format)
    .custom(judge);
}

function readersAddress(rules: AddressRules): (address: string) => string | null {
  return (address) => {
    const kind = addressClass(address);
    return kind !== 'business' && rules[kind] === 'refuse' ? `address.${kind}` : null;
  };
}

function oneOf(codes: readonly string[]): Joi.StringSchema {
  return Joi.string()
    .trim()
    .empty('')
    .valid(...codes);
}

function severalOf(field: Field): Joi.Schema {
  const none = Joi.array().items(Joi.valid('')).single();
  return Joi.array()
    .items(Joi.valid('').strip(), Joi.valid(...codesOf(field)))
    .single()
    .empty(none)
    .custom((codes: string[]) => [...new Set(codes)]);
}

function codesOf(field: Field): string[] {
  return (field.options ?? []).map((option) => option.code);
}

function number(): Joi.Schema {
  const read: Check = (value, helpers) => (NUMBER.test(value) ? Number(value) + 0 : helpers.error('number.format'));
  return text().custom(read);
}

/** Kept as typed; five digits at least, and nothing that no keypad has. */
function phone(): Joi.Schema {
  const check: Check = (value, helpers) => {
    const digits = value.match(/\p{Nd}/gu)?.length ?? 0;
    return digits >= 5 && PHONE.test(value) ? value : helpers.error('phone.format');
  };
  return text().custom(check);
}

const SCHEMAS: Record<Field['type'], (field: Field, addresses: AddressRules) => Joi.Schema> = {
  text: () => text(),
  email: (field, addresses) => email(field.key === 'email' ? readersAddress(addresses) : () => null),
  phone,
  number,
  country: () => oneOf(COUNTRY_CODES).uppercase(),
  select: (field) => oneOf(codesOf(field)),
  radio: (field) => oneOf(codesOf(field)),
  checkbox: severalOf,
};
