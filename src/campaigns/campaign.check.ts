import type { Terms } from '../sponsors/sponsors';
import { stampProblems } from '../stamping/stamping';
import { type CampaignFile, stampSchema } from './campaign.file';
import type { Field } from './campaign.types';
import { COUNTRY_CODES } from './countries';
import { isStandardKey, STANDARD_FIELDS } from './form.words';
import type { Problem } from './yaml';

const CHOICES: readonly string[] = ['select', 'radio', 'checkbox'];

/** What must fit together: the address is asked for, and whoever is named is there. */
export function checkCampaignFile(file: CampaignFile): Problem[] {
  return [
    ...checkForm(file),
    ...checkSponsors(file),
    ...checkDates(file),
    ...checkStamp(file),
    ...checkFollowUps(file),
  ];
}

function checkForm({ form }: CampaignFile): Problem[] {
  const email = form.findIndex(({ key }) => key === 'email');
  if (email < 0) return [{ path: ['form'], message: 'needs the field email: the paper is sent there' }];
  const optional = form[email]?.required ? [] : [{ path: ['form', email], message: 'email has to be required: true' }];
  const wrong = form.flatMap((field, index) =>
    fieldProblems(field).map(([name, message]) => ({ path: ['form', index, name], message })),
  );
  return [...optional, ...wrong, ...form.flatMap((_, index) => conditionProblems(form, index))];
}

/** A question waits for one that stands before it and offers the answers that it waits for. */
function conditionProblems(form: CampaignFile['form'], index: number): Problem[] {
  const { key, showIf } = form[index] ?? {};
  if (!showIf) return [];
  const at = (name: string, message: string) => [{ path: ['form', index, 'showIf', name], message }];
  if (key === 'email') return at('field', 'belongs to other questions: the address is always asked for');
  const asked = form.slice(0, index).find((one) => one.key === showIf.field);
  if (!asked) return at('field', `has to be a question above this one: there is no ${showIf.field} before it`);
  const codes = asked.key === 'country' ? COUNTRY_CODES : asked.options?.map(({ code }) => code);
  if (!codes) return at('field', `has to be a question with answers to choose from, unlike ${showIf.field}`);
  const unknown = showIf.is.filter((code) => !codes.includes(code));
  return unknown.length > 0 ? at('is', `${showIf.field} has no answer ${unknown.join(', ')}`) : [];
}

function fieldProblems({ key, type, label, options }: CampaignFile['form'][number]): [string, string][] {
  const problems: [string, string][] = [];
  const standard = isStandardKey(key) ? STANDARD_FIELDS[key].type : undefined;
  if (standard && type && type !== standard) problems.push(['type', `${key} is always of type ${standard}`]);
  if (!standard && !type) problems.push(['type', 'is required for an own question']);
  if (!standard && !label) problems.push(['label', 'is required for an own question']);
  if (key.slice('q.'.length) in {}) problems.push(['key', `${key} is a name of the language itself: choose another`]);
  const choice = CHOICES.includes(standard ?? type ?? '');
  if (choice && !options) problems.push(['options', `is required for the type ${type}`]);
  if (!choice && options) problems.push(['options', `belongs to the types ${CHOICES.join(', ')} only`]);
  return problems;
}

function checkSponsors(file: CampaignFile): Problem[] {
  const slugs = new Set(file.sponsors.map((sponsor) => sponsor.slug));
  const strangers = file.consents.flatMap(({ sponsor }, index) =>
    sponsor && !slugs.has(sponsor)
      ? [{ path: ['consents', index, 'sponsor'], message: `no sponsor ${sponsor} below sponsors` }]
      : [],
  );
  const terms = file.sponsors.flatMap(({ contract }, at) =>
    checkTerms(contract, fieldsOf(file)).map(({ path, message }) => ({
      path: ['sponsors', at, 'contract', ...path],
      message,
    })),
  );
  return [...strangers, ...terms];
}

/** Whether terms fit the campaign's form: a filter asks what is asked, takes what can be answered, and it ends after it begins. */
export function checkTerms({ filters, from, to }: Terms, form: Field[]): Problem[] {
  const asked = new Map(form.map((field) => [field.key, field]));
  const wrong = filters.flatMap(({ field: key, in: taken }, index): Problem[] => {
    const field = asked.get(key);
    if (!field) return [{ path: ['filters', index, 'field'], message: `the form has no field ${key}` }];
    const answers = answersOf(field);
    return taken.flatMap((value, at) =>
      answers && !answers.has(value)
        ? [{ path: ['filters', index, 'in', at], message: `${value} is none of the answers to ${key}` }]
        : [],
    );
  });
  return from && to && from >= to ? [...wrong, { path: ['to'], message: 'has to be after from' }] : wrong;
}

/** The codes that a field can be answered with; undefined when anything can be typed. */
function answersOf({ type, options }: Field): ReadonlySet<string> | undefined {
  if (type === 'country') return new Set(COUNTRY_CODES);
  return options && new Set(options.map(({ code }) => code));
}

function checkDates({ opens, closes }: CampaignFile): Problem[] {
  const wrong = opens !== undefined && closes !== undefined && opens >= closes;
  return wrong ? [{ path: ['closes'], message: 'has to be after opens' }] : [];
}

/** Nobody is written to without a yes, so each follow-up names the box that readers tick for it. */
function checkFollowUps({ consents, mail }: CampaignFile): Problem[] {
  const keys = consents.map(({ key }) => key);
  return (mail.followUps ?? []).flatMap(({ consent }, index) =>
    keys.includes(consent)
      ? []
      : [{ path: ['mail', 'followUps', index, 'consent'], message: `no consent ${consent} below consents` }],
  );
}

function checkStamp({ stamp }: Pick<CampaignFile, 'stamp'>): Problem[] {
  const problems = stampProblems(stamp).map(({ option, says }) => ({ path: ['stamp', option], message: says }));
  const missing = ['name', 'email'].some((name) => !new RegExp(`\\{\\{\\s*${name}\\s*\\}\\}`).test(stamp.template));
  if (!missing) return problems;
  const message = 'has to contain {{name}} and {{email}}: a copy shows whose it is';
  return [...problems, { path: ['stamp', 'template'], message }];
}

/** A stamp by itself, as the file or the editor's fields have it: the same rules as for the whole. */
export function readStamp(typed: object): { stamp: CampaignFile['stamp'] } | { problems: Problem[] } {
  const { value, error } = stampSchema.validate(typed, { abortEarly: false, errors: { label: false } });
  const problems = error
    ? error.details.map(({ path, message }) => ({ path: ['stamp', ...path], message }))
    : checkStamp({ stamp: value });
  return problems.length > 0 ? { problems } : { stamp: value };
}

/** The form's fields with what a file may leave out: types and labels of the standard ones. */
export function fieldsOf(file: Pick<CampaignFile, 'form'>): Field[] {
  return file.form.map(({ key, type, label, required, help, why, options, showIf }) => {
    const standard = isStandardKey(key) ? STANDARD_FIELDS[key] : undefined;
    return {
      key,
      type: standard?.type ?? type ?? 'text',
      label: label ?? standard?.label ?? key,
      required,
      ...(help ? { help } : {}),
      ...(why ? { why } : {}),
      ...(options ? { options } : {}),
      ...(showIf ? { showIf } : {}),
    };
  });
}
