import type { Campaign } from '../campaigns/campaigns';
import { type Contract, PACES, writeMoney } from '../sponsors/sponsors';

/** The fields of the page of terms, by name: `cap`, `pacing.day`, `filter.country`, `list.0.domains`. */
export type TermsFields = Record<string, string>;

/** A field of the form by which a contract may choose readers. */
export interface Choosable {
  key: string;
  label: string;
  /** Its answers; without them one types what is taken. */
  options?: { code: string; label: string }[];
}

const LISTS_MAX = 20;
const DOMAINS = /[\s,;]+/;

/** Fields of the form with answers to choose from, and those by which the contract chooses already. */
export function choosables({ form }: Campaign, { filters }: Pick<Contract, 'filters'>): Choosable[] {
  const asked = form.fields.filter(({ key, type, options }) => options || type === 'country' || isUsed(filters, key));
  return asked.map(({ key, label, options }) => ({ key, label, ...(options && { options }) }));
}

const isUsed = (filters: Contract['filters'], key: string) => filters.some(({ field }) => field === key);

/** The fields of terms as they are. @param moment writes a time as a date-and-time field does */
export function fieldsOfTerms(contract: Contract, moment: (at: Date) => string): TermsFields {
  const { pacing = {}, duplicates, returns } = contract;
  const { cap, from, to, perCompanyDomain, filters, domains = [], businessOnly, provedOnly, overflow } = contract;
  const given: Record<string, unknown> = {
    cap: cap ?? undefined,
    price: contract.price && writeMoney(contract.price),
    from: from && moment(from),
    to: to && moment(to),
    ...Object.fromEntries(PACES.map((pace) => [`pacing.${pace}`, pacing[pace]])),
    perCompanyDomain,
    ...Object.fromEntries(firstOfEach(filters).map((one) => [`filter.${one.field}`, one.in.join(', ')])),
    businessOnly: businessOnly && 'yes',
    provedOnly: provedOnly && 'yes',
    'duplicates.scope': duplicates?.scope,
    'duplicates.days': duplicates?.days,
    'duplicates.match': duplicates?.match,
    'returns.days': returns?.days,
    'returns.percent': returns?.percent,
    overflow,
  };
  for (const [i, { name, include, exclude }] of domains.entries()) {
    given[`list.${i}.name`] = name;
    given[`list.${i}.kind`] = include ? 'include' : 'exclude';
    given[`list.${i}.domains`] = (include ?? exclude ?? []).join('\n');
  }
  const written = Object.entries(given).filter(([, value]) => value !== undefined && value !== false);
  return Object.fromEntries(written.map(([name, value]) => [name, String(value)]));
}

/** Of several filters on one field the page has one; the others stay. */
function firstOfEach(filters: Contract['filters']): Contract['filters'] {
  return filters.filter((one, i) => filters.findIndex(({ field }) => field === one.field) === i);
}

/** What was typed, in the shape of `campaign.yaml`; what is left empty isn't agreed. */
export function termsFrom(fields: TermsFields, contract: Contract) {
  const text = (name: string): string => (fields[name] ?? '').trim();
  const given = (names: readonly string[], head = '') =>
    Object.fromEntries(names.filter((name) => text(head + name)).map((name) => [name, text(head + name)]));
  const pacing = given(PACES, 'pacing.');
  const duplicates = given(['scope', 'days', 'match'], 'duplicates.');
  const returns = given(['days', 'percent'], 'returns.');
  const domains = listRows(fields).map(({ name, kind, domains: typed }) => ({
    name,
    [kind === 'include' ? 'include' : 'exclude']: typed.split(DOMAINS).filter(Boolean),
  }));
  const first = firstOfEach(contract.filters);
  return {
    ...given(['cap', 'price', 'from', 'to', 'perCompanyDomain', 'overflow']),
    ...(Object.keys(pacing).length > 0 && { pacing }),
    filters: [...filtersIn(fields), ...contract.filters.filter((one) => !first.includes(one))],
    ...(text('businessOnly') && { businessOnly: true }),
    ...(text('provedOnly') && { provedOnly: true }),
    ...(domains.length > 0 && { domains }),
    ...('scope' in duplicates && { duplicates }),
    ...(Object.keys(returns).length > 0 && { returns }),
  };
}

function filtersIn(fields: TermsFields): Contract['filters'] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const field = name.startsWith('filter.') ? name.slice('filter.'.length) : '';
    const taken = value
      .split(/[,\n]/)
      .map((one) => one.trim())
      .filter(Boolean);
    return field && taken.length > 0 ? [{ field, in: taken }] : [];
  });
}

interface ListRow {
  row: number;
  name: string;
  kind: string;
  domains: string;
}

/** The lists of domains that say something. */
export function listRows(fields: TermsFields): ListRow[] {
  const rows = Array.from({ length: LISTS_MAX }, (_, row): ListRow => {
    const at = (name: string) => (fields[`list.${row}.${name}`] ?? '').trim();
    return { row, name: at('name'), kind: at('kind'), domains: at('domains') };
  });
  return rows.filter(({ name, domains }) => name !== '' || domains !== '');
}

/** The field of the page that a problem of the terms is about. */
export function fieldOf(path: (string | number)[], fields: TermsFields, terms: ReturnType<typeof termsFrom>): string {
  const [head = '', i = '', name = ''] = path;
  if (head === 'filters') return `filter.${terms.filters[Number(i)]?.field ?? ''}`;
  if (head === 'domains') {
    const part = name === 'name' ? 'name' : 'domains';
    return `list.${listRows(fields)[Number(i)]?.row ?? 0}.${part}`;
  }
  return path.slice(0, 2).join('.');
}

/** The entry of a list that a problem is about: of thousands one has to be told which. */
export function entryOf(path: (string | number)[], terms: ReturnType<typeof termsFrom>): string | undefined {
  if (path[0] !== 'domains' || path.length < 4) return undefined;
  const lists: Record<string, unknown>[] = terms.domains || [];
  const list = lists[Number(path[1])]?.[String(path[2])];
  return Array.isArray(list) ? String(list[Number(path[3])]) : undefined;
}
