/**
 * What it takes to take leads away: the product's export against draining the bare cursor of the stock driver over the
 * same rows, in turns, and the memory that each takes, for 10,000, 100,000 and 1,000,000 leads (XLSX to 200,000):
 *   node bench/exports.mjs [--most N]
 * Every measurement runs in a process of its own, which also holds the store. Growth is of the process's own memory
 * (RssAnon; the store's mapped file is the system's cache) over what it was after an export of nobody's leads.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import mongoose from 'mongoose';
import campaigns from '../dist/campaigns/campaigns.js';
import exports_ from '../dist/exports/exports.js';
import embedded from '../dist/store/embedded/embedded.js';

const { values } = parseArgs({
  options: { most: { type: 'string', default: '1000000' }, child: { type: 'string' }, dir: { type: 'string' } },
});
const SLUG = 'cloud-video-surveillance-housing-associations';
const SPONSOR = 'acme-cloud';
const BATCH = 1000;

/** Memory of this process's own, in MB. */
function memory() {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000;
}

/** As the product does, but with the indexes that exports use only: a million leads are put there in a tenth of the time. */
async function open(dataDir) {
  const store = await embedded.openEmbedded({ dataDir });
  mongoose.set('autoIndex', false);
  await mongoose.connect(store.uri, { dbName: 'gatefold' });
  await collection('leads').createIndex({ campaign: 1, _id: 1 });
  await collection('leads').createIndex({ campaign: 1, status: 1, settledAt: 1 });
  await collection('settlements').createIndex({ contract: 1, decision: 1, lead: 1 });
  return {
    close: async () => {
      await mongoose.disconnect();
      await store.close();
    },
  };
}
const collection = (name) => mongoose.connection.collection(name);

/** A lead as the form makes it: 20 fields answered, four boxes of evidence in two places. */
function leadOf(n) {
  const digits = String(n).padStart(12, '0');
  const _id = digits.replace(/(.{4})(.{4})/, '$1-$2-');
  const at = new Date(1.75e12 + n * 1000);
  const answers = {
    email: `reader.${n}@company-${n % 5000}.example`,
    firstName: 'Łukasz',
    lastName: n % 7 ? 'Żółć' : 'Smith, "Jo"',
    company: `Company ${n % 5000} Housing Association`,
    jobTitle: 'Facilities manager',
    country: 'GB',
    phone: '020 7946 0000',
    phoneE164: '+442079460000',
    q: { units: '1000-4999', vms: 'nvr', challenges: ['footage', 'cost'] },
  };
  const consents = [
    {
      key: SPONSOR,
      sponsor: SPONSOR,
      version: 1,
      text: 'Yes, ACME Cloud may contact me by e-mail and telephone about cloud video surveillance. I can withdraw this at any time.',
      given: true,
      how: 'checkbox',
      page: `/w/${SLUG}`,
      at,
    },
  ];
  const attribution = { utmSource: 'newsletter', utmMedium: 'email', utmCampaign: 'autumn', ref: SLUG };
  const request = {
    campaign: SLUG,
    at,
    formVersion: 1,
    whitepaper: { master: 'm'.repeat(64), fileName: 'paper.pdf' },
    answers,
    consents,
    attribution,
    addressClass: 'business',
    suspicions: [],
    client: {
      ip: '192.0.2.1',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/147.0.0.0 Safari/537.36',
    },
  };
  return {
    _id,
    campaign: SLUG,
    email: answers.email,
    emailKey: answers.email,
    status: 'active',
    current: { ref: _id, answers, consents, attribution, at },
    addressClass: 'business',
    suspicions: [],
    capturedAt: at,
    settledAt: at,
    revision: 0,
    first: request,
    wanted: [],
  };
}

async function fill(dataDir, count) {
  const store = await open(dataDir);
  const log = { info() {}, warn() {}, error() {} };
  await campaigns.importAll(fileURLToPath(new URL('../whitepapers', import.meta.url)), { dataDir, log });
  for (let from = 0; from < count; from += BATCH) {
    const leads = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => leadOf(from + i));
    const contract = `${SLUG}/${SPONSOR}`;
    const settlements = leads.map(({ _id, capturedAt: at }) => ({
      _id: `${contract}/${_id}`,
      contract,
      lead: _id,
      decision: 'billable',
      rule: 'place',
      evidence: '',
      at,
    }));
    await Promise.all([collection('leads').insertMany(leads), collection('settlements').insertMany(settlements)]);
  }
  await store.close();
}

/** Watches the memory while something goes on. */
async function watched(work) {
  const before = memory();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, memory());
  }, 50);
  const from = performance.now();
  const result = await work();
  const seconds = (performance.now() - from) / 1000;
  clearInterval(timer);
  return { ...result, seconds, growth: Math.max(0, peak - before) };
}

async function drained(stream) {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return { bytes };
}

const TAKES = {
  bare: async () => {
    let rows = 0;
    for await (const _ of collection('leads').find({ campaign: SLUG }).sort({ _id: 1 })) rows += 1;
    return { rows };
  },
  ...Object.fromEntries(
    ['csv', 'ndjson', 'xlsx'].flatMap((format) =>
      [undefined, SPONSOR].map((sponsor) => [
        sponsor ? `${format} for the sponsor` : format,
        async () => {
          const wanted = { campaign: SLUG, format, actor: 'bench', ...(sponsor && { sponsor }) };
          return drained((await exports_.run(wanted)).stream);
        },
      ]),
    ),
  ),
};

async function child(what, dataDir) {
  const store = await open(dataDir);
  // What is loaded at the first use belongs to nobody's growth.
  await drained(
    (await exports_.run({ campaign: 'state-of-physical-access-2024', format: 'csv', actor: 'bench' })).stream,
  );
  await pause(500);
  process.stdout.write(`${JSON.stringify(await watched(TAKES[what]))}\n`);
  await store.close();
}

/** Takes in a process of its own. */
function take(what, dir) {
  const args = [fileURLToPath(import.meta.url), '--child', what, '--dir', dir];
  const run = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let out = '';
    run.stdout.on('data', (chunk) => {
      out += chunk;
    });
    run.on('close', (status) => (status === 0 ? resolve(JSON.parse(out)) : reject(new Error(`${what}: ${status}`))));
  });
}

const MOST_XLSX = 200_000;

async function main() {
  const rows = {};
  for (const count of [10_000, 100_000, 1_000_000].filter((n) => n <= Number(values.most))) {
    const dir = mkdtempSync(join(tmpdir(), 'bench-exports-'));
    try {
      await fill(dir, count);
      const bare = await take('bare', dir);
      for (const what of Object.keys(TAKES)) {
        if (what.startsWith('xlsx') && count > MOST_XLSX) continue;
        const { seconds, bytes, growth } = what === 'bare' ? bare : await take(what, dir);
        rows[`${count} ${what}`] = {
          seconds: +seconds.toFixed(2),
          'rows /s': Math.round(count / seconds),
          'of bare': +(bare.seconds / seconds).toFixed(2),
          MB: bytes ? +(bytes / 1e6).toFixed(1) : '',
          'growth MB': Math.round(growth),
        };
        console.log(count, what, JSON.stringify(rows[`${count} ${what}`]));
      }
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  console.log(`${cpus()[0]?.model} × ${cpus().length}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`);
  console.table(rows);
}

if (values.child) await child(values.child, values.dir);
else if (values.dir) await fill(values.dir, Number(values.most));
else await main();
