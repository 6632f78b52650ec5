import type { Campaign, Field } from './campaign.types';
import { countries } from './countries';
import { ATTRIBUTION, type FormError, type Typed } from './form';
import { EMAIL_MAX, TEXT_MAX } from './form.fields';

/** A question as the view draws it; ids are made so that the error summary can point at the first control. */
interface FieldView {
  id: string;
  name: string;
  shape: 'input' | 'select' | 'radios' | 'checkboxes';
  label: string;
  optional: boolean;
  hint: string | undefined;
  why: string | undefined;
  /** Shown with JavaScript only once one of `codes` is chosen in `name`; `words` say so without. */
  condition: { name: string; codes: string; words: string } | undefined;
  error: string | undefined;
  /** Ids of hint and error, for aria-describedby. */
  describedBy: string | undefined;
  value: string;
  input: { type: string; inputmode: string | undefined; autocomplete: string; maxlength: number };
  options: { id: string; code: string; label: string; chosen: boolean }[];
}

export interface FormView {
  fields: FieldView[];
  consents: { id: string; name: string; text: string; sponsor: string | undefined; chosen: boolean }[];
  hidden: { name: string; value: string }[];
  errors: { id: string; message: string }[];
}

/** What browsers and password managers may fill in (HTML, 4.10.18.7). */
const AUTOCOMPLETE: Record<string, string> = {
  email: 'email',
  firstName: 'given-name',
  lastName: 'family-name',
  company: 'organization',
  jobTitle: 'organization-title',
  country: 'country',
  phone: 'tel',
};

const INPUTS: Partial<Record<Field['type'], { type: string; inputmode?: string }>> = {
  email: { type: 'email', inputmode: 'email' },
  phone: { type: 'tel', inputmode: 'tel' },
  number: { type: 'text', inputmode: 'decimal' },
};

const SHAPES: Partial<Record<Field['type'], FieldView['shape']>> = {
  select: 'select',
  country: 'select',
  radio: 'radios',
  checkbox: 'checkboxes',
};

/**
 * The form as the view draws it: fresh, or with all that was typed and what is wrong with it.
 * @param locale for the names of countries
 */
export function formView(
  campaign: Pick<Campaign, 'form' | 'consents'>,
  locale: string,
  typed: Typed = {},
  errors: readonly FormError[] = [],
): FormView {
  const messages = new Map(errors.map(({ key, message }) => [key, message]));
  const fields = campaign.form.fields.map((field) =>
    fieldView(
      field,
      locale,
      typed[field.key],
      messages.get(field.key),
      conditionOf(field, campaign.form.fields, locale),
    ),
  );
  const consents = campaign.consents.map(({ key, sponsor, text }) => {
    const name = `consent.${key}`;
    return { id: idOf(name), name, text, sponsor, chosen: typed[name] === 'yes' };
  });
  const hidden = Object.keys(ATTRIBUTION).map((name) => ({ name, value: first(typed[name]) }));
  return { fields, consents, hidden, errors: errors.map(({ key, message }) => ({ id: idOf(key), message })) };
}

function fieldView(
  field: Field,
  locale: string,
  typed: string | string[] | undefined,
  error: string | undefined,
  condition: FieldView['condition'],
): FieldView {
  const id = idOf(field.key);
  const chosen = typeof typed === 'string' ? [typed] : (typed ?? []);
  const options = field.type === 'country' ? countries(locale) : (field.options ?? []);
  const described = [field.help ? `${id}-hint` : '', condition ? `${id}-if` : '', error ? `${id}-error` : '']
    .filter(Boolean)
    .join(' ');
  const input = INPUTS[field.type] ?? { type: 'text' };
  return {
    id,
    name: field.key,
    shape: SHAPES[field.type] ?? 'input',
    label: field.label,
    optional: !field.required,
    hint: field.help,
    why: field.why,
    condition,
    error,
    describedBy: described || undefined,
    value: first(typed),
    input: {
      type: input.type,
      inputmode: input.inputmode,
      autocomplete: AUTOCOMPLETE[field.key] ?? 'off',
      maxlength: field.type === 'email' ? EMAIL_MAX : TEXT_MAX,
    },
    options: options.map(({ code, label }, index) => ({
      id: index === 0 ? id : `${id}-${index + 1}`,
      code,
      label,
      chosen: chosen.includes(code),
    })),
  };
}

function conditionOf({ showIf }: Field, fields: Field[], locale: string): FieldView['condition'] {
  const asked = fields.find(({ key }) => key === showIf?.field);
  if (!showIf || !asked) return undefined;
  const options = asked.type === 'country' ? countries(locale) : (asked.options ?? []);
  const chosen = options.filter(({ code }) => showIf.is.includes(code)).map(({ label }) => `“${label}”`);
  const answers = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(chosen);
  return {
    name: showIf.field,
    codes: showIf.is.join(','),
    words: `Only if you chose ${answers} for “${asked.label}”.`,
  };
}

function first(typed: string | string[] | undefined): string {
  return (typeof typed === 'string' ? typed : typed?.[0]) ?? '';
}

/** `q.units` as an id: `f-q-units`. Keys have letters, digits, `_` and, in consents, `-`. */
function idOf(key: string): string {
  return `f-${key.replaceAll('.', '-')}`;
}
