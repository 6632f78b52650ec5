import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { sliceChooser } from '../../src/stamping/font-slices';
import { shapeRun, shapeWhole } from '../../src/stamping/glyph-outlines';
import type { OpenMaster } from '../../src/stamping/master';
import { compile, openMaster, personalise, writeMaster } from '../../src/stamping/stamping';
import { rawPages } from './raw-pdf';
import { jane, scripts, TEMPLATE } from './readers';

/** Counts, and a ratio that a busy machine meets too; the figures themselves are in docs/benchmarks.md. */
let folder: string;
let pdf: Buffer;
let master: OpenMaster;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stamping-speed-'));
  const line = (at: number) => `BT /F 9 Tf 60 ${780 - at * 14} Td (A line of a report) Tj ET`;
  pdf = rawPages(Array.from({ length: 200 }, () => ({ contents: Array.from({ length: 8 }, (_, at) => line(at)) })));
  await writeMaster(folder, await compile(pdf, { preset: 'footer', template: TEMPLATE }));
  master = (await openMaster(folder)) as OpenMaster;
});
afterAll(async () => {
  await master.close();
  await rm(folder, { recursive: true });
});

test('a copy, its tag and its hash read nothing from disk, and what all copies share is encoded once', async () => {
  let reads = 0;
  const read = master.file.read.bind(master.file);
  master.file.read = ((...args: Parameters<typeof read>) => {
    reads += 1;
    return read(...args);
  }) as typeof master.file.read;
  const copy = personalise(master, jane);
  expect(copy.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(copy.etag).toMatch(/^"/);
  const first: Buffer[] = [];
  for (let n = 0; n < 2; n += 1) {
    for await (const chunk of personalise(master, { ...jane, name: `Reader ${n}` }).base64()) {
      first.push(chunk as Buffer);
      break;
    }
  }
  expect(first[0]).toBe(first[1]);
  expect(reads).toBe(0);
});

const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0;

async function measured(rounds: number, once: (n: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const from = performance.now();
    await once(n);
    times.push(performance.now() - from);
  }
  return median(times);
}

test('a copy of 200 pages is made a hundred times as fast as by load, draw and save, and more', async () => {
  const naive = await measured(3, async () => {
    const doc = await PDFDocument.load(pdf);
    const font = await doc.embedFont(StandardFonts.Helvetica);
    for (const page of doc.getPages()) page.drawText('Prepared for Jane Doe', { x: 36, y: 12, size: 7, font });
    return doc.save();
  });
  const once = (n: number) => personalise(master, { ...jane, name: `Reader ${n}`, ref: `REF-${n}` }).toBuffer();
  await measured(50, once);
  expect(naive / (await measured(100, once))).toBeGreaterThan(100);
});

test('what is put together from pairs of letters is what the font makes of the whole', () => {
  const names = Object.values(scripts).flat();
  const words = [
    'Office flat fi ffi fjord',
    'AVATAR To. Ty, “quoted” – 1/2',
    'LT VA Wa Yo P. f’s',
    'Ťuhýk Ľalia ďábel',
  ];
  const emails = ['john.o’neill+2@mail-7.example.org', 'a_b-c@x.co', 'AV.TA@WAVE.example'];
  let compared = 0;
  for (const text of [...names, ...words, ...emails]) {
    const choose = sliceChooser(text);
    // Runs as a line has them: neighbours in one font.
    const runs = text.match(/[\s\S]/g)?.reduce<string[]>((list, char) => {
      const last = list.at(-1);
      if (last !== undefined && choose(last.at(-1) ?? '') === choose(char)) list[list.length - 1] = last + char;
      else list.push(char);
      return list;
    }, []);
    for (const run of runs ?? []) {
      const slice = choose(run[0] ?? '');
      if (!slice || /[^\u0020-\u052F\u2010-\u2027]/u.test(run)) continue;
      expect(shapeRun(slice, run, false)).toEqual(shapeWhole(slice, run, false));
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(20);
});
