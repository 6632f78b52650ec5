/**
 * What one reader's copy costs, ours side by side in one run with pdf-lib's way (load, drawText on each page, save),
 * `qpdf --overlay` and `mutool`, at 14 pages and 1 MB, 200 pages and 1 MB, 1,300 pages and 26 MB, and whether the figures
 * that we promise hold: `npm run build && node bench/stamping.mjs`. Names of PDF files take the place of the made ones.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTOOL_PROGRAM, naivePdfLib, nextReader, overlaySheet, peer, report, TEMPLATE } from './stamping-files.mjs';

const { compile, openMaster, personalise, writeMaster } = createRequire(import.meta.url)(
  '../dist/stamping/stamping.js',
);
const CHILD = fileURLToPath(new URL('stamping-child.mjs', import.meta.url));
/** What the thread that compiles has, about (src/stamping/workshop.ts). */
const WORKERS_HEAP = ['--max-semi-space-size=32', '--max-old-space-size=768'];
const ROUNDS = 3;
const DOWNLOADS = 200;
const work = mkdtempSync(join(tmpdir(), 'bench-stamping-'));

const FILES = {
  '14 pages, 1 MB': { pages: 14, bytes: 1_000_000, objectStreams: false, tagged: true },
  '200 pages, 1 MB': { pages: 200, bytes: 1_000_000, objectStreams: true },
  '1,300 pages, 26 MB': { pages: 1300, bytes: 26_000_000, objectStreams: false },
};

/** Each is done in turn, round after round, so that a busy moment of the machine meets all of them. */
const ways = ({ pdf, master, folder }) => {
  const [input, output] = [join(folder, 'in.pdf'), join(folder, 'out.pdf')];
  return {
    'own work of a copy': () => void personalise(master, nextReader()),
    'own work, SHA-256 and base64': async () => {
      const copy = personalise(master, nextReader());
      void copy.sha256;
      for await (const chunk of copy.base64()) void chunk;
    },
    'whole copy': () => personalise(master, nextReader()).toBuffer(),
    'copy of as much memory': () => void Buffer.from(pdf),
    'naive pdf-lib': () => naivePdfLib(pdf),
    'qpdf --overlay': () => peer('qpdf', ['--overlay', join(folder, 'sheet.pdf'), '--repeat=1', '--', input, output]),
    mutool: () => peer('mutool', ['run', join(folder, 'stamp.js'), input, output]),
  };
};

const sorted = (times) => [...times].sort((a, b) => a - b);
const median = (times) => sorted(times)[times.length >> 1];

/** Runs `once` for at least 150 ms or once; milliseconds of each run. */
async function measure(once) {
  const times = [];
  const until = performance.now() + 150;
  do {
    const from = performance.now();
    if ((await once()) === false) return [];
    times.push(performance.now() - from);
  } while (performance.now() < until);
  return times;
}

async function prepare(name, pdf) {
  const folder = join(work, name.replace(/\W+/g, '-'));
  mkdirSync(folder);
  writeFileSync(join(folder, 'in.pdf'), pdf);
  writeFileSync(join(folder, 'sheet.pdf'), await overlaySheet());
  writeFileSync(join(folder, 'stamp.js'), MUTOOL_PROGRAM);
  await writeMaster(join(folder, 'master'), await compile(pdf, { preset: 'footer', template: TEMPLATE }));
  return { name, pdf, folder, master: await openMaster(join(folder, 'master')) };
}

async function compare(file) {
  const all = {};
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, once] of Object.entries(ways(file))) {
      const times = await measure(once);
      // The first round warms up.
      if (round > 0) all[name] = [...(all[name] ?? []), ...times];
    }
  }
  return Object.fromEntries(Object.entries(all).filter(([, times]) => times.length > 0));
}

function show({ name, pdf, master }, all) {
  const whole = median(all['whole copy']);
  console.log(`\n${name}: ${(pdf.length / 1e6).toFixed(2)} MB, ${master.slots.pages} pages`);
  const row = (times) => ({
    'median ms': +median(times).toFixed(3),
    'best ms': +sorted(times)[0].toFixed(3),
    'of our whole copy': +(median(times) / whole).toFixed(2),
  });
  console.table(Object.fromEntries(Object.entries(all).map(([way, times]) => [way, row(times)])));
}

