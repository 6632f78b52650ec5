import { type Contract, type Sponsor, termsFile } from '../sponsors/sponsors';
import type { Campaign, Field, Site } from './campaign.types';
import { isStandardKey, STANDARD_FIELDS } from './form.words';

/** What the editor's fields hold, by name; the page is filled from it and sends it back. */
export type EditorFields = Record<string, string>;

const STANDARD = Object.keys(STANDARD_FIELDS);
const PLAIN = ['title', 'introduction', 'opens', 'closes'] as const;
/** Empty rows that wait at the end of questions and sponsors. */
const SPARE = 1;
const SHOWN_TERMS = ['cap', 'from', 'to', 'perCompanyDomain', 'filters', 'overflow'];

/** The fields of a campaign as it is. */
export function fieldsFrom(campaign: Campaign, contracts: Contract[], sponsors: Sponsor[], site: Site): EditorFields {
  const { form, consents, mail, stamp } = campaign;
  const own = form.fields.filter(({ key }) => !isStandardKey(key));
  return {
    slug: campaign.slug,
    title: campaign.title,
    introduction: campaign.introduction,
    covered: campaign.covered.join('\n'),
    audience: (campaign.audience ?? []).join('\n'),
    topics: campaign.topics.join(', '),
    opens: day(campaign.opens, site),
    closes: day(campaign.closes, site),
    'mail.subject': mail.subject,
    'mail.body': mail.body,
    'stamp.preset': stamp.preset,
    'stamp.template': stamp.template,
    'consent.publisher': consents.find(({ sponsor }) => sponsor === undefined)?.text ?? '',
    ...Object.assign({}, ...form.fields.filter(({ key }) => isStandardKey(key)).map(standardFields)),
    ...Object.assign({}, ...own.map(questionFields)),
    ...Object.assign({}, ...sponsors.map((sponsor, i) => sponsorFields(sponsor, i, campaign, contracts, site))),
    questions: String(own.length + SPARE),
    sponsors: String(sponsors.length + SPARE),
  };
}

/** The fields of a campaign that is yet to be. */
export function emptyFields(site: Site): EditorFields {
  const asked = ['email', 'firstName', 'lastName', 'company', 'jobTitle', 'country'];
  return {
    ...Object.fromEntries(
      asked.flatMap((key) => [
        [`ask.${key}`, 'yes'],
        [`require.${key}`, 'yes'],
      ]),
    ),
    'mail.subject': 'Your copy of “{{title}}”',
    'mail.body': 'Dear {{firstName}},\n\nThank you for asking for “{{title}}”.',
    'stamp.preset': 'footer',
    'stamp.template': 'Prepared for {{name}} · {{company}} · {{email}} · {{date}} · {{ref}}',
    'consent.publisher': `Yes, ${site.name} may send me news by e-mail. I can stop it at any time.`,
    questions: String(SPARE),
    sponsors: String(SPARE),
  };
}

/** A day in the site's time zone, as a date field takes it. */
function day(at: Date | undefined, { timezone }: Site): string {
  return at ? new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short' }).format(at) : '';
}

const standardFields = ({ key, required, label, help }: Field): EditorFields => ({
  [`ask.${key}`]: 'yes',
  ...(required && { [`require.${key}`]: 'yes' }),
  [`label.${key}`]: label,
  [`help.${key}`]: help ?? '',
});

const questionFields = ({ key, type, label, required, help, options }: Field, i: number): EditorFields => ({
  [`q.${i}.key`]: key.slice('q.'.length),
  [`q.${i}.type`]: type,
  [`q.${i}.label`]: label,
  ...(required && { [`q.${i}.required`]: 'yes' }),
  [`q.${i}.help`]: help ?? '',
  [`q.${i}.options`]: (options ?? []).map(({ code, label: name }) => `${code} = ${name}`).join('\n'),
});

function sponsorFields(
  { slug, name, privacyUrl }: Sponsor,
  i: number,
  { consents }: Campaign,
  contracts: Contract[],
  site: Site,
): EditorFields {
  const terms = contracts.find(({ sponsor }) => sponsor === slug);
  return {
    [`s.${i}.slug`]: slug,
    [`s.${i}.name`]: name,
    [`s.${i}.privacyUrl`]: privacyUrl ?? '',
    [`s.${i}.consent`]: consents.find(({ sponsor }) => sponsor === slug)?.text ?? '',
    [`s.${i}.cap`]: terms?.cap?.toString() ?? '',
    [`s.${i}.from`]: day(terms?.from, site),
    [`s.${i}.to`]: day(terms?.to, site),
    [`s.${i}.perCompanyDomain`]: terms?.perCompanyDomain?.toString() ?? '',
    [`s.${i}.countries`]: terms?.filters.find(({ field }) => field === 'country')?.in.join(', ') ?? '',
    [`s.${i}.overflow`]: terms?.overflow ?? 'hold',
  };
}

/**
 * What the fields say, in the shape of `campaign.yaml`. What the editor has no field for (other filters, address rules,
 * the stamp's size and place) stays as `known` and its contracts have it.
 */
