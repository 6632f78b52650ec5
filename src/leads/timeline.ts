import type { ConsentEvidence, Lead } from './lead.types';

/** One line of a lead's history, whichever room it comes from. */
export interface TimelineEntry {
  at: Date;
  what: string;
  detail: string;
  times?: number;
  lastAt?: Date;
}

interface Decided {
  at: Date;
  decision: string;
  rule: string;
  evidence: string;
}

/** What rooms below this one know, as far as it is shown; the route asks them. */
interface Known {
  lead: Lead;
  /** From deliveries, each with the reference of its request. */
  events: (TimelineEntry & { request: string })[];
  /** From the ledger. */
  settlements: (Decided & { contract: string; before?: Decided[] })[];
  /** From exports. */
  disclosures: { at: Date; actor: string; sponsor?: string; format: string }[];
  /** Names by slug. */
  sponsors: ReadonlyMap<string, string>;
}

/** All that happened to a lead, oldest first: asked, mailed, fetched, settled, disclosed to whom, returned, withdrawn. */
export function timelineOf({ lead, events, settlements, disclosures, sponsors }: Known): TimelineEntry[] {
  const nameOf = (slug: string): string => sponsors.get(slug) ?? slug;
  const entries: TimelineEntry[] = [
    ...events.map(({ request, detail, ...event }) => ({
      ...event,
      detail: [request, detail].filter(Boolean).join(' · '),
    })),
    ...settlements.flatMap((one) => ofSettlement(one, nameOf(one.contract.split('/')[1] ?? ''))),
    ...disclosures.map(({ at, actor, sponsor, format }) => ({
      at,
      what: 'disclosed',
      detail: `to ${actor}${sponsor === undefined ? '' : ` for ${nameOf(sponsor)}`} (${format})`,
    })),
    ...lead.current.consents.filter(({ how }) => how === 'withdrawn').map(ofWithdrawal),
  ];
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** The decision that stands, and those that stood before it. */
function ofSettlement(
  { decision, rule, evidence, at, before = [] }: Known['settlements'][number],
  sponsor: string,
): TimelineEntry[] {
  return [...before, { decision, rule, evidence, at }].map((one) => ({
    at: one.at,
    what: one.decision,
    detail: `${sponsor}: ${[one.rule, one.evidence].filter(Boolean).join(', ')}`,
  }));
}

function ofWithdrawal({ key, page, at }: ConsentEvidence): TimelineEntry {
  return { at, what: 'withdrawn', detail: `${key}, by ${page}` };
}
