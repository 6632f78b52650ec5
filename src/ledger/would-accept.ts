import * as leads from '../leads/leads';
import { type Contract, decide } from '../sponsors/sponsors';
import { candidateOf } from './candidate';

export const TRIAL_DAYS = 90;
const DAY_MS = 86_400_000;
const BATCH = 500;

/** What terms would have made of the leads that came in. */
export interface Trial {
  leads: number;
  accepted: number;
  /** Who was not taken, by the rule that decided, most first. */
  rejected: { rule: string; count: number }[];
}

/**
 * Tries terms on the leads of the last 90 days: whom the contract takes, its dates, places, paces and duplicates apart,
 * which depend on when it runs. Nothing is kept; leads are read one batch after the other.
 */
export async function wouldAccept(contract: Contract, now: Date): Promise<Trial> {
  const { from: _, to: __, ...terms } = contract;
  const trial = { leads: 0, accepted: 0 };
  const rules = new Map<string, number>();
  const since = new Date(now.getTime() - TRIAL_DAYS * DAY_MS);
  for await (const batch of leads.leadsSince(contract.campaign, since, BATCH)) {
    for (const lead of batch) {
      const verdict = decide(terms, candidateOf(lead));
      trial.leads += 1;
      if (verdict.eligible) trial.accepted += 1;
      else rules.set(verdict.rule, (rules.get(verdict.rule) ?? 0) + 1);
    }
  }
  const rejected = [...rules].map(([rule, count]) => ({ rule, count })).sort((a, b) => b.count - a.count);
  return { ...trial, rejected };
}
