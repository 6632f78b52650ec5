import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Db, MongoClient } from 'mongodb';
import { PDFDocument } from 'pdf-lib';
import { ARTICLE_MD, CAMPAIGN_YAML, folderWith } from '../campaigns/folder';
import { House } from './house';
import { PostOffice } from './post-office';
import { Chance } from './random';
import { type Asked, askFor, formToken } from './readers';
import { Storm } from './storm';
import { judge, tally } from './verdict';

/**
 * Issue: nothing lost. Capture and workers run as real processes; at random instants web, worker and store are killed, the
 * lines to the mail server cut and slowed, the disk filled, while the mail server defers, refuses, hangs up and is silent.
 * Short here, long as `npm run faults`; FAULTS_SEED repeats the dice of a run (not the instants of its processes).
 */
const { FAULTS_REQUESTS = '50', FAULTS_SEED = String(Date.now() % 1_000_000) } = process.env;
const REQUESTS = Number(FAULTS_REQUESTS);
const LONG = REQUESTS > 1000;
const WORKERS = LONG ? 4 : 2;

jest.setTimeout(LONG ? 7_200_000 : 180_000);

/** The waits of a mail server's no, so that a night is over in a minute. The lease is the product's in the long run. */
const SETTINGS = {
  ...(!LONG && { JOB_LEASE: '2s' }),
  FORM_AGE_MIN: '0s',
  POSTS_PER_MINUTE: '1000000',
  POSTS_PER_HOUR: '10000000',
  MAILS_PER_DAY: '1000',
  MAIL_RETRIES: '300ms 600ms',
  MAIL_RETRY_EVERY: '1s',
  MAIL_SERVER_RETRIES: '300ms 600ms 1s',
  MAIL_SILENCE_TIMEOUT: '3s',
};

async function whitepapers(): Promise<string> {
  const document = await PDFDocument.create();
  for (const page of [1, 2]) document.addPage([595, 842]).drawText(`Page ${page}`, { x: 50, y: 700 });
  const folder = folderWith({});
  const campaign = join(folder, 'locks-and-keys');
  mkdirSync(campaign);
  writeFileSync(join(campaign, 'campaign.yaml'), CAMPAIGN_YAML);
  writeFileSync(join(campaign, 'whitepaper.pdf'), await document.save());
  writeFileSync(join(campaign, 'article.md'), ARTICLE_MD);
  return folder;
}

let office: PostOffice;
let house: House;
let client: MongoClient;
let storm: Storm | undefined;

beforeAll(async () => {
  office = await PostOffice.open(new Chance(Number(FAULTS_SEED) + 1), WORKERS);
  house = await House.open(
    await whitepapers(),
    office.lines.map(({ port }) => port),
    SETTINGS,
  );
  client = new MongoClient(house.storeUri, { serverSelectionTimeoutMS: 30_000, retryWrites: false });
});

afterAll(async () => {
  await storm?.stop();
  await client?.close();
  await house?.cleanUp();
  await office?.close();
});

/** Processes that ended though nobody had killed them, with what they said. */
const deaths = (): string[] => [...house.workers, house.web, house.store].flatMap((one) => one.deaths);

/** Nothing is owed, and nothing waits to be delivered or settled. */
async function quiet(db: Db): Promise<boolean> {
  // A store that has just ended refuses; how it ended is the better news.
  expect(deaths()).toEqual([]);
  const due = await db.collection('jobs').countDocuments({ state: 'due', kind: { $in: ['deliver', 'settle'] } });
  const owed = ['leads', 'requests'].map((name) =>
    db.collection(name).countDocuments({ wantedAt: { $gt: new Date(0) } }),
  );
  return due + (await Promise.all(owed)).reduce((sum, n) => sum + n, 0) === 0;
}

test(`${REQUESTS} requests through a storm (seed ${FAULTS_SEED}): each 303 is on disk, each request has one settled delivery, each mail one Message-ID`, async () => {
  const began = Date.now();
  const asked: Asked = { acknowledged: [], unanswered: 0, refused: {} };
  const token = await formToken(house.url);
  storm = new Storm(house, office, new Chance(Number(FAULTS_SEED)), {
    faults: LONG ? REQUESTS / 25 : 8,
    progress: () => asked.acknowledged.length + office.accepted.length,
    all: REQUESTS * 2,
  });
  await askFor(house, REQUESTS, token, asked);
  await storm.end();
  await house.ready();
  const db = client.db();
  for (const end = Date.now() + (LONG ? 3_600_000 : 60_000); !(await quiet(db)) && Date.now() < end; ) await pause(200);
  expect(deaths()).toEqual([]);

  // Shutdown: claims nothing more, lets the current send finish, leaves nothing leased.
  const statuses = await Promise.all([...house.workers, house.web].map((one) => one.stop('SIGTERM')));
  const { figures, ...faulty } = await judge(db, asked, office, storm.faults);
  process.stdout.write(
    `${JSON.stringify(
      {
        seed: FAULTS_SEED,
        seconds: Math.round((Date.now() - began) / 1000),
        acknowledged: asked.acknowledged.length,
        unanswered: asked.unanswered,
        refused: asked.refused,
        faults: tally(storm.faults.map(({ what }) => what)),
        mailServer: office.said,
        ...figures,
      },
      null,
      1,
    )}\n`,
  );
  expect(faulty).toEqual({
    lost: [],
    unsettled: [],
    neverTaken: [],
    neverRefused: [],
    strange: [],
    unexplained: [],
  });
  expect(asked.acknowledged.length).toBeGreaterThanOrEqual(REQUESTS);
  expect(figures.messages).toBeGreaterThan(REQUESTS * 0.9);
  expect(storm.faults.length).toBeGreaterThanOrEqual(8);
  expect(deaths()).toEqual([]);
  // Who was still starting ends by the signal itself.
  expect(statuses.filter((status) => status !== null && status !== 0)).toEqual([]);
  expect(await db.collection('jobs').countDocuments({ lease: { $exists: true } })).toBe(0);
});
