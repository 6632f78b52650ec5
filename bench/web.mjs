/**
 * What the street costs, each row a ratio of two servers measured in turns in one run, with a client in a third process:
 *   forms acknowledged a second     against a bare Express route with one insertOne on the same kind of store
 *   landing pages a second          against express.static of the same bytes
 *   start                           from nothing to the first page
 * `npm run bench`. Limits are on: each post comes from a network address of its own, through one trusted proxy.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SLUG = 'cloud-video-surveillance-housing-associations';
const ROUNDS = 4;
const SECONDS = 4;
const CONNECTIONS = 32;
const folder = mkdtempSync(join(tmpdir(), 'bench-web-'));
const children = [];

function start(file, args, env) {
  const child = spawn(process.execPath, [join(ROOT, file), ...args], {
    cwd: ROOT,
    env: { ...process.env, MONGODB_URI: '', SMTP_URL: '', LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function ready(url) {
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await pause(50);
  }
}

let readers = 0;
/** A form that is right, of a reader who was never here, from a network of their own. */
function nextForm(token) {
  readers += 1;
  const n = readers;
  const form = new URLSearchParams({
    email: `reader.${n}@company-${n % 5000}.example`,
    firstName: 'Łukasz',
    lastName: 'Żółć',
    company: `Company ${n % 5000}`,
    jobTitle: 'Facilities manager',
    country: 'GB',
    'q.units': '1000-4999',
    'q.vms': 'nvr',
    'consent.acme-cloud': 'yes',
    token,
  });
  return { body: form.toString(), from: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` };
}

async function load(url, more = {}) {
  const result = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS, ...more });
  if (result.non2xx - (result['3xx'] ?? 0) > 0 || result.errors > 0)
    throw new Error(
      `${url}: ${result.non2xx} refused (${JSON.stringify(result.statusCodeStats)}), ${result.errors} errors`,
    );
  return result.requests.average;
}

const forms = (token) => ({
  requests: [
    {
      method: 'POST',
      setupRequest: (request) => {
        const { body, from } = nextForm(token);
        const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': from };
        return { ...request, body, headers };
      },
    },
  ],
});

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** Both in turns, so that what else the machine does falls on both. */
async function against(ours, theirs) {
  const figures = { ours: [], theirs: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const pair = { ours: await ours(), theirs: await theirs() };
    // The first round warms both up.
    if (round > 0) for (const key of ['ours', 'theirs']) figures[key].push(pair[key]);
  }
  const [a, b] = [median(figures.ours), median(figures.theirs)];
  return { 'ours /s': Math.round(a), 'theirs /s': Math.round(b), ratio: +(a / b).toFixed(2) };
}

try {
  const port = String(20_000 + (process.pid % 20_000));
  const url = `http://127.0.0.1:${port}`;
  const from = performance.now();
  const dataDir = join(folder, 'ours');
  start('bin/gatefold.mjs', ['serve', '--no-worker'], { DATA_DIR: dataDir, PORT: port, TRUST_PROXY: '1' });
  await ready(`${url}/w/${SLUG}`);
  const startUp = Math.round(performance.now() - from);

  const landing = `${url}/w/${SLUG}`;
  const html = await (await fetch(landing)).text();
  writeFileSync(join(folder, 'page.html'), html);
  const peer = start('bench/peer.mjs', [], { DATA_DIR: join(folder, 'theirs'), FOLDER: folder });
  const bare = await new Promise((resolve) => peer.stdout.once('data', (line) => resolve(String(line).trim())));
  await pause(3100);

  const [, token] = /name="token" value="([^"]+)"/.exec(html);
  const plain = { headers: { 'accept-encoding': 'identity' } };
  const rows = {
    'forms acknowledged (goal 0.35)': await against(
      () => load(landing, forms(token)),
      () => load(`${bare}/insert`, forms(token)),
    ),
    'landing page (goal 0.7)': await against(
      () => load(landing, plain),
      () => load(`${bare}/page.html`, plain),
    ),
  };
  console.log(`${cpus()[0]?.model} × ${cpus().length}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`);
  console.table(rows);
  console.log(`landing page: ${html.length} characters; client on the same machine, ${CONNECTIONS} connections`);
  console.log(`start with two campaigns and nothing in the folder, built: ${startUp} ms`);
} finally {
  for (const child of children) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
