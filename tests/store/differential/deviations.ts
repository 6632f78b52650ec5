import { answered, type Deviation, type Difference, refused, stagesOf, updatesOf } from './deviations/difference';
import { EXPRESSIONS } from './deviations/expressions';
import { PIPELINES } from './deviations/pipelines';
import { QUERIES } from './deviations/queries';
import { UPDATES } from './deviations/updates';
import { operatorsOf } from './expressions';
import { same } from './servers';
import type { Soften } from './soften';

export const DEVIATIONS: readonly Deviation[] = [...QUERIES, ...UPDATES, ...PIPELINES, ...EXPRESSIONS];

/**
 * No deviation: of several errors either may come first, and what nobody asks for need not be computed. The codes of errors
 * are compared where one operator is asked. What this store refuses by name (238) it does not answer wrongly.
 */
export function errorOfMany(one: Difference): boolean {
  if (answered(one)) return false;
  if (one.ours['error'] === 238) return true;
  if (Array.isArray(updatesOf(one)['u'])) return operatorsOf(updatesOf(one)['u']) > 2;
  const [first, , third] = stagesOf(one);
  if (first) return !('$match' in first && operatorsOf(third) === 2);
  return refused(one.ours) && refused(one.theirs);
}

/** Whether a difference is explained by what the reference is known for. */
export function explained(one: Difference, by: readonly Deviation[] = DEVIATIONS): boolean {
  const here = by.filter(({ when }) => !when || when(one));
  if (here.some(({ covers }) => covers?.(one))) return true;
  if (!answered(one)) return false;
  const soften: Soften = (answer) => here.reduce((softer, deviation) => deviation.soften?.(softer) ?? softer, answer);
  return same({ answer: soften(one.ours) }, { answer: soften(one.theirs) });
}