function compiling({ folder }, ...more) {
  const { stdout, stderr } = spawnSync(process.execPath, [
    ...WORKERS_HEAP,
    CHILD,
    'compile',
    join(folder, 'in.pdf'),
    ...more,
  ]);
  if (stdout.length === 0) throw new Error(String(stderr));
  return JSON.parse(stdout);
}

const asked = (port, path) =>
  new Promise((resolve, reject) => {
    get({ port, path, agent: false }, (response) => {
      let bytes = 0;
      const chunks = [];
      response.on('data', (chunk) => {
        bytes += chunk.length;
        if (bytes < 100) chunks.push(chunk);
      });
      response.on('end', () => resolve({ bytes, text: String(Buffer.concat(chunks)) }));
    }).on('error', reject);
  });

/** How much more memory a server needs for many downloads at once than for none. */
async function downloading({ folder }) {
  const server = spawn(process.execPath, ['--expose-gc', CHILD, 'serve', join(folder, 'master')], { stdio: 'pipe' });
  try {
    const port = Number(await new Promise((resolve) => server.stdout.once('data', resolve)));
    await asked(port, '/');
    await asked(port, '/start');
    const from = performance.now();
    const all = await Promise.all(Array.from({ length: DOWNLOADS }, () => asked(port, '/')));
    const seconds = (performance.now() - from) / 1000;
    const megabytes = all.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    return { growth: Number((await asked(port, '/memory')).text), megabytes, seconds };
  } finally {
    server.kill();
  }
}

const goals = [];
const goal = (what, found, holds) => goals.push({ figure: what, found, holds: holds ? 'yes' : 'NO' });
const ms = (value) => `${value.toFixed(value < 10 ? 3 : 0)} ms`;

function judge({ name, pdf }, all) {
  const [own, whole] = [median(all['own work of a copy']), median(all['whole copy'])];
  const large = pdf.length > 10e6;
  goal(`${name}: own work at most 0.3 ms`, ms(own), own <= 0.3);
  const least = large ? 300 : 150;
  const naive = median(all['naive pdf-lib']) / whole;
  goal(`${name}: whole copy at least ${least} times as fast as naive pdf-lib`, naive.toFixed(0), naive >= least);
  const share = median(all['copy of as much memory']) / whole;
  if (large)
    goal(`${name}: at least 30 % of the bandwidth of a copy in memory`, `${(share * 100).toFixed(0)} %`, share >= 0.3);
  const more = median(all['own work, SHA-256 and base64']) - own;
  if (!large) goal(`${name}: SHA-256 and base64 add at most 0.1 ms`, ms(more), more <= 0.1);
  return own;
}

function judgeCompiling(file) {
  const [bare, checked] = [compiling(file), compiling(file, '--checked')];
  const limit = file.pdf.length > 10e6 ? 5000 : 2000;
  goal(
    `${file.name}: compiled within ${limit / 1000} s`,
    `${ms(bare.ms)}, of the processor ${ms(bare.cpu)} (${ms(checked.ms)} with its trial copy)`,
    bare.ms <= limit,
  );
  goal(
    `${file.name}: compiled within 600 MB`,
    `${bare.peak.toFixed(0)} MB (${checked.peak.toFixed(0)} MB)`,
    bare.peak <= 600,
  );
}

async function main(named) {
  const made =
    named.length > 0
      ? named.map((file) => [file, () => readFileSync(file)])
      : Object.entries(FILES).map(([name, shape]) => [name, () => report(shape)]);
  const owns = [];
  for (const [name, make] of made) {
    const file = await prepare(name, await make());
    const all = await compare(file);
    show(file, all);
    owns.push(judge(file, all));
    judgeCompiling(file);
    if (file.pdf.length > 10e6) {
      const { growth, megabytes, seconds } = await downloading(file);
      const what = `${name}: ${DOWNLOADS} downloads at once grow memory by at most 64 MB`;
      goal(what, `${growth.toFixed(0)} MB (${(megabytes / seconds).toFixed(0)} MB/s)`, growth <= 64);
    }
    await file.master.close();
  }
  const spread = Math.max(...owns) / Math.min(...owns);
  goal(
    'own work independent of the size: largest median at most 1.3 times the smallest',
    spread.toFixed(2),
    spread <= 1.3,
  );
}

try {
  console.log(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model}), load ${loadavg()[0].toFixed(1)}`);
  await main(process.argv.slice(2));
  console.table(goals);
  console.log(`load at the end ${loadavg()[0].toFixed(1)}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
