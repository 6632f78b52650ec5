import { type Contract, termsFile } from '../sponsors/sponsors';
import type { Campaign } from './campaign.types';
import { type EditorFields, type Row, rowsOf } from './editor.rows';
import { isStandardKey } from './form.words';
import { addressOf } from './public-address';
import { writeMoment } from './schedule';

/**
 * What the fields say, in the shape of `campaign.yaml`. What the editor has no field for (other filters and terms, the
 * consents' place in follow-ups) stays as `known` and its contracts have it.
 */
export function definitionFrom(fields: EditorFields, known?: Campaign, contracts: Contract[] = [], timeZone = 'UTC') {
  const text = textIn(fields);
  const given = (names: readonly string[]) => Object.fromEntries(names.filter(text).map((name) => [name, text(name)]));
  return {
    ...placeOf(text('address'), text('title'), known),
    title: text('title'),
    introduction: text('introduction'),
    ...given(['body', 'thanks', 'opens', 'closes']),
    covered: lines(text('covered')),
    audience: lines(text('audience')),
    topics: list(text('topics')),
    related: list(text('related')),
    ...searchOf(text),
    ...(known?.archived && { archived: true }),
    form: rowsOf(fields, 'f').flatMap(question),
    consents: rowsOf(fields, 'c').flatMap(consent),
    sponsors: rowsOf(fields, 's').flatMap((row) => sponsor(row, contracts, timeZone)),
    addresses: {
      personal: text('addresses.personal') || 'accept',
      disposable: text('addresses.disposable') || 'refuse',
    },
    mail: { subject: text('mail.subject'), body: text('mail.body'), ...followUps(rowsOf(fields, 'u')) },
    confirmFirst: text('confirmFirst') === 'yes',
    stamp: { ...stampKept(known), ...stampOf(text) },
    ...(known?.previews !== undefined && { previews: known.previews }),
  };
}

type Text = (name: string) => string;

const clean = (value = ''): string => value.replaceAll('\r\n', '\n').trim();
const textIn =
  (fields: EditorFields | Row): Text =>
  (name) =>
    clean(fields[name]);
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
const list = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((one) => one.trim())
    .filter(Boolean);

/** `Fewer than ten` as a name for machines: `fewer-than-ten`. */
export function nameFrom(words: string, glue = '-', max = 60): string {
  return words
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, glue)
    .slice(0, max)
    .replace(new RegExp(`^${glue}+|${glue}+$`, 'g'), '');
}

/** A new campaign is named by its first address. Later the name stays, and addresses that it had lead on. */
function placeOf(address: string, title: string, known: Campaign | undefined) {
  if (!known) return { slug: address || nameFrom(title) };
  const before = addressOf(known);
  const now = address || before;
  const former = [...new Set([...(known.formerAddresses ?? []), before])];
  return {
    slug: known.slug,
    ...(now !== known.slug && { address: now }),
    formerAddresses: former.filter((one) => one !== now && one !== known.slug),
  };
}

function searchOf(text: Text) {
  const [title, description] = [text('search.title'), text('search.description')];
  const noindex = text('search.noindex') === 'yes';
  if (!title && !description && !noindex) return {};
  return { search: { ...(title && { title }), ...(description && { description }), noindex } };
}

/** Variables of a campaign's own. */
function stampKept(known: Campaign | undefined): object {
  if (!known) return {};
  const { margin: _, size: __, colour: ___, ...rest } = known.stamp;
  return rest;
}

function stampOf(text: Text) {
  const numbers = ['margin', 'size'].filter((name) => text(`stamp.${name}`));
  return {
    preset: text('stamp.preset'),
    template: text('stamp.template'),
    ...Object.fromEntries(numbers.map((name) => [name, text(`stamp.${name}`)])),
    ...(text('stamp.colour') && { colour: text('stamp.colour') }),
  };
}

/** Codes and keys that nobody typed are made of the words once, and stay when the words change. */
function question(row: Row) {
  const text = textIn(row);
  const standard = isStandardKey(text('key'));
  if (!standard && !text('key') && !text('label')) return [];
  const key = standard ? text('key') : `q.${text('key').replace(/^q\./, '') || nameFrom(text('label'), '_', 40)}`;
  const options = lines(text('options')).map((line) => {
    const [code = '', ...label] = line.split('=');
    return label.length > 0
      ? { code: code.trim(), label: label.join('=').trim() || code.trim() }
      : { code: nameFrom(line), label: line };
  });
  const optional = ['label', 'help', 'why'].filter(text).map((name) => [name, text(name)]);
  return [
    {
      key,
      ...(!standard && { type: text('type') || 'text' }),
      ...Object.fromEntries(optional),
      required: key === 'email' || text('required') === 'yes',
      ...(options.length > 0 && { options }),
      ...(text('if') && { showIf: { field: text('if'), is: list(text('is')) } }),
    },
  ];
}

function consent(row: Row) {
  const text = textIn(row);
  if (!text('text')) return [];
  const controller = text('controller');
  return [
    {
      key: text('key') || controller || 'publisher',
      ...(controller && { sponsor: controller }),
      ...(text('purpose') && { purpose: text('purpose') }),
      text: text('text'),
    },
  ];
}

/** The terms that the page has fields for; what else a contract says stays. */
const TERMS = ['cap', 'from', 'to', 'perCompanyDomain'];

function sponsor(row: Row, contracts: Contract[], timeZone: string) {
  const text = textIn(row);
  if (!text('slug') && !text('name')) return [];
  const slug = text('slug') || nameFrom(text('name'));
  const known = contracts.find((one) => one.sponsor === slug);
  const others = Object.entries(known ? termsFile(known, (at) => writeMoment(at, timeZone)) : {}).filter(
    ([name]) => !TERMS.includes(name),
  );
  const kept = (known?.filters ?? []).filter(({ field }) => field !== 'country');
  const countries = list(text('countries'));
  const optional = (names: string[]) => Object.fromEntries(names.filter(text).map((name) => [name, text(name)]));
  const contract = {
    ...Object.fromEntries(others),
    ...optional(TERMS),
    filters: [...(countries.length > 0 ? [{ field: 'country', in: countries }] : []), ...kept],
    overflow: text('overflow') || 'hold',
  };
  return [{ slug, name: text('name'), ...optional(['privacyUrl']), contract }];
}

function followUps(rows: Row[]) {
  const written = rows.map(textIn).filter((text) => text('subject') || text('body'));
  if (written.length === 0) return {};
  const names = ['afterDays', 'subject', 'body', 'consent'];
  return { followUps: written.map((text) => Object.fromEntries(names.map((name) => [name, text(name)]))) };
}
