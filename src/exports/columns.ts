import type { ConsentEvidence, Lead } from '../leads/leads';
import type { Asked, Box } from './asked';

export type Cell = string | number;

/** One column of an export: its name, and its cell for a lead. */
export interface Column {
  name: string;
  of(lead: Lead): Cell;
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

/**
 * The columns of the contract, in its order. A sponsor sees the consent that names it and no other: what the reader
 * agreed with the publisher or another sponsor is not theirs. A box that named several in its time has one column, of
 * whom it named last.
 */
export function columnsOf({ questions, consents }: Asked, sponsor?: string): Column[] {
  const named = consents.filter((box) => sponsor === undefined || box.sponsor === sponsor);
  const theirs = named.filter(({ key }, i) => named.findIndex((box) => box.key === key) === i);
  return [
    { name: 'lead_id', of: (lead) => lead.id },
    { name: 'captured_at', of: (lead) => lead.capturedAt.toISOString() },
    { name: 'campaign', of: (lead) => lead.campaign },
    ...STANDARD.map(([name, key]): Column => ({ name, of: ({ current }) => current.answers[key] ?? '' })),
    ...questions.map((key): Column => ({ name: `q_${key}`, of: ({ current }) => answerText(current.answers.q[key]) })),
    ...theirs.flatMap(consentColumns),
    ...ATTRIBUTION.map(([name, key]): Column => ({ name, of: ({ current }) => current.attribution[key] ?? '' })),
    ...(sponsor === undefined ? [{ name: 'status', of: (lead: Lead) => lead.status }] : []),
  ];
}

function answerText(answer: string | number | string[] | undefined): Cell {
  return Array.isArray(answer) ? answer.join('; ') : (answer ?? '');
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
    { name: `consent_${key}_at`, of: cell(({ at }) => at.toISOString()) },
  ];
}
