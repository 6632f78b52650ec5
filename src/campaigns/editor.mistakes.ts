import { type EditorFields, isGiven, type List, rowsOf } from './editor.rows';
import type { Problem } from './yaml';

/** Something wrong at a field of the page, in the words of the page. */
export interface Mistake {
  /** Name of the field. */
  field: string;
  message: string;
}

/** What the page calls a field; the error summary leads to it by this name. */
const NAMES: Record<string, string> = {
  slug: 'Address',
  address: 'Address',
  title: 'Title',
  introduction: 'Introduction',
  covered: 'What’s covered',
  audience: 'Who it is for',
  topics: 'Topics',
  related: 'Related campaigns',
  body: 'More about the paper',
  thanks: 'Thank-you page',
  opens: 'Opens',
  closes: 'Closes',
  'mail.subject': 'Subject',
  'mail.body': 'Message',
  confirmFirst: 'Confirm first',
  'addresses.personal': 'Personal mailboxes',
  'addresses.disposable': 'Throw-away mailboxes',
  'stamp.preset': 'Where',
  'stamp.template': 'Words of the stamp',
  'stamp.margin': 'Margin',
  'stamp.size': 'Size',
  'stamp.colour': 'Colour',
  'search.noindex': 'Keep the page out of search engines',
  'search.title': 'Title for search engines',
  'search.description': 'Description for search engines',
  whitepaper: 'PDF',
  label: 'Question',
  required: 'Has to be answered',
  key: 'Name in exports',
  type: 'Kind of answer',
  options: 'Answers to choose from',
  help: 'Help',
  why: 'Why we ask',
  if: 'Asked only if',
  is: 'Answers that it waits for',
  text: 'Words',
  controller: 'Who may',
  name: 'Name',
  privacyUrl: 'Privacy notice',
  cap: 'Leads',
  from: 'From',
  to: 'To',
  perCompanyDomain: 'At most of one company',
  countries: 'Only these countries',
  overflow: 'When all places are taken',
  purpose: 'What for',
  afterDays: 'Days later',
  subject: 'Subject',
  consent: 'Sent under',
};

const LIST_OF: Record<string, { list: List; thing: string }> = {
  form: { list: 'f', thing: 'Question' },
  consents: { list: 'c', thing: 'Consent' },
  sponsors: { list: 's', thing: 'Sponsor' },
};

/** The field that a problem of the definition is about, and the problem in plain words. */
export function mistakeOf({ path, message }: Problem, fields: EditorFields): Mistake {
  const [top = '', i, ...rest] = path;
  const found =
    path[0] === 'mail' && path[1] === 'followUps' ? { list: 'u' as const, thing: 'Follow-up' } : LIST_OF[top];
  const index = found?.list === 'u' ? path[2] : i;
  if (found && typeof index === 'number') {
    const row = rowNumber(found.list, fields, index);
    const name = rowField(found.list === 'u' ? path.slice(3) : rest);
    return {
      field: `${found.list}.${row}.${name}`,
      message: told(message, `${found.thing} ${row + 1}, ${NAMES[name] ?? name}`),
    };
  }
  const field = top === 'slug' ? 'address' : typeof i === 'string' ? `${top}.${i}` : String(top);
  const plain = found ? `part-${top}` : field;
  return { field: plain, message: told(message, NAMES[field] ?? capital(String(top))) };
}

const THINGS: Record<List, string> = { f: 'Question', c: 'Consent', s: 'Sponsor', u: 'Follow-up' };

/** What the page calls a field: `Question 2, Help`. */
export function nameOf(field: string): string {
  const [, list, row, name = ''] = /^([fcsu])\.(\d+)\.(\w+)$/.exec(field) ?? [];
  if (list && row) return `${THINGS[list as List]} ${Number(row) + 1}, ${NAMES[name] ?? name}`;
  const [, counted] = /^([fcsu])\.count$/.exec(field) ?? [];
  return counted ? `Number of ${THINGS[counted as List].toLowerCase()}s` : (NAMES[field] ?? field);
}

/** The row of the page behind the n-th of those that say something. */
function rowNumber(list: List, fields: EditorFields, n: number): number {
  const given = rowsOf(fields, list).flatMap((row, i) => (isGiven(list, row) ? [i] : []));
  return given[n] ?? 0;
}

function rowField(rest: (string | number)[]): string {
  const [first = 'label', second] = rest;
  if (rest.includes('filters')) return 'countries';
  if (first === 'showIf') return second === 'is' ? 'is' : 'if';
  if (first === 'contract') return String(second ?? 'cap');
  if (first === 'sponsor') return 'controller';
  return String(first);
}

const PLAIN: [RegExp, string][] = [
  [/^(is required|is not allowed to be empty)$/, 'has to be filled in'],
  [/^must contain at least 1 items$/, 'needs one at least'],
  [/^must be a number$/, 'takes a number in digits'],
];

/** What a rule says is wrong, in the words of the page. */
export function plainly(message: string): string {
  return PLAIN.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}

const told = (message: string, name: string): string => `${name}: ${plainly(message)}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
