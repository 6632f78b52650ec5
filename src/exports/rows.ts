import * as deliveries from '../deliveries/deliveries';
import * as leads from '../leads/leads';
import * as ledger from '../ledger/ledger';

/**
 * Leads of one read. Few enough that a batch is written before the memory of its rows grows old, and the heap with it: at
 * 500 an export grew by 190 MB, at 125 by 75, and was no slower (npm run bench).
 */
export const BATCH = 125;

/**
 * Every lead of a campaign, or those that a sponsor may see: settled as theirs, still active, and consented to sharing
 * with them by name (promise 2). By id, some hundred at a time.
 */
export function batchesOf(campaign: string, sponsor: string | undefined): AsyncGenerator<leads.Lead[]> {
  return sponsor === undefined ? leads.leadBatches(campaign, BATCH) : sponsorsLeads(campaign, sponsor);
}

/** What a sponsor may see of these leads, whatever they were asked for. */
export async function visible(campaign: string, sponsor: string, ids: string[]): Promise<Set<string>> {
  const theirs = await ledger.settledAmong(campaign, sponsor, ids);
  const found = await leads.leadsById(theirs);
  return new Set(found.filter((lead) => mayGo(lead, sponsor)).map(({ id }) => id));
}

const mayGo = ({ status, current }: leads.Lead, sponsor: string): boolean =>
  status === 'active' && current.consents.some((consent) => consent.sponsor === sponsor && consent.given);

async function* sponsorsLeads(campaign: string, sponsor: string): AsyncGenerator<leads.Lead[]> {
  let dense = true;
  async function* read(ids: string[]): AsyncGenerator<leads.Lead[]> {
    const found = await leads.leadsAmong(campaign, ids, dense);
    dense = found.dense;
    yield found.leads.filter((lead) => mayGo(lead, sponsor));
  }
  let ids: string[] = [];
  for await (const id of ledger.settledFor(campaign, sponsor)) {
    ids.push(id);
    if (ids.length < BATCH) continue;
    yield* read(ids);
    ids = [];
  }
  if (ids.length > 0) yield* read(ids);
}

/**
 * Of these leads those that the publisher may write to for a purpose of its own: active, the consent given and not taken
 * back since, and nobody who unsubscribed.
 * @param consent key of a consent that names no sponsor
 */
export async function mayBeMailed(found: leads.Lead[], consent: string): Promise<leads.Lead[]> {
  const willing = found.filter(
    ({ status, current }) =>
      status === 'active' &&
      current.consents.some(({ key, sponsor, given }) => key === consent && sponsor === undefined && given),
  );
  const addressOf = ({ current }: leads.Lead) => current.answers.email ?? '';
  const suppressed = await deliveries.suppressedAmong(willing.map(addressOf), consent);
  return willing.filter((lead) => !suppressed.has(addressOf(lead)));
}

/** Leaves out what `keep` doesn't want, and whoever has not given `consent`; what is left comes as it came. */
export async function* only(
  batches: AsyncIterable<leads.Lead[]>,
  keep: (lead: leads.Lead) => boolean,
  consent?: string,
): AsyncGenerator<leads.Lead[]> {
  for await (const batch of batches) {
    const kept = batch.filter(keep);
    yield consent === undefined ? kept : await mayBeMailed(kept, consent);
  }
}

/** Reads the next batch while this one is written: the store has a thread of its own, or a machine. */
export async function* ahead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = source.next();
      // Whoever asks for it is told of its trouble; until then it is nobody's.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return(undefined);
  }
}