export function definitionFrom(fields: EditorFields, known?: Campaign, contracts: Contract[] = []) {
  const text = (name: string): string => (fields[name] ?? '').replaceAll('\r\n', '\n').trim();
  const given = (names: readonly string[]) => Object.fromEntries(names.filter(text).map((name) => [name, text(name)]));
  return {
    slug: known?.slug ?? text('slug'),
    ...given(PLAIN),
    covered: lines(text('covered')),
    audience: lines(text('audience')),
    topics: list(text('topics')),
    form: inOrder(
      [
        ...STANDARD.flatMap((key) => standardField(key, text)),
        ...rows(fields, 'questions').flatMap((i) => question(i, text)),
      ],
      known,
    ),
    consents: consentsFrom(fields, text, known),
    sponsors: rows(fields, 'sponsors').flatMap((i) => sponsorFrom(i, text, contracts)),
    ...(known && { addresses: known.addresses }),
    mail: { ...known?.mail, subject: text('mail.subject'), body: text('mail.body') },
    ...(known && pageOf(known)),
    ...(known && { confirmFirst: known.confirmFirst }),
    stamp: { ...known?.stamp, preset: text('stamp.preset'), template: text('stamp.template') },
  };
}

/** What the editor has no field for yet. */
function pageOf({ address, formerAddresses, body, thanks, related, search, archived }: Campaign) {
  return { address, formerAddresses, body, thanks, related, search, archived };
}

/** Questions stay in the order they had; new ones come last. */
function inOrder<T extends { key: string }>(form: T[], known: Campaign | undefined): T[] {
  const places = new Map(known?.form.fields.map(({ key }, i) => [key, i]));
  const placeOf = ({ key }: T) => places.get(key) ?? Number.MAX_SAFE_INTEGER;
  return [...form].sort((a, b) => placeOf(a) - placeOf(b));
}

type Text = (name: string) => string;

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
const list = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);

function rows(fields: EditorFields, name: string): number[] {
  return Array.from({ length: Math.min(Number(fields[name]) || 0, 60) }, (_, i) => i);
}

function standardField(key: string, text: Text) {
  if (key !== 'email' && !text(`ask.${key}`)) return [];
  const [label, help] = [text(`label.${key}`), text(`help.${key}`)];
  return [
    {
      key,
      required: key === 'email' || text(`require.${key}`) === 'yes',
      ...(label && { label }),
      ...(help && { help }),
    },
  ];
}

/** A row without label and name is one that was left empty, or emptied to take the question away. */
function question(i: number, text: Text) {
  const at = (name: string) => text(`q.${i}.${name}`);
  if (!at('key') && !at('label')) return [];
  const options = lines(at('options')).map((line) => {
    const [code = '', ...label] = line.split('=');
    return { code: code.trim(), label: label.join('=').trim() || code.trim() };
  });
  const help = at('help');
  return [
    {
      key: `q.${at('key')}`,
      type: at('type'),
      label: at('label'),
      required: at('required') === 'yes',
      ...(help && { help }),
      ...(options.length > 0 && { options }),
    },
  ];
}

function consentsFrom(fields: EditorFields, text: Text, known: Campaign | undefined) {
  const own = known?.consents.find(({ sponsor }) => sponsor === undefined)?.key ?? 'publisher';
  const publisher = text('consent.publisher') ? [{ key: own, text: text('consent.publisher') }] : [];
  const named = rows(fields, 'sponsors').flatMap((i) => {
    const slug = text(`s.${i}.slug`);
    const words = text(`s.${i}.consent`);
    return slug && words ? [{ key: slug, sponsor: slug, text: words }] : [];
  });
  return [...publisher, ...named];
}

function sponsorFrom(i: number, text: Text, contracts: Contract[]) {
  const at = (name: string) => text(`s.${i}.${name}`);
  if (!at('slug') && !at('name')) return [];
  const known = contracts.find(({ sponsor }) => sponsor === at('slug'));
  const others = known?.filters.filter(({ field }) => field !== 'country');
  const countries = list(at('countries'));
  const filters = [...(countries.length > 0 ? [{ field: 'country', in: countries }] : []), ...(others ?? [])];
  const optional = (names: string[]) => Object.fromEntries(names.filter(at).map((name) => [name, at(name)]));
  const contract = {
    ...(known && otherTerms(known)),
    ...optional(['cap', 'from', 'to', 'perCompanyDomain']),
    filters,
    overflow: at('overflow') || 'hold',
  };
  return [{ slug: at('slug'), name: at('name'), ...optional(['privacyUrl']), contract }];
}

/** What a contract's own page sets and this one doesn't show. */
function otherTerms(contract: Contract): Record<string, unknown> {
  const terms = Object.entries(termsFile(contract, String));
  return Object.fromEntries(terms.filter(([name]) => !SHOWN_TERMS.includes(name)));
}

/** The field of the page that a mistake in `definition` is about. */
export function fieldOf(
  path: readonly (string | number)[],
  definition: { form: { key: string }[] },
  fields: EditorFields,
): string {
  const [top = '', i, name] = path;
  if (top === 'form')
    return typeof i === 'number' ? questionField(definition.form[i]?.key ?? '', fields, name) : 'ask.email';
  if (top === 'sponsors' && typeof i === 'number') return `s.${i}.${sponsorField(path)}`;
  if (top === 'consents') return 'consent.publisher';
  return typeof i === 'string' ? `${top}.${i}` : String(top);
}

function questionField(key: string, fields: EditorFields, name: string | number | undefined): string {
  if (isStandardKey(key)) return `label.${key}`;
  const row = rows(fields, 'questions').find((i) => fields[`q.${i}.key`]?.trim() === key.slice('q.'.length)) ?? 0;
  return `q.${row}.${typeof name === 'string' ? name : 'label'}`;
}

function sponsorField(path: readonly (string | number)[]): string {
  if (path.includes('filters')) return 'countries';
  return String(path.at(-1) ?? 'name');
}
