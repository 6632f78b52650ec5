/**
 * What one reader's copy costs, ours against pdf-lib's way (load, drawText on each page, save) and qpdf --overlay, side
 * by side in one run. `npm run build && node bench/stamping.mjs [--large]`; `--large` adds 1,300 pages of 26 MB; names of
 * PDF files take the place of the made ones.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PDFDocument, PDFName, PDFString, StandardFonts } from 'pdf-lib';

const DIST = fileURLToPath(new URL('../dist/stamping/stamping.js', import.meta.url));
const { compile, openMaster, personalise, writeMaster } = (await import(pathToFileURL(DIST).href)).default;
const TEMPLATE = 'Prepared for {{name}} · {{company}} · {{email}} · {{date}} · {{ref}}';
const ROUNDS = 5;
/** A peer that may be installed, not one that we need. */
const QPDF = 'qpdf';

/** A report of text, links and pictures (noise, so that it doesn't compress), with an object stream or without. */
async function report(pages, bytes, objectStreams) {
  const doc = await PDFDocument.create();
  const font = await doc.embedFont(StandardFonts.Helvetica);
  const { context } = doc;
  for (let at = 0; at < pages; at += 1) {
    const page = doc.addPage([595, 842]);
    for (let y = 780; y > 60; y -= 14)
      page.drawText(`Page ${at}, line ${y}: the quick brown fox`, { x: 60, y, size: 10, font });
    const links = Array.from({ length: 12 }, (_, n) =>
      context.register(
        context.obj({
          Type: 'Annot',
          Subtype: 'Link',
          Rect: [60, 60 + n * 14, 200, 72 + n * 14],
          Border: [0, 0, 0],
          A: { S: 'URI', URI: PDFString.of(`https://example.org/${at}/${n}`) },
        }),
      ),
    );
    page.node.set(PDFName.of('Annots'), context.obj(links));
    const noise = Math.max(100, Math.floor(bytes / pages) - 3500);
    const image = context.stream(randomBytes(noise - (noise % 100)), {
      Type: 'XObject',
      Subtype: 'Image',
      Width: 100,
      Height: Math.floor(noise / 100),
      ColorSpace: 'DeviceGray',
      BitsPerComponent: 8,
    });
    page.node.setXObject(PDFName.of('Im'), context.register(image));
  }
  return Buffer.from(await doc.save({ useObjectStreams: objectStreams }));
}

const reader = (n) => ({
  name: `Łukasz Żółć ${n}`,
  email: `lukasz.${n}@example.org`,
  company: 'ACME Housing',
  date: '24 Nov 2026',
  ref: `7F3K-${1000 + n}`,
  seed: 'bench',
});
let readers = 0;

const ways = ({ pdf, master, folder }) => ({
  'ours: own work': async () => void personalise(master, reader(readers++)),
  'ours: whole copy': async () => void (await personalise(master, reader(readers++)).toBuffer()),
  'ours: SHA-256': async () => void personalise(master, reader(readers++)).sha256,
  'ours: base64 of what changed': async () => {
    for await (const chunk of personalise(master, reader(readers++)).base64()) void chunk;
  },
  'copy of a buffer': async () => void Buffer.from(pdf),
  'SHA-256 of a buffer': async () => void createHash('sha256').update(pdf).digest('hex'),
  'pdf-lib': async () => {
    const doc = await PDFDocument.load(pdf);
    const font = await doc.embedFont(StandardFonts.Helvetica);
    const { name, email } = { name: 'Lukasz Zolc', email: 'lukasz@example.org' };
    for (const page of doc.getPages())
      page.drawText(`Prepared for ${name} - ${email}`, { x: 36, y: 12, size: 7, font });
    await doc.save();
  },
  'qpdf --overlay': async () => {
    const args = [
      '--overlay',
      join(folder, 'stamp.pdf'),
      '--repeat=1',
      '--',
      join(folder, 'in.pdf'),
      join(folder, 'out.pdf'),
    ];
    if (spawnSync(QPDF, args).error) throw new Error('no qpdf');
  },
});

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

/** Runs `work` for at least 150 ms or once; milliseconds of each run. */
async function measure(work) {
  const times = [];
  const until = performance.now() + 150;
  do {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  } while (performance.now() < until);
  return times;
}

async function bench(title, pdf) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-stamping-'));
  const stamp = await PDFDocument.create();
  stamp.addPage([595, 842]).drawText('Prepared for Lukasz Zolc', { x: 36, y: 12, size: 7 });
  writeFileSync(join(folder, 'stamp.pdf'), await stamp.save());
  writeFileSync(join(folder, 'in.pdf'), pdf);
  const from = performance.now();
  const compiled = await compile(pdf, { preset: 'footer', template: TEMPLATE });
  console.log(
    `\n${title}: ${(pdf.length / 1e6).toFixed(2)} MB, compiled and checked in ${Math.round(performance.now() - from)} ms`,
  );
  await writeMaster(join(folder, 'master'), compiled);
  const master = await openMaster(join(folder, 'master'));
  const all = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, work] of Object.entries(ways({ pdf, master, folder }))) {
      const times = await measure(work).catch(() => []);
      all[name] = [...(all[name] ?? []), ...times];
    }
  }
  const whole = median(all['ours: whole copy']);
  const rows = Object.entries(all).filter(([, times]) => times.length > 0);
  console.table(
    Object.fromEntries(
      rows.map(([name, times]) => [
        name,
        {
          'median ms': +median(times).toFixed(3),
          'best ms': +times[0].toFixed(3),
          'of our whole copy': +(median(times) / whole).toFixed(2),
        },
      ]),
    ),
  );
  await master.close();
  rmSync(folder, { recursive: true });
}

const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
for (const file of files) await bench(file, readFileSync(file));
if (files.length === 0) {
  await bench('14 pages, classic', await report(14, 1_000_000, false));
  await bench('200 pages, object streams', await report(200, 1_000_000, true));
}
if (process.argv.includes('--large')) await bench('1,300 pages, classic', await report(1300, 26_000_000, false));
