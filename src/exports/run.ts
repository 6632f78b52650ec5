import type { Readable } from 'node:stream';
import type { Campaign } from '../campaigns/campaign.types';
import * as campaigns from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import * as leads from '../leads/leads';
import * as ledger from '../ledger/ledger';
import * as sponsors from '../sponsors/sponsors';
import { asHouse, inThisScope } from '../store/scope';
import { everAsked } from './asked';
import { Clock } from './clock';
import { type Cell, type Column, chosen, columnsOf, type Wording } from './columns';
import type { DisclosureRow } from './disclosure.model';
import type { Disclosure, Recipe } from './disclosure.types';
import { fileNameOf } from './file-name';
import { CONTENT_TYPES, write } from './formats';
import { given } from './given';
import { begin, closing, Leaving } from './log';
import { type Format, type Look, type Range, standard } from './profile.types';
import { findProfile } from './profiles';
import { ahead, BATCH, batchesOf, only } from './rows';

export interface ExportRequest {
  campaign: string;
  /** Only what this sponsor may see; without it every lead of any status. */
  sponsor?: string;
  /** Of the contract's own export; a profile has its own. */
  format?: Format;
  /** Id of a profile of the sponsor's, or of the publisher's. */
  profile?: string;
  range?: Range;
  /** Who takes the leads, for the log. */
  actor: string;
  /** Asked again and again while rows leave: whether they may still have them. */
  stillMay?: () => Promise<boolean>;
}

export interface Export {
  fileName: string;
  contentType: string;
  stream: Readable;
}

/**
 * Exports leads as a stream that reads as fast as it is taken. The disclosure is logged before a row leaves; the leads
 * of each batch before the batch does.
 * @throws GatefoldError `unknown-campaign`, also when the campaign is not the sponsor's; `unknown-profile`
 */
export async function run(request: ExportRequest): Promise<Export> {
  const { campaign: slug, sponsor, range = { kind: 'all' }, actor } = request;
  const campaign = await campaignFor(slug, sponsor);
  const profile = request.profile === undefined ? undefined : await findProfile(request.profile, sponsor);
  const look = profile ?? standard(request.format ?? 'csv');
  // What is decided on leads is decided for every sponsor of the campaign.
  await asHouse(() => settleWhatWaits(slug));
  const consent = profile?.consent;
  const recipe = { ...(await recipeFor(campaign, look)), ...(consent !== undefined && { consent }) };
  const columns = columnsFor(recipe, sponsor);
  const series = seriesOf(slug, sponsor, profile?.id);
  const before = range.kind === 'new' ? await given(series) : undefined;
  const disclosure = await begin({
    campaign: slug,
    ...(sponsor !== undefined && { sponsor }),
    ...(profile && { profile: { id: profile.id, name: profile.name } }),
    actor,
    format: look.format,
    columns: columns.map(({ name }) => name),
    range,
    series,
    recipe,
  });
  const wanted = (lead: leads.Lead) => !before?.has(lead.id) && inRange(lead, range, look);
  const batches = only(batchesOf(slug, sponsor), wanted, consent);
  return exportOf({ disclosure, recipe, columns, batches, stillMay: request.stillMay });
}

/** What numbers count in, and what *since last export* looks back on: one profile in one campaign. */
export const seriesOf = (campaign: string, sponsor: string | undefined, profile = 'standard'): string =>
  `${sponsor ?? ''}/${campaign}/${profile}`;

export async function campaignFor(slug: string, sponsor: string | undefined): Promise<Campaign> {
  const campaign = await campaigns.findCampaign(slug);
  const theirs = sponsor === undefined || (await sponsors.findContract(slug, sponsor)) !== null;
  if (campaign && theirs) return campaign;
  throw unknownCampaignOf(slug, sponsor);
}

/** The same answer whether there is no such campaign or it is another sponsor's. */
export function unknownCampaignOf(slug: string, sponsor?: string): GatefoldError {
  return new GatefoldError('not-found', 'unknown-campaign', {
    log: `no campaign ${slug}${sponsor === undefined ? '' : ` of ${sponsor}`}`,
    reader: sponsor === undefined ? `There is no campaign “${slug}”.` : `${sponsor} has no campaign “${slug}”.`,
    wayOut: 'Have a look at the list of campaigns.',
  });
}

