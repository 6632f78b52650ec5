import type { Contract } from '../sponsors/sponsors';
import { dispositionsOfLead } from './dispositions';
import { theirLead } from './feedback';
import { DISPOSITIONS, REASONS, type Return } from './feedback.types';
import { findReturn } from './returns';
import { ruleWords } from './rule-words';

/** One line of what happened between publisher and sponsor over a lead. */
export interface Happening {
  at: Date;
  what: string;
  detail: string;
}

/**
 * All that happened between publisher and sponsor over one lead, oldest first. Staff and sponsor read the same lines, so
 * that neither knows more than the other of what is argued about.
 * @throws GatefoldError `unknown-lead`
 */
export async function happeningsOf(contract: Contract, lead: string): Promise<Happening[]> {
  const row = await theirLead(contract, lead);
  const [asked, said] = await Promise.all([findReturn(contract, lead), dispositionsOfLead(contract, lead)]);
  const steps = [...(row.before ?? []), row];
  return [
    ...steps.map(({ at, decision, rule }) => ({ at, what: decision, detail: ruleWords(rule, contract) })),
    ...(row.replacedBy ? [{ at: row.at, what: 'replaced', detail: `by ${row.replacedBy}` }] : []),
    ...(asked ? ofReturn(asked) : []),
    ...said.map(({ at, code, note, by }) => ({
      at,
      what: DISPOSITIONS[code].toLowerCase(),
      detail: [note, `said ${by}`].filter(Boolean).join(' · '),
    })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
}

function ofReturn({ at, by, reason, note, state, decidedAt, decidedBy, evidence }: Return): Happening[] {
  const asked = { at, what: 'given back', detail: [REASONS[reason], note, `asked ${by}`].filter(Boolean).join(' · ') };
  if (state === 'open' || !decidedAt) return [asked];
  const who = decidedBy === 'evidence' ? 'by evidence' : `by ${decidedBy}`;
  return [asked, { at: decidedAt, what: `return ${state}`, detail: [evidence, who].filter(Boolean).join(' · ') }];
}
