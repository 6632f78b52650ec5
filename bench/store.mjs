/**
 * The embedded store through the stock driver against the raw LMDB calls that the same work needs, in turns in one run:
 *   node bench/store.mjs [--many N]      N documents for reads (100,000), a million with `--many 1000000`
 * Each insert is on disk before it is acknowledged, on both sides.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { serialize } from 'bson';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import embedded from '../dist/store/embedded/embedded.js';

const { values } = parseArgs({ options: { many: { type: 'string', default: '100000' } } });
const MANY = Number(values.many);
const ROUNDS = 3;
const MS = 2000;
const folder = mkdtempSync(join(tmpdir(), 'bench-store-'));
/** Memory of its own, and mapped files, in MB; elsewhere than on Linux all in one. */
function memory() {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const of = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1000);
  return status ? `${of('RssAnon')} + ${of('RssFile')} mapped` : String(Math.round(process.memoryUsage().rss / 1e6));
}
const rss = { before: memory() };

/** About what a lead is: 900 bytes, and four keys beside its `_id`. */
let made = 0;
function lead() {
  made += 1;
  const n = made;
  return {
    _id: `lead-${String(n).padStart(9, '0')}`,
    campaign: `campaign-${n % 20}`,
    email: `reader.${n}@company-${n % 5000}.example`,
    emailKey: `reader${n}@company-${n % 5000}.example`,
    status: n % 50 ? 'active' : 'quarantined',
    capturedAt: new Date(1.7e12 + n * 1000),
    wantedAt: new Date(1.7e12 + n * 1000),
    n,
    answers: { firstName: 'Łukasz', lastName: 'Żółć', company: `Company ${n % 5000}`, jobTitle: 'Facilities manager' },
    text: 'x'.repeat(520),
  };
}

const store = await embedded.openEmbedded({ dataDir: join(folder, 'ours') });
const client = await MongoClient.connect(store.uri, { maxPoolSize: 64 });
const leads = client.db('bench').collection('leads');
await leads.createIndexes([
  { key: { campaign: 1, emailKey: 1 }, unique: true },
  { key: { campaign: 1, capturedAt: -1, _id: -1 } },
  { key: { status: 1, capturedAt: -1 } },
  { key: { wantedAt: 1 }, sparse: true },
]);
const status = () => client.db('admin').command({ serverStatus: 1 });
rss.idle = memory();

const raw = open({
  path: join(folder, 'raw'),
  overlappingSync: false,
  maxDbs: 3,
  encoding: 'binary',
  keyEncoding: 'binary',
});
const [documents, entries] = ['documents', 'entries'].map((name) =>
  raw.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }),
);
function putRaw(one) {
  const key = Buffer.from(one._id);
  const keys = [one.campaign + one.emailKey, one.campaign + one.n, one.status + one.n, `wanted ${one.n}`];
  return raw.transaction(() => {
    documents.put(key, Buffer.from(serialize(one)));
    keys.forEach((text, i) => {
      entries.put(Buffer.from(`${i}${text}${one._id}`), key);
    });
  });
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

/** Operations a second of `work` by so many writers. */
async function rate(writers, work) {
  let done = 0;
  const from = performance.now();
  const until = from + MS;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (performance.now() < until) {
        await work();
        done += 1;
      }
    }),
  );
  return (done * 1000) / (performance.now() - from);
}

async function against(writers, ours, theirs) {
  const figures = { ours: [], theirs: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const pair = { ours: await rate(writers, ours), theirs: await rate(writers, theirs) };
    if (round > 0) for (const key of ['ours', 'theirs']) figures[key].push(pair[key]);
  }
  const [a, b] = [median(figures.ours), median(figures.theirs)];
  return { 'ours /s': Math.round(a), 'raw /s': Math.round(b), ratio: +(a / b).toFixed(2) };
}

async function timed(work) {
  const from = performance.now();
  const result = await work();
  return { ms: performance.now() - from, result };
}

/** The host's loop while `work` runs: its 99th percentile beyond the timer's own step, in ms. */
async function loopDelay(work) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram.percentile(99) / 1e6;
}