/** An export is never behind capture: what the worker hasn't come to yet is settled first (idempotent). */
export async function settleWhatWaits(slug: string): Promise<void> {
  for (let ids = await leads.unsettled(slug, BATCH); ids.length > 0; ids = await leads.unsettled(slug, BATCH)) {
    for (const id of ids) await ledger.settle(id, new Date());
    const left = new Set(await leads.unsettled(slug, BATCH));
    // A proof that came in between makes a lead unsettled again; the worker will see to it.
    if (ids.every((id) => left.has(id))) return;
  }
}

/** Everything that the bytes depend on besides the leads. */
export async function recipeFor(campaign: Campaign, look: Look): Promise<Recipe> {
  const { questions, consents, words } = await everAsked(campaign);
  const boxes = consents.map(({ key, sponsor }) => ({ key, ...(sponsor !== undefined && { sponsor }) }));
  const { format, columns, answers, dates, timeZone, between, delimiter, bom, quotes } = look;
  const plain = { format, ...(columns && { columns }), answers, dates, timeZone, between, delimiter, bom, quotes };
  const worded = answers === 'texts' ? { words, locale: (await campaigns.site()).locale } : {};
  return { look: plain, asked: { questions, consents: boxes }, ...worded };
}

/** The columns that a recipe makes. */
export function columnsFor({ look, asked, words, locale }: Recipe, sponsor: string | undefined): Column[] {
  const manner = { between: look.between, ...(words && { wording: wordingOf(words, locale ?? 'en') }) };
  const all = columnsOf(asked, sponsor, manner);
  return look.columns ? chosen(look.columns, all) : all;
}

function wordingOf(words: Record<string, string>, locale: string): Wording {
  const names = new Map(campaigns.countries(locale).map(({ code, label }) => [code, label]));
  return { words, country: (code) => names.get(code) ?? code };
}

/** Days are whole days on the clock of the look, the last one included. */
function inRange({ capturedAt }: leads.Lead, range: Range, { timeZone }: Look): boolean {
  if (range.kind !== 'days') return true;
  const day = new Clock('date', timeZone).day(capturedAt);
  return day >= range.from && day <= range.to;
}

interface Making {
  disclosure: DisclosureRow;
  recipe: Recipe;
  columns: Column[];
  batches: AsyncGenerator<leads.Lead[]>;
  stillMay?: (() => Promise<boolean>) | undefined;
  /** The hash that the bytes must have. */
  expected?: string | undefined;
}

/** The stream of an export whose log entry is open. */
export function exportOf({ disclosure, recipe, columns, batches, stillMay, expected }: Making): Export {
  const { _id, sponsor } = disclosure;
  const leaving = new Leaving(_id, sponsor === undefined);
  const clock = new Clock(recipe.look.dates, recipe.look.timeZone);
  const rows = inThisScope(disclosedRows(leaving, ahead(batches), columns, stillMay));
  const bytes = write({ names: columns.map(({ name }) => name), rows }, recipe.look, clock);
  return {
    fileName: fileNameOf(disclosure as Omit<Disclosure, 'id'>, recipe.look.format),
    contentType: CONTENT_TYPES[recipe.look.format],
    stream: closing(_id, bytes, leaving, expected),
  };
}

/** Access that ends, ends in the middle of a long download too: looked at with every so many batches, and on a slow line
 * with each that comes this long after the last look. */
const LOOK_AGAIN = 10;
const LOOK_AGAIN_MS = 500;

async function* disclosedRows(
  leaving: Leaving,
  batches: AsyncIterable<leads.Lead[]>,
  columns: Column[],
  stillMay: (() => Promise<boolean>) | undefined,
): AsyncGenerator<Cell[][]> {
  let [n, lookedAt] = [0, Date.now()];
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    n += 1;
    if (n % LOOK_AGAIN === 0 || Date.now() - lookedAt > LOOK_AGAIN_MS) {
      if (stillMay && !(await stillMay())) throw noLonger();
      lookedAt = Date.now();
    }
    await leaving.note(batch);
    yield batch.map((lead) => columns.map((column) => column.of(lead)));
  }
}

const noLonger = () =>
  new GatefoldError('forbidden', 'access-ended', {
    log: 'an export was broken off: its taker may no longer have it',
    reader: 'Your access has ended.',
  });
