/**
 * What a delivery costs, with the shipped whitepaper and one worker process:
 *   from the form's 303 to the mail server's yes, at 20 requests a second      95th percentile
 *   mails a second out of a backlog     against a bare nodemailer pool that sends the same bytes by as many connections,
 *                                       in turns in one run, to the same mail server
 * `npm run bench`. The mail server runs in this process and only counts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SMTPServer } from 'smtp-server';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SLUG = 'cloud-video-surveillance-housing-associations';
const A_SECOND = 20;
const SECONDS = Number(process.argv[2] ?? 20);
const BACKLOG = Number(process.argv[3] ?? 200);
const ROUNDS = 3;
const CONNECTIONS = 5;
const folder = mkdtempSync(join(tmpdir(), 'bench-delivery-'));
const children = new Set();

/** When each address's mail was taken, and the last message, to send the same bytes. */
const taken = new Map();
let example = Buffer.alloc(0);
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  logger: false,
  onData: async (stream, session, done) => {
    const raw = await buffer(stream);
    if (raw.length > example.length) example = raw;
    taken.set(session.envelope.rcptTo[0].address, performance.now());
    done();
  },
});
smtp.on('error', () => undefined);
smtp.listen(0, '127.0.0.1');
await once(smtp.server, 'listening');
const smtpUrl = `smtp://127.0.0.1:${smtp.server.address().port}`;

function start(file, args, env) {
  const child = spawn(process.execPath, [join(ROOT, file), ...args], {
    cwd: ROOT,
    env: { ...process.env, MONGODB_URI: '', LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.add(child);
  return child;
}

async function end(child) {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  children.delete(child);
}

async function until(what) {
  while (!what()) await pause(5);
}

let readers = 0;
/** Sends one form. @returns the reader's address and when the 303 came */
async function ask(url, token) {
  readers += 1;
  const email = `reader.${readers}@company-${readers % 500}.example`;
  const body = new URLSearchParams({
    email,
    firstName: 'Łukasz',
    lastName: 'Żółć',
    company: 'Wisła Homes',
    jobTitle: 'Facilities manager',
    country: 'GB',
    'q.units': '1000-4999',
    'q.vms': 'nvr',
    token,
  });
  const answer = await fetch(`${url}/w/${SLUG}`, { method: 'POST', body, redirect: 'manual' });
  if (answer.status !== 303) throw new Error(`a form was answered ${answer.status}`);
  return { email, at: performance.now() };
}

async function open(url) {
  for (;;) {
    const answer = await fetch(`${url}/w/${SLUG}`).catch(() => undefined);
    if (answer?.ok) return /name="token" value="([^"]+)"/.exec(await answer.text())[1];
    await pause(50);
  }
}

async function timeToAcceptance(url, token, requests, perSecond) {
  const began = performance.now();
  const asked = await Promise.all(
    Array.from({ length: requests }, async (_, n) => {
      await pause(began + (n / perSecond) * 1000 - performance.now());
      return ask(url, token);
    }),
  );
  await until(() => asked.every(({ email }) => taken.has(email)));
  return asked.map(({ email, at }) => Math.max(0, taken.get(email) - at)).sort((a, b) => a - b);
}

/** Mails a second, from the first taken to the last. */
function pace(before) {
  const times = [...taken.values()].slice(before).sort((a, b) => a - b);
  return (times.length - 1) / ((times.at(-1) - times[0]) / 1000);
}

async function ours(url, token, env) {
  for (let n = 0; n < BACKLOG; n += 8) await Promise.all(Array.from({ length: 8 }, () => ask(url, token)));
  const before = taken.size;
  const worker = start('bin/gatefold.mjs', ['worker'], env);
  await until(() => taken.size >= before + BACKLOG);
  const figure = pace(before);
  await end(worker);
  return figure;
}

async function theirs(round) {
  const before = taken.size;
  const env = { SMTP: smtpUrl, MAILS: String(BACKLOG), CONNECTIONS: String(CONNECTIONS), ROUND: String(round) };
  const pool = start('bench/pool.mjs', [join(folder, 'example.eml')], env);
  await once(pool, 'exit');
  children.delete(pool);
  return pace(before);
}

const at = (sorted, share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

try {
  const port = String(20_000 + (process.pid % 20_000));
  const url = `http://127.0.0.1:${port}`;
  const limits = { FORM_AGE_MIN: '0s', POSTS_PER_MINUTE: '1000000', POSTS_PER_HOUR: '10000000' };
  const env = { DATA_DIR: join(folder, 'data'), PORT: port, SMTP_URL: smtpUrl, ...limits };
  const site = start('bin/gatefold.mjs', ['serve'], env);
  let token = await open(url);
  // Pictures are drawn and code is warm before anything is measured.
  await timeToAcceptance(url, token, 2 * A_SECOND, A_SECOND);
  const times = await timeToAcceptance(url, token, SECONDS * A_SECOND, A_SECOND);
  await end(site);

  writeFileSync(join(folder, 'example.eml'), example);
  start('bin/gatefold.mjs', ['serve', '--no-worker'], env);
  token = await open(url);
  const figures = { ours: [], theirs: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    figures.ours.push(await ours(url, token, env));
    figures.theirs.push(await theirs(round));
  }
  const [a, b] = [median(figures.ours), median(figures.theirs)];
  console.log(`${cpus()[0]?.model} × ${cpus().length}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`);
  console.table({
    [`303 to acceptance at ${A_SECOND}/s, ms`]: {
      p50: at(times, 0.5),
      p95: at(times, 0.95),
      max: Math.round(times.at(-1)),
    },
  });
  console.table({
    'mails out of a backlog (goal 0.5)': {
      'ours /s': Math.round(a),
      'pool /s': Math.round(b),
      ratio: +(a / b).toFixed(2),
    },
  });
  console.log(`${times.length} timed; ${ROUNDS} rounds of ${BACKLOG} mails of ${example.length} bytes each`);
} finally {
  for (const child of children) child.kill('SIGTERM');
  smtp.close();
  rmSync(folder, { recursive: true, force: true });
}
