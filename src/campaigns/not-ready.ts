import { GatefoldError } from '../errors';
import type { Check } from './readiness';

/** What keeps a campaign from being open. */
export const missingOf = (checks: readonly Check[]): Check[] =>
  checks.filter(({ isMet, level }) => !isMet && level === 'must');

/** A campaign that can't be open, with all that it lacks: whoever speaks to the person puts each thing in its place. */
export class NotReady extends GatefoldError {
  constructor(
    slug: string,
    readonly missing: Check[],
    wording: { reader: string; wayOut: string } = {
      reader: 'This campaign is not ready to be published.',
      wayOut: 'What is missing stands in the list below.',
    },
  ) {
    const log = [`${slug} is not ready:`, ...missing.map(lineOf)].join('\n');
    super('invalid', 'not-ready', { log, ...wording });
  }
}

/** The same for a definition that says itself that it is open: nobody has a list before them, so the words hold it. */
export function notReadyAsSaid(slug: string, missing: Check[]): NotReady {
  return new NotReady(slug, missing, {
    reader: [`${slug} can’t be open, it is not ready:`, ...missing.map(lineOf)].join('\n'),
    wayOut: 'Mend that, or leave `status: open` out: then it comes in as a draft.',
  });
}

const lineOf = ({ words, missing }: Check): string => `- ${words}: ${missing}`;
