import Joi from 'joi';
import type { ChosenColumn, DateStyle, Delimiter, Look, Profile, Range } from './profile.types';

/** A profile as its form sends it: `place.<column>`, `header.<column>`, `empty.<column>` beside the plain fields. */
export interface TypedProfile {
  name: string;
  /** Key of a consent of the publisher's, or nothing. */
  consent: string;
  format: string;
  answers: string;
  dates: string;
  timeZone: string;
  between: string;
  delimiter: string;
  bom: string;
  quotes: string;
  which: string;
  columns: TypedColumn[];
}

export interface TypedColumn {
  /** `email`, or `text.1` for a text that is the same in every row. */
  key: string;
  place: string;
  header: string;
  ifEmpty: string;
}

/** Columns with the same text in every row that a form offers. */
const TEXTS = ['text.1', 'text.2', 'text.3'];
export const DATE_STYLES: readonly DateStyle[] = ['iso', 'time', 'date', 'day-first', 'month-first'];
/** In forms by name: a tab would not survive being trimmed. */
export const DELIMITERS: Record<string, Delimiter> = { comma: ',', semicolon: ';', tab: '\t', bar: '|' };
export const BETWEEN: Record<string, string> = {
  'semicolon-blank': '; ',
  semicolon: ';',
  'comma-blank': ', ',
  bar: '|',
};

const NAME_MAX = 60;
const HEADER_MAX = 200;

const line = (max: number) =>
  Joi.string()
    .trim()
    .max(max)
    .pattern(/^[^\p{Cc}\p{Cs}]*$/u);

const zone = Joi.string().custom((value: string, helpers) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone && value;
  } catch {
    return helpers.error('zone.unknown');
  }
});

const schema = Joi.object<Record<string, string>>({
  name: line(NAME_MAX).required(),
  format: Joi.valid('csv', 'xlsx', 'ndjson').required(),
  answers: Joi.valid('codes', 'texts').required(),
  dates: Joi.valid(...DATE_STYLES).required(),
  timeZone: zone.required(),
  between: Joi.valid(...Object.keys(BETWEEN)).required(),
  delimiter: Joi.valid(...Object.keys(DELIMITERS)).required(),
  bom: Joi.valid('yes', ''),
  quotes: Joi.valid('needed', 'always').required(),
  which: Joi.valid('all', 'chosen').required(),
}).messages({
  'string.empty': 'Enter a name for the profile',
  'any.required': 'Choose one of the list',
  'any.only': 'Choose one of the list',
  'string.max': `Shorten it to {#limit} characters or fewer`,
  'string.pattern.base': 'Take out line breaks and invisible characters',
  'zone.unknown': 'Enter a time zone such as Europe/London or UTC',
});

/** A mistake, by the field that it is about. */
export type Mistakes = Map<string, string>;

type Read = { value: Omit<Profile, 'id' | 'at' | 'by' | 'sponsor'> } | { mistakes: Mistakes };

export function typedProfile(body: Record<string, unknown>, available: string[]): TypedProfile {
  const text = (name: string): string => (typeof body[name] === 'string' ? (body[name] as string) : '');
  const columns = [...available, ...TEXTS].map((key) => ({
    key,
    place: text(`place.${key}`).trim(),
    header: text(`header.${key}`),
    ifEmpty: text(`empty.${key}`),
  }));
  const plain = [
    'name',
    'consent',
    'format',
    'answers',
    'dates',
    'timeZone',
    'between',
    'delimiter',
    'bom',
    'quotes',
    'which',
  ];
  const fields = Object.fromEntries(plain.map((name) => [name, text(name).trim()]));
  return { ...(fields as unknown as Omit<TypedProfile, 'columns'>), columns };
}

