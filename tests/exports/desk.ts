import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import * as campaigns from '../../src/campaigns/campaigns';
import { type Disclosure, type Export, type ExportRequest, listDisclosures, run } from '../../src/exports/exports';
import { CAMPAIGN_YAML, folderWith } from '../campaigns/folder';
import { SLUG } from '../support/seeds';

const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-exports-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** The campaign of tests/campaigns/folder.ts as a draft, which needs no PDF, with `change` made to its YAML. */
export async function importDraft(change: (yaml: string) => string = (yaml) => yaml): Promise<void> {
  const yaml = change(CAMPAIGN_YAML.replace('status: open', 'status: draft'));
  await campaigns.importCampaign(folderWith({ 'campaign.yaml': yaml }), { actor: 'test', dataDir });
}

/** An export of the campaign, for ACME Cloud as CSV unless said otherwise. */
export function take(wanted: Partial<ExportRequest> = {}): Promise<Export> {
  return run({ campaign: SLUG, sponsor: 'acme-cloud', format: 'csv', actor: 'ada@acme.example', ...wanted });
}

/** The same for staff: every lead of any status. */
export const takeAll = (format: ExportRequest['format'] = 'csv'): Promise<Export> =>
  run({ campaign: SLUG, format, actor: 'staff@doors.example' });

export const bytesOf = (stream: Readable): Promise<Buffer> => buffer(stream);

/** Reads a CSV back by the book: the header, and a record for each row. */
export async function read({ stream }: Export): Promise<{ names: string[]; rows: Record<string, string>[] }> {
  const text = (await bytesOf(stream)).toString();
  const [names = []] = parse(text, { to: 1 }) as string[][];
  return { names, rows: parse(text, { columns: true }) as Record<string, string>[] };
}

/** The log entry of the only export so far. */
export async function onlyDisclosure(sponsor?: string): Promise<Disclosure> {
  const [disclosure, ...more] = await listDisclosures(SLUG, sponsor);
  if (!disclosure || more.length > 0) throw new Error(`${more.length + Number(Boolean(disclosure))} disclosures`);
  return disclosure;
}
