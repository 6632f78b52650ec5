import { GatefoldError } from '../errors';
import * as leads from '../leads/leads';
import { DisclosedLeadsModel, type DisclosedLeadsRow, DisclosureModel, type DisclosureRow } from './disclosure.model';
import { begin } from './log';
import { mayBeMailed, visible } from './rows';
import { campaignFor, columnsFor, type Export, exportOf, seriesOf } from './run';

export interface AgainRequest {
  campaign: string;
  sponsor?: string;
  /** Of the series; missing for the contract's own export. */
  profile?: string;
  number: number;
  actor: string;
  stillMay?: () => Promise<boolean>;
}

/**
 * Gives an export once more, to the byte: the same leads in the same order, each as it was at the revision that went
 * out, in the look of then. It is a disclosure of its own, so every lead must be one that they may have today: what was
 * erased, withdrawn, rejected or returned since is not given again, and then the whole file isn't, because it would be
 * another one. The bytes are held against the hash in the log; the last ones leave only when it fits.
 * @throws GatefoldError `unknown-campaign`, `unknown-export`, `leads-gone`
 */
export async function again(request: AgainRequest): Promise<Export> {
  const { campaign, sponsor, number, actor, stillMay } = request;
  await campaignFor(campaign, sponsor);
  const series = seriesOf(campaign, sponsor, request.profile);
  const first = await DisclosureModel.findOne({ series, number }).lean();
  if (!first?.recipe || first.state !== 'complete') throw unknownExport(number);
  await refuseGone(first);
  const columns = columnsFor(first.recipe, sponsor);
  const { profile, range } = first;
  const disclosure = await begin({
    campaign,
    ...(sponsor !== undefined && { sponsor }),
    ...(profile && { profile }),
    ...(range && { range }),
    actor,
    format: first.format,
    columns: first.columns,
    again: number,
  });
  return exportOf({
    disclosure,
    recipe: first.recipe,
    columns,
    batches: asTheyWere(first),
    stillMay,
    expected: first.sha256,
  });
}

const rowsOf = ({ _id }: DisclosureRow, n: number) => DisclosedLeadsModel.findOne({ _id: `${_id} ${n}` }).lean();

async function* each(disclosure: DisclosureRow): AsyncGenerator<DisclosedLeadsRow> {
  for (let n = 1; ; n += 1) {
    const row = await rowsOf(disclosure, n);
    if (!row) return;
    yield row;
  }
}

/** Before anything leaves: a file that breaks off in its middle helps nobody. */
async function refuseGone(disclosure: DisclosureRow): Promise<void> {
  let [gone, all] = [0, 0];
  for await (const { leads: ids, revisions = [] } of each(disclosure)) {
    const there = await leads.leadsAsOf(ids.map((id, i) => ({ id, revision: revisions[i] ?? 0 })));
    const may = await stillTheirs(disclosure, ids);
    all += ids.length;
    gone += ids.length - there.filter(({ id }) => may?.has(id) ?? true).length;
  }
  if (gone > 0) throw leadsGone(gone, all);
}

/** Which of the leads may go out today; undefined for the publisher's own export of everything. */
async function stillTheirs(
  { campaign, sponsor, recipe }: DisclosureRow,
  ids: string[],
): Promise<Set<string> | undefined> {
  if (sponsor !== undefined) return visible(campaign, sponsor, ids);
  if (recipe?.consent === undefined) return undefined;
  return new Set((await mayBeMailed(await leads.leadsById(ids), recipe.consent)).map(({ id }) => id));
}

async function* asTheyWere(disclosure: DisclosureRow): AsyncGenerator<leads.Lead[]> {
  for await (const { leads: ids, revisions = [], states } of each(disclosure)) {
    const found = await leads.leadsAsOf(ids.map((id, i) => ({ id, revision: revisions[i] ?? 0 })));
    const byId = new Map(found.map((lead) => [lead.id, lead]));
    yield ids.flatMap((id, i) => {
      const lead = byId.get(id);
      const status = states?.[i] as leads.LeadStatus | undefined;
      return lead ? [{ ...lead, ...(status && { status }) }] : [];
    });
  }
}

function unknownExport(number: number): GatefoldError {
  return new GatefoldError('not-found', 'unknown-export', {
    log: `no whole export ${number} of this series`,
    reader: `There is no export no. ${number} that went out whole.`,
    wayOut: 'Look for it among your downloads.',
  });
}

function leadsGone(gone: number, all: number): GatefoldError {
  return new GatefoldError('conflict', 'leads-gone', {
    log: `${gone} of ${all} leads of an export may not be given again`,
    reader: `${gone} of its ${all} leads can no longer be given: they were erased, withdrawn or returned since, so the same file can’t be made again.`,
    wayOut: 'Take all leads, or a range of days: that gives the ones that are still yours.',
  });
}
