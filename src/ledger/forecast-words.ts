import type { Contract } from '../sponsors/sponsors';
import type { Forecast } from './forecast';

/** The forecast in a sentence or two. */
export function forecastWords(
  { state, perDay, ends, expected, shortfall = 0 }: Forecast,
  { cap, from, to }: Pick<Contract, 'cap' | 'from' | 'to'>,
  day: (at: Date) => string,
): string {
  const many = perDay < 10 ? Number(perDay.toFixed(1)) : Math.round(perDay);
  const rate = many === 1 ? '1 lead a day' : `${many} leads a day`;
  const ending = to ? ` when the contract ends on ${day(to)}` : '';
  switch (state) {
    case 'full':
      return 'All places are taken.';
    case 'not-started':
      return `The contract begins on ${from ? day(from) : 'a later day'}.`;
    case 'ended':
      return `The contract ended on ${to ? day(to) : 'an earlier day'}${shortfall > 0 ? `, ${shortfall} of ${cap} places short` : ''}.`;
    case 'no-limit':
      return `At ${rate} as of late${to ? `, ${expected} will count${ending}` : ''}. The contract has no limit.`;
    case 'still':
      return `No lead has come to count in the last four weeks.${to ? ` If that goes on, ${shortfall} of ${cap} places will be free${ending}.` : ''}`;
    case 'on-time':
      return `At ${rate} as of late, the last place will be taken on ${ends ? day(ends) : 'a later day'}.`;
    case 'late':
      return `At ${rate} as of late, ${expected} of ${cap} places will be taken${ending}: a shortfall of ${shortfall}.`;
  }
}
