import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { PDFDocument } from 'pdf-lib';
import pino from 'pino';
import * as campaigns from '../../src/campaigns/campaigns';
import { loadConfig } from '../../src/config';
import { Links } from '../../src/links';
import { createMailer } from '../../src/mail/mail';
import type { Services } from '../../src/web/services';
import { ARTICLE_MD, CAMPAIGN_YAML, folderWith } from '../campaigns/folder';

export const SLUG = 'locks-and-keys';

/** Services around a clock that the test moves; what goes out lands in a folder that goes away after the file. */
export function testServices(): Services & { clock: { now: Date }; nudged: () => number } {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-landing-'));
  afterAll(async () => {
    await campaigns.closeMasters();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const clock = { now: new Date('2026-11-24T10:00:00Z') };
  let nudges = 0;
  const config = loadConfig({ DATA_DIR: dataDir, SECRET_KEY: 'a secret for tests only', DNS_SERVERS: '127.0.0.1:9' });
  return {
    config,
    links: new Links(config.publicUrl, config.secretKeys),
    mailer: createMailer({ dataDir, from: 'Doors Weekly <papers@doors.example>' }),
    log: pino({ level: 'silent' }),
    nudge: () => {
      nudges += 1;
    },
    now: () => clock.now,
    clock,
    nudged: () => nudges,
  };
}

const CONFIGURED = new Set(['Campaign', 'CampaignVersion', 'Master', 'Site', 'Sponsor', 'Contract']);

/** Before each test: the campaign open, no leads and nothing that follows from them. Compiling again would take a second. */
export async function startAfresh({ config, clock }: ReturnType<typeof testServices>): Promise<void> {
  clock.now = new Date('2026-11-24T10:00:00Z');
  const models = Object.values(mongoose.models).filter(({ modelName }) => !CONFIGURED.has(modelName));
  await Promise.all(models.map((model) => model.deleteMany({})));
  await campaigns.publish(SLUG, 'test', config.dataDir);
}

let twoPages: Promise<Uint8Array> | undefined;

/** A real PDF of two pages; the same bytes each time, so that the same store compiles them once. */
async function paper(): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  for (const page of [1, 2]) document.addPage([595, 842]).drawText(`Page ${page}`, { x: 50, y: 700 });
  return document.save();
}

/** The campaign of tests/campaigns/folder.ts with a real PDF, with `change` made to its YAML. */
export async function importCampaign(
  dataDir: string,
  change: (yaml: string) => string = (yaml) => yaml,
): Promise<void> {
  twoPages ??= paper();
  const folder = folderWith({
    'campaign.yaml': change(CAMPAIGN_YAML),
    'whitepaper.pdf': await twoPages,
    'article.md': ARTICLE_MD,
    'cover.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  });
  await campaigns.importCampaign(folder, { actor: 'test', dataDir });
}
