import type { Campaign } from '../campaigns/campaign.types';
import { countries, type Typed } from '../campaigns/campaigns';
import type { LeadRequest } from '../leads/leads';

type Answers = LeadRequest['answers'];
type Key = 'firstName' | 'lastName' | 'company' | 'jobTitle' | 'country' | 'phone';

/** What a reader may correct: about themselves. The address is proved by being here, and their opinions were theirs. */
export const CORRECTABLE: readonly { key: Key; label: string; autocomplete: string }[] = [
  { key: 'firstName', label: 'First name', autocomplete: 'given-name' },
  { key: 'lastName', label: 'Last name', autocomplete: 'family-name' },
  { key: 'company', label: 'Company', autocomplete: 'organization' },
  { key: 'jobTitle', label: 'Job title', autocomplete: 'organization-title' },
  { key: 'country', label: 'Country', autocomplete: 'country' },
  { key: 'phone', label: 'Phone', autocomplete: 'tel' },
];

/** Answers in the words of the form that asked for them. */
export function answerLines(answers: Answers, campaign: Campaign | null, locale: string): [string, string][] {
  const country = new Map(countries(locale).map(({ code, label }) => [code, label]));
  const standard = CORRECTABLE.flatMap(({ key, label }): [string, string][] => {
    const value = answers[key];
    return value ? [[label, key === 'country' ? (country.get(value) ?? value) : value]] : [];
  });
  const own = Object.entries(answers.q).map(([key, value]): [string, string] => {
    const field = campaign?.form.fields.find((one) => one.key === `q.${key}`);
    const word = (code: string) => field?.options?.find((option) => option.code === code)?.label ?? code;
    return [field?.label ?? key, [value].flat().map(String).map(word).join(', ')];
  });
  return [['E-mail address', answers.email], ...standard, ...own];
}

/** The form as it would have been typed, with what its reader corrects in the place of what was there. */
export function typedAnswers(answers: Answers, corrected: Typed): Typed {
  const typed: Typed = { email: answers.email };
  for (const { key } of CORRECTABLE) {
    const value = corrected[key];
    typed[key] = typeof value === 'string' ? value : (answers[key] ?? '');
  }
  for (const [key, value] of Object.entries(answers.q)) {
    typed[`q.${key}`] = Array.isArray(value) ? value : String(value);
  }
  return typed;
}