/** What the form shows for a look: the chosen columns in their order, then the others. */
export function typedOf(look: Look & { name?: string; consent?: string }, available: string[]): TypedProfile {
  const named = (map: Record<string, string>, value: string) =>
    Object.keys(map).find((key) => map[key] === value) ?? '';
  const { name = '', consent = '', format, answers, dates, timeZone, quotes, columns } = look;
  return {
    ...{ name, consent, format, answers, dates, timeZone, quotes },
    between: named(BETWEEN, look.between),
    delimiter: named(DELIMITERS, look.delimiter),
    bom: look.bom ? 'yes' : '',
    which: columns ? 'chosen' : 'all',
    columns: typedColumns(columns ?? [], available),
  };
}

function typedColumns(chosen: ChosenColumn[], available: string[]): TypedColumn[] {
  let texts = 0;
  const taken = chosen.map(({ source, header, ifEmpty }, i): TypedColumn => {
    texts += source === 'text' ? 1 : 0;
    return { key: source === 'text' ? `text.${texts}` : source, place: String(i + 1), header, ifEmpty };
  });
  const rest = [...available, ...TEXTS].filter((key) => !taken.some((column) => column.key === key));
  return [...taken, ...rest.map((key) => ({ key, place: '', header: '', ifEmpty: '' }))];
}

/**
 * Reads a profile, or says what is wrong with which field.
 * @param consents keys of the publisher's consents, of which a profile of its own may ask one
 */
export function readProfile(typed: TypedProfile, consents: string[]): Read {
  const { columns: rows, consent: _, ...fields } = typed;
  const { error, value } = schema.validate(fields, { abortEarly: false });
  const mistakes: Mistakes = new Map((error?.details ?? []).map(({ path, message }) => [String(path[0]), message]));
  if (typed.consent !== '' && !consents.includes(typed.consent)) mistakes.set('consent', 'Choose one of the list');
  const columns = typed.which === 'chosen' ? readColumns(rows, mistakes) : undefined;
  if (mistakes.size > 0 || !value) return { mistakes };
  return {
    value: {
      name: String(value['name']),
      ...(typed.consent !== '' && { consent: typed.consent }),
      format: value['format'] as Look['format'],
      ...(columns && { columns }),
      answers: value['answers'] as Look['answers'],
      dates: value['dates'] as DateStyle,
      timeZone: String(value['timeZone']),
      between: BETWEEN[String(value['between'])] ?? '; ',
      delimiter: DELIMITERS[String(value['delimiter'])] ?? ',',
      bom: value['bom'] === 'yes',
      quotes: value['quotes'] as Look['quotes'],
    },
  };
}

function readColumns(rows: TypedColumn[], mistakes: Mistakes): ChosenColumn[] {
  const taken = rows.filter(({ place }) => place !== '');
  for (const { key, place, header, ifEmpty } of taken) {
    if (!/^\d{1,4}(\.\d)?$/.test(place)) mistakes.set(`place.${key}`, `Enter the place of ${key} as a number`);
    if (line(HEADER_MAX).allow('').validate(header).error || line(HEADER_MAX).allow('').validate(ifEmpty).error)
      mistakes.set(`header.${key}`, `Shorten the texts of ${key} to ${HEADER_MAX} characters on one line`);
  }
  const columns = taken
    .sort((a, b) => Number(a.place) - Number(b.place))
    .map(({ key, header, ifEmpty }) => {
      const source = TEXTS.includes(key) ? 'text' : key;
      return { source, header: header.trim() || source, ifEmpty: ifEmpty.trim() };
    });
  if (columns.length === 0) mistakes.set('which', 'Give at least one column a place, or take every column');
  const twice = columns.find(({ header }, i) => columns.findIndex((one) => one.header === header) !== i);
  if (twice) mistakes.set('which', `Two columns have the header “${twice.header}”: give each its own`);
  return columns;
}

/** A day of the calendar; `2026-02-31` is none. */
function isDay(text: unknown): text is string {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** What a download takes, or null when its days are none. */
export function readRange({ range, from, to }: Record<string, unknown>): Range | null {
  if (range === 'new') return { kind: 'new' };
  if (range !== 'days') return { kind: 'all' };
  return isDay(from) && isDay(to) && from <= to ? { kind: 'days', from, to } : null;
}