try {
  const rows = {};
  rows['durable inserts, 1 writer (goal 0.6)'] = await against(
    1,
    () => leads.insertOne(lead()),
    () => putRaw(lead()),
  );
  const before = await status();
  rows['durable inserts, 64 writers (goal 0.25)'] = await against(
    64,
    () => leads.insertOne(lead()),
    () => putRaw(lead()),
  );
  const after = await status();
  const sync = (after.store.writes - before.store.writes) / (after.store.transactions - before.store.transactions);

  const missing = MANY - (await leads.estimatedDocumentCount());
  const fill = await timed(async () => {
    for (let at = 0; at < missing; at += 1000)
      await leads.insertMany(Array.from({ length: Math.min(1000, missing - at) }, lead), { ordered: false });
  });
  rss.filled = memory();
  const ids = await leads
    .find({}, { projection: { _id: 1, campaign: 1, emailKey: 1 } })
    .limit(2000)
    .toArray();
  let at = 0;
  const next = (list) => {
    at += 7;
    return list[at % list.length];
  };
  const keys = [...documents.getKeys({ limit: 2000 })];
  rows['point reads by index, 32 readers'] = await against(
    32,
    () => {
      const { campaign, emailKey } = next(ids);
      return leads.findOne({ campaign, emailKey });
    },
    () => Promise.resolve(documents.get(next(keys))),
  );

  const idle = await loopDelay(() => pause(2000));
  let scans = 0;
  const loaded = await loopDelay(async () => {
    const until = performance.now() + 4000;
    while (performance.now() < until) {
      await leads.countDocuments({ text: { $ne: 'y' } });
      scans += 1;
    }
  });

  const all = await leads.estimatedDocumentCount();
  const one = {
    [`drain ${all} documents`]: await timed(async () => {
      let n = 0;
      for await (const _ of leads.find({}, { raw: true })) n += 1;
      return n;
    }),
    'filtered count, no index': await timed(() => leads.countDocuments({ n: { $gt: 10 } })),
    '$group by campaign': await timed(() =>
      leads.aggregate([{ $group: { _id: '$campaign', n: { $sum: 1 }, last: { $max: '$capturedAt' } } }]).toArray(),
    ),
    'sort without an index, limit 20': await timed(() => leads.find().sort({ email: 1 }).limit(20).toArray()),
    'page of 50 on an index': await timed(() =>
      leads.find({ campaign: 'campaign-3' }).sort({ capturedAt: -1, _id: -1 }).limit(50).toArray(),
    ),
  };
  rss.full = memory();

  await client.close();
  await store.close();
  const again = await timed(() => embedded.openEmbedded({ dataDir: join(folder, 'ours') }));
  const second = await MongoClient.connect(again.result.uri);
  const first = await timed(() => second.db('bench').collection('leads').findOne({ campaign: 'campaign-1' }));
  await second.close();
  await again.result.close();

  console.log(`${cpus()[0]?.model} × ${cpus().length}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`);
  console.table(rows);
  console.table(
    Object.fromEntries(
      Object.entries(one).map(([name, { ms }]) => [
        name,
        { ms: Math.round(ms), 'documents /s': Math.round((all * 1000) / ms) },
      ]),
    ),
  );
  console.log(`writes per sync at 64 writers: ${sync.toFixed(1)} (goal 16)`);
  console.log(`insertMany by 1000: ${Math.round((missing * 1000) / fill.ms)} documents a second`);
  console.log(
    `host's loop, p99: idle ${idle.toFixed(1)} ms, while the store scans ${loaded.toFixed(1)} ms (${scans} scans)`,
  );
  console.log(`start with ${all} documents: ${Math.round(again.ms)} ms, first read ${Math.round(first.ms)} ms`);
  console.log(
    `memory in MB: ${rss.before} before; ${rss.idle} idle; ${rss.filled} filled; ${rss.full} after all of it`,
  );
  console.log(`file: ${Math.round(statSync(join(folder, 'ours/store/data.mdb')).size / 1e6)} MB`);
} finally {
  await raw.close();
  rmSync(folder, { recursive: true, force: true });
}
