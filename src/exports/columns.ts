import type { ConsentEvidence, Lead } from '../leads/leads';
import type { Asked, Box } from './asked';
import type { ChosenColumn, Look } from './profile.types';

/** A Date is written by the format: as text, or as a date of a spreadsheet. */
export type Cell = string | number | Date;

/** One column of an export: its name, and its cell for a lead. */
export interface Column {
  name: string;
  of(lead: Lead): Cell;
}

/** How answers are put into words; without it codes stay codes. */
export interface Wording {
  words: Record<string, string>;
  country: (code: string) => string;
}

const ATTRIBUTION = [
  ['utm_source', 'utmSource'],
  ['utm_medium', 'utmMedium'],
  ['utm_campaign', 'utmCampaign'],
  ['utm_term', 'utmTerm'],
  ['utm_content', 'utmContent'],
  ['ref', 'ref'],
] as const;

const STANDARD = [
  ['email', 'email'],
  ['first_name', 'firstName'],
  ['last_name', 'lastName'],
  ['company', 'company'],
  ['job_title', 'jobTitle'],
  ['country', 'country'],
  ['phone', 'phone'],
  ['phone_e164', 'phoneE164'],
] as const;

type Manner = Pick<Look, 'between'> & { wording?: Wording };

/**
 * The columns of the contract, in its order. A sponsor sees the consent that names it and no other: what the reader
 * agreed with the publisher or another sponsor is not theirs. A box that named several in its time has one column, of
 * whom it named last.
 */
export function columnsOf(
  { questions, consents }: Pick<Asked, 'questions' | 'consents'>,
  sponsor?: string,
  { between, wording }: Manner = { between: '; ' },
): Column[] {
  const named = consents.filter((box) => sponsor === undefined || box.sponsor === sponsor);
  const theirs = named.filter(({ key }, i) => named.findIndex((box) => box.key === key) === i);
  const standard = STANDARD.map(([name, key]): Column => ({ name, of: ({ current }) => current.answers[key] ?? '' }));
  return [
    { name: 'lead_id', of: (lead) => lead.id },
    { name: 'captured_at', of: (lead) => lead.capturedAt },
    { name: 'campaign', of: (lead) => lead.campaign },
    ...standard.map((column) => (column.name === 'country' && wording ? countryColumn(wording) : column)),
    ...questions.map((key) => questionColumn(key, between, wording)),
    ...theirs.flatMap(consentColumns),
    ...ATTRIBUTION.map(([name, key]): Column => ({ name, of: ({ current }) => current.attribution[key] ?? '' })),
    ...(sponsor === undefined ? [{ name: 'status', of: (lead: Lead) => lead.status }] : []),
  ];
}

function countryColumn({ country }: Wording): Column {
  return { name: 'country', of: ({ current }) => (current.answers.country ? country(current.answers.country) : '') };
}

function questionColumn(key: string, between: string, wording: Wording | undefined): Column {
  const word = (code: string): string => wording?.words[`${key}=${code}`] ?? code;
  return {
    name: `q_${key}`,
    of: ({ current }) => {
      const answer = current.answers.q[key];
      if (Array.isArray(answer)) return answer.map(word).join(between);
      return typeof answer === 'string' ? word(answer) : (answer ?? '');
    },
  };
}

function consentColumns({ key, sponsor }: Box): Column[] {
  const cell = (read: (evidence: ConsentEvidence) => Cell) => (lead: Lead) => {
    const evidence = lead.current.consents.find((one) => one.key === key && one.sponsor === sponsor);
    return evidence ? read(evidence) : '';
  };
  const given = cell((evidence) => (evidence.given ? 'yes' : 'no'));
  return [
    { name: `consent_${key}`, of: (lead) => given(lead) || 'no' },
    { name: `consent_${key}_text`, of: cell(({ text }) => text) },
    { name: `consent_${key}_version`, of: cell(({ version }) => version) },
    { name: `consent_${key}_at`, of: cell(({ at }) => at) },
  ];
}

/**
 * The columns that a profile chose out of those there are, under its own headers. What this campaign doesn't ask keeps
 * its column, so that a file has the same shape whatever campaign it is of.
 */
export function chosen(columns: ChosenColumn[], among: Column[]): Column[] {
  const known = new Map(among.map((column) => [column.name, column]));
  return columns.map(({ source, header, ifEmpty }) => {
    const column = known.get(source);
    return { name: header, of: (lead) => (column ? filled(column.of(lead), ifEmpty) : ifEmpty) };
  });
}

const filled = (cell: Cell, ifEmpty: string): Cell => (cell === '' ? ifEmpty : cell);
