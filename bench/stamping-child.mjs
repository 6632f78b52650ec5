/**
 * What the stamping bench measures in a process of its own, for its memory:
 *   node bench/stamping-child.mjs compile <in.pdf> [--checked]   prints { ms, cpu, peak } (MB)
 *   node bench/stamping-child.mjs serve <folder of a master>      prints its port; /memory tells what its peak has grown by
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pipeline } from 'node:stream/promises';
import { nextReader, TEMPLATE } from './stamping-files.mjs';

const require = createRequire(import.meta.url);
const [task, path, checked] = process.argv.slice(2);
const MB = 1e6;

async function compile() {
  // pdf-lib talks about what it repairs.
  console.warn = () => {};
  if (!checked) require('../dist/stamping/self-check.js').selfCheck = async () => {};
  const { compilePdf } = require('../dist/stamping/compile-pdf.js');
  const pdf = readFileSync(path);
  const from = performance.now();
  const used = process.cpuUsage();
  await compilePdf(pdf, { preset: 'footer', template: TEMPLATE });
  const ms = performance.now() - from;
  const { user, system } = process.cpuUsage(used);
  const cpu = (user + system) / 1000;
  console.log(JSON.stringify({ ms, cpu, peak: (process.resourceUsage().maxRSS * 1024) / MB }));
}

/** Copies as the download route sends them. */
async function serve() {
  const { openMaster, personalise } = require('../dist/stamping/stamping.js');
  const master = await openMaster(path);
  let start = 0;
  let peak = 0;
  setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 10).unref();
  const server = createServer(async ({ url }, response) => {
    if (url === '/start') {
      globalThis.gc?.();
      start = process.memoryUsage.rss();
      peak = start;
      return response.end();
    }
    if (url === '/memory') return response.end(String((peak - start) / MB));
    const copy = personalise(master, nextReader());
    response.setHeader('Content-Length', copy.length);
    await pipeline(copy.read(0, copy.length - 1), response).catch(() => {});
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

await (task === 'compile' ? compile() : serve());
