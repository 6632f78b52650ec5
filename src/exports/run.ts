import { createHash, randomBytes } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import type { Campaign } from '../campaigns/campaign.types';
import * as campaigns from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import * as leads from '../leads/leads';
import * as ledger from '../ledger/ledger';
import * as sponsors from '../sponsors/sponsors';
import { everAsked } from './asked';
import { type Cell, type Column, columnsOf } from './columns';
import { DisclosedLeadsModel, DisclosureModel } from './disclosure.model';
import { CONTENT_TYPES, type Format, write } from './formats';

export interface ExportRequest {
  campaign: string;
  /** Only what this sponsor may see; without it every lead of any status. */
  sponsor?: string;
  format: Format;
  /** Who takes the leads, for the log. */
  actor: string;
}

export interface Export {
  fileName: string;
  contentType: string;
  stream: Readable;
}

const BATCH = 500;

/**
 * Exports leads as a stream that reads as fast as it is taken. The disclosure is logged before a row leaves; the leads
 * of each batch before the batch does.
 * @throws GatefoldError `unknown-campaign`, also when the campaign is not the sponsor's
 */
export async function run({ campaign: slug, sponsor, format, actor }: ExportRequest): Promise<Export> {
  const campaign = await campaignFor(slug, sponsor);
  await settleWhatWaits(slug);
  const columns = columnsOf(await everAsked(campaign), sponsor);
  const disclosure = await begin({ campaign: slug, sponsor, format, actor, columns: columns.map(({ name }) => name) });
  const batches = sponsor === undefined ? everyLead(slug) : sponsorsLeads(slug, sponsor);
  const rows = disclosedRows(disclosure, batches, columns);
  const stream = closing(disclosure, write({ names: columns.map(({ name }) => name), rows: rows.cells }, format), rows);
  const day = new Date().toISOString().slice(0, 10);
  return {
    fileName: `${[slug, sponsor, day].filter(Boolean).join('_')}.${format}`,
    contentType: CONTENT_TYPES[format],
    stream,
  };
}

async function campaignFor(slug: string, sponsor: string | undefined): Promise<Campaign> {
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
async function settleWhatWaits(slug: string): Promise<void> {
  for (let ids = await leads.unsettled(slug, BATCH); ids.length > 0; ids = await leads.unsettled(slug, BATCH)) {
    for (const id of ids) await ledger.settle(id, new Date());
    const left = new Set(await leads.unsettled(slug, BATCH));
    // A proof that came in between makes a lead unsettled again; the worker will see to it.
    if (ids.every((id) => left.has(id))) return;
  }
}

async function* everyLead(slug: string): AsyncGenerator<leads.Lead[]> {
  let batch: leads.Lead[] = [];
  for await (const lead of leads.eachLead(slug)) {
    batch.push(lead);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Settled as theirs, still active, and consented to sharing with them by name (promise 2). */
async function* sponsorsLeads(slug: string, sponsor: string): AsyncGenerator<leads.Lead[]> {
  let ids: string[] = [];
  const visible = async () => {
    const found = await leads.leadsById(ids);
    return found
      .filter((lead) => lead.status === 'active' && consented(lead, sponsor))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  for await (const id of ledger.settledFor(slug, sponsor)) {
    ids.push(id);
    if (ids.length < BATCH) continue;
    yield await visible();
    ids = [];
  }
  if (ids.length > 0) yield await visible();
}

function consented(lead: leads.Lead, sponsor: string): boolean {
  return lead.current.consents.some((consent) => consent.sponsor === sponsor && consent.given);
}

async function begin(terms: {
  campaign: string;
  sponsor: string | undefined;
  format: Format;
  actor: string;
  columns: string[];
}) {
  const { sponsor, ...rest } = terms;
  const _id = randomBytes(9).toString('base64url');
  await DisclosureModel.create({
    _id,
    ...rest,
    ...(sponsor !== undefined && { sponsor }),
    at: new Date(),
    state: 'running',
    rows: 0,
  });
  return _id;
}

interface DisclosedRows {
  cells: AsyncGenerator<Cell[]>;
  count(): number;
}

function disclosedRows(disclosure: string, batches: AsyncIterable<leads.Lead[]>, columns: Column[]): DisclosedRows {
  let count = 0;
  async function* cells() {
    let n = 0;
    for await (const batch of batches) {
      if (batch.length === 0) continue;
      n += 1;
      await DisclosedLeadsModel.create({ _id: `${disclosure} ${n}`, disclosure, leads: batch.map(({ id }) => id) });
      for (const lead of batch) {
        count += 1;
        yield columns.map((column) => column.of(lead));
      }
    }
  }
  return { cells: cells(), count: () => count };
}

/** Passes the bytes on and closes the log entry: with their hash when all went out, as aborted when the taker left. */
function closing(disclosure: string, source: Readable, rows: DisclosedRows): Readable {
  const hash = createHash('sha256');
  const end = (change: object) => DisclosureModel.updateOne({ _id: disclosure }, { $set: change });
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      end({ state: 'complete', rows: rows.count(), sha256: hash.digest('hex') }).then(
        () => done(),
        (error: Error) => done(error),
      );
    },
    destroy(error, done) {
      source.destroy();
      if (this.writableFinished) return done(error);
      end({ state: 'aborted', rows: rows.count() }).then(
        () => done(error),
        () => done(error),
      );
    },
  });
  source.on('error', (error) => through.destroy(error));
  source.pipe(through);
  return through;
}
