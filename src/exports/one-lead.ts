import { GatefoldError } from '../errors';
import * as leads from '../leads/leads';
import { Clock } from './clock';
import { begin, end, Leaving } from './log';
import { type Look, standard } from './profile.types';
import { findProfile } from './profiles';
import { visible } from './rows';
import { campaignFor, columnsFor, recipeFor } from './run';

/** One lead on its way to a sponsor's own system. */
export interface OneLead {
  /** By the names of the columns, as NDJSON has them. */
  values: Record<string, string | number>;
  /** Logs that it leaves for a destination, before it does. @returns what ends the entry, with the hash of what left */
  disclose(destination: string): Promise<(sha256?: string) => Promise<void>>;
}

interface Wanted {
  campaign: string;
  sponsor: string;
  lead: string;
  /** One that is gone leaves the contract's own columns. */
  profile?: string | undefined;
}

/** A lead as a sponsor may have it now; null when they may not: withdrawn, returned, erased, or the contract ended. */
export async function oneLead({ campaign: slug, sponsor, lead: id, profile: chosen }: Wanted): Promise<OneLead | null> {
  const campaign = await orNull(campaignFor(slug, sponsor));
  if (!campaign || !(await visible(slug, sponsor, [id])).has(id)) return null;
  const [lead] = await leads.leadsById([id]);
  if (!lead) return null;
  const profile = chosen === undefined ? null : await orNull(findProfile(chosen, sponsor));
  const look: Look = profile ?? standard('ndjson');
  const columns = columnsFor(await recipeFor(campaign, look), sponsor);
  const clock = new Clock(look.dates, look.timeZone);
  const cells = columns.map((column) => {
    const cell = column.of(lead);
    return [column.name, cell instanceof Date ? clock.text(cell) : cell] as const;
  });
  const disclose: OneLead['disclose'] = async (destination) => {
    const { _id } = await begin({
      campaign: slug,
      sponsor,
      ...(profile && { profile: { id: profile.id, name: profile.name } }),
      actor: `webhook:${destination}`,
      destination,
      format: 'webhook',
      columns: columns.map(({ name }) => name),
    });
    await new Leaving(_id, false).note([lead]);
    return (sha256) => end(_id, 1, sha256);
  };
  return { values: Object.fromEntries(cells), disclose };
}

/** What is not there is nothing; any other trouble stays trouble. */
function orNull<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch((error) => {
    if (error instanceof GatefoldError && error.kind === 'not-found') return null;
    throw error;
  });
}
