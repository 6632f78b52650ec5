import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { Command } from 'commander';
import fc from 'fast-check';
import { pdfCommands } from '../../src/commands/pdf';
import { checkOptions } from '../../src/stamping/stamp-options';
import {
  type Compiled,
  type Copy,
  compile,
  fill,
  type Master,
  openMaster,
  personalise,
  type Reader,
  stampOnce,
  trace,
  writeMaster,
} from '../../src/stamping/stamping';
import { resolveStreamLengths } from '../../src/stamping/stream-lengths';
import { rawPages, rawPdf, rawStream } from './raw-pdf';
import { jane, scripts, TEMPLATE } from './readers';
import { pageTexts } from './viewer';

const source = (pages = 3) =>
  rawPages(Array.from({ length: pages }, () => ({ contents: ['BT /F 24 Tf 150 400 Td (Hello) Tj ET'] })));
const options = { preset: 'footer' as const, template: TEMPLATE };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** A page with a picture of noise: its copies take several reads. */
function heavy(): Buffer {
  const noise = createHash('shake256', { outputLength: 1_000_000 }).update('noise').digest();
  return rawPdf({
    objects: [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /XObject << /Im 4 0 R >> >> >>',
      rawStream(
        noise,
        '/Type /XObject /Subtype /Image /Width 1000 /Height 1000 /ColorSpace /DeviceGray /BitsPerComponent 8',
      ),
      rawStream('q 300 0 0 300 100 300 cm /Im Do Q'),
    ],
  });
}
/** Reads a stream into one buffer. */
async function drain(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

let folder: string;
let compiled: Compiled;
let master: Master;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stamping-'));
  compiled = await compile(source(), options);
  await writeMaster(join(folder, 'master'), compiled);
  master = await openMaster(join(folder, 'master'));
});

afterAll(async () => {
  await master.close();
  await rm(folder, { recursive: true });
});

describe('a copy', () => {
  test.each(Object.entries(scripts))('has a name in %s whole on every page', async (_, [name, company]) => {
    const copy = personalise(master, { ...jane, name, company });
    const texts = await pageTexts(await copy.toBuffer());
    expect(texts).toHaveLength(3);
    for (const text of texts) for (const value of [name, company, jane.email, jane.ref]) expect(text).toContain(value);
    expect(copy.warnings).toEqual([]);
  });

  test('is the same for the same input, and another for another', async () => {
    const [first, again] = [personalise(master, jane), personalise(master, { ...jane })];
    expect(again.etag).toBe(first.etag);
    expect((await again.toBuffer()).equals(await first.toBuffer())).toBe(true);
    for (const change of [
      { name: 'John Doe' },
      { ref: '7F3K-9QXM-2ABD' },
      { seed: 'another' },
      { date: '25 Nov 2026' },
    ]) {
      const other = personalise(master, { ...jane, ...change });
      expect(other.etag).not.toBe(first.etag);
      expect(other.sha256).not.toBe(first.sha256);
    }
  });

  test('knows its length, tag and hash before it is built', async () => {
    const copy = personalise(master, jane);
    const { length, sha256: hash, etag } = copy;
    const bytes = await copy.toBuffer();
    expect(bytes).toHaveLength(length);
    expect(sha256(bytes)).toBe(hash);
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
  });

  test('can be read from any byte to any byte', async () => {
    const copy = personalise(master, jane);
    const bytes = await copy.toBuffer();
    expect((await drain(copy.read())).equals(bytes)).toBe(true);
    const [slot] = compiled.slots.slots;
    const cuts = [0, 1, (slot?.offset ?? 0) - 1, (slot?.offset ?? 0) + 100, copy.length - 1];
    for (const from of cuts) {
      for (const to of cuts.filter((cut) => cut >= from)) {
        expect((await drain(copy.read(from, to))).equals(bytes.subarray(from, to + 1))).toBe(true);
      }
    }
  });

  test('is base64 in lines of 76 characters', async () => {
    const copy = personalise(master, jane);
    const text = (await drain(copy.base64())).toString('latin1');
    const lines = text.split('\r\n');
    expect(lines.pop()).toBe('');
    expect(lines.slice(0, -1).every((line) => line.length === 76)).toBe(true);
    expect(lines.at(-1)?.length).toBeLessThanOrEqual(76);
    expect(Buffer.from(text, 'base64').equals(await copy.toBuffer())).toBe(true);
  });

  test('is no other reader’s: fifty at once, with long and short names, not a byte of it', async () => {
    const readers = Array.from({ length: 50 }, (_, at) => ({
      ...jane,
      name: `Reader ${at}: ${'Long'.repeat((at % 7) * 10)}`.slice(0, 200),
      email: `reader.${at}.of.fifty@example.org`,
      ref: `REF-${at}-END`,
    }));
    const dir = join(folder, 'large');
    const large = await compile(heavy(), options);
    await writeMaster(dir, large);
    const [shared, alone] = [await openMaster(dir), await openMaster(dir)];
    const ways = [
      (copy: Copy) => copy.toBuffer(),
      (copy: Copy) => drain(copy.read()),
      async (copy: Copy) => Buffer.from((await drain(copy.base64())).toString('latin1'), 'base64'),
      async (copy: Copy) => Buffer.concat([await drain(copy.read(0, 299_999)), await drain(copy.read(300_000))]),
    ];
    const copies = await Promise.all(readers.map((reader, at) => ways[at % 4]?.(personalise(shared, reader))));
    for (const [at, bytes = Buffer.alloc(0)] of copies.entries()) {
      const reader = readers[at] as Reader;
      expect(bytes.equals(fill(large, reader).bytes)).toBe(true);
      expect(sha256(bytes)).toBe(personalise(alone, reader).sha256);
    }
    const [text = ''] = await pageTexts(copies[7] ?? Buffer.alloc(0));
    expect(text.match(/reader\.\d+\.of\.fifty/g)).toEqual(['reader.7.of.fifty']);
    await Promise.all([shared.close(), alone.close()]);
  });

  test('carries its reference in Info, XMP, /ID and on the page', async () => {
    const bytes = await personalise(master, { ...jane, ref: 'Ü-1/2 (3)' }).toBuffer();
    expect(await trace(bytes)).toEqual({ ref: 'Ü-1/2 (3)', foundIn: ['info', 'xmp', 'id', 'page'] });
  });

  test('leaves the template as it was', async () => {
    await personalise(master, jane).toBuffer();
    expect(sha256(await readFile(join(folder, 'master/template.bin')))).toBe(compiled.slots.template);
  });
});

describe('long values', () => {
  const long = 'Wolfeschlegelsteinhausenbergerdorff';
  const cases: [string, Partial<Reader>][] = [
    ['a long company', { company: `${'Housing Association of the Northern Counties '.repeat(4)}Ltd` }],
    ['a name of 200 letters', { name: `${long} `.repeat(6).slice(0, 200).trim() }],
    ['a name of 200 Han characters', { name: '龍鑰驪鸞纛'.repeat(40) }],
    [
      'an e-mail address of 254 characters',
      { email: `${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(3)}example.org` },
    ],
    [
      'everything long',
      { name: `${long} `.repeat(5).trim(), company: long.repeat(4), email: `${long}.${long}@${long}.example` },
    ],
  ];

  test.each(cases)('%s: name and e-mail stay whole', async (_, change) => {
    const reader = { ...jane, ...change };
    const copy = personalise(master, reader);
    expect(copy.length).toBe(personalise(master, jane).length);
    for (const text of await pageTexts(await copy.toBuffer())) {
      expect(text).toContain(reader.name);
      expect(text).toContain(reader.email);
      expect(text).toContain(jane.ref);
    }
  });

  test('the company gives way first, with an ellipsis', async () => {
    const company = 'Housing Association of the Northern Counties and the Isles, Department of Works';
    const name = 'Maximiliana Constantinopolitana von und zu Hohenstein';
    const bytes = await personalise(master, { ...jane, company, name }).toBuffer();
    const [text] = await pageTexts(bytes);
    expect(text).toContain(name);
    expect(text).not.toContain(company);
    expect(text).toMatch(/Housing Association [\w ]*…/);
  });

  test('an empty company leaves no gap', async () => {
    const { company: _, ...reader } = jane;
    const [text] = await pageTexts(await personalise(master, reader).toBuffer());
    expect(text).toContain('Prepared for Jane Doe · jane.doe@acme.example');
  });

  test('characters that no font has are drawn by code point, kept in the text, and warned of', async () => {
    const name = 'Ana 𓀀 Li';
    const copy = personalise(master, { ...jane, name });
    expect(copy.warnings.join()).toContain('𓀀');
    expect((await trace(await copy.toBuffer()))?.ref).toBe(jane.ref);
  });
});

test('no value, however odd, breaks a copy or shifts a byte', async () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.constantFrom(')(\\<>&"\'%', 'a\nb', 'a\0b', '\ud800', '\u202Eevil', ']]>', '<!--', '>> endobj', '\uFEFF', ' '),
  );
  const properties = fc.asyncProperty(odd, odd, odd, async (name, company, ref) => {
    const copy = personalise(master, { ...jane, name, company, ref });
    const bytes = await copy.toBuffer();
    expect(bytes).toHaveLength(compiled.template.length);
    for (const text of await pageTexts(bytes)) expect(text).toContain(jane.email);
  });
  await fc.assert(properties, { numRuns: 40, seed: 1 });
});

describe('a master', () => {
  test('is refused when its two files do not belong together', async () => {
    const dir = join(folder, 'mixed');
    await writeMaster(dir, compiled);
    const other = await compile(source(4), options);
    await writeFile(join(dir, 'slots.json'), JSON.stringify(other.slots));
    await expect(openMaster(dir)).rejects.toMatchObject({ code: 'master-mismatch' });
  });

  test('is refused when a byte of its template changed', async () => {
    const dir = join(folder, 'changed');
    const template = Buffer.from(compiled.template);
    template[100] = (template[100] ?? 0) ^ 1;
    await writeMaster(dir, { template, slots: compiled.slots });
    await expect(openMaster(dir)).rejects.toMatchObject({ code: 'master-mismatch' });
  });

  test('of the first version, with one form, is read as one of today', async () => {
    const dir = join(folder, 'first');
    await writeMaster(dir, compiled);
    const slots = compiled.slots.slots.map(({ form: _, ...slot }) => slot);
    const first = { ...compiled.slots, version: 1, width: 523, size: 7, slots };
    await writeFile(join(dir, 'slots.json'), JSON.stringify(first));
    const opened = await openMaster(dir);
    expect(personalise(opened, jane).sha256).toBe(personalise(master, jane).sha256);
    await opened.close();
  });

  test('written by several at once is one of theirs', async () => {
    const dir = join(folder, 'several');
    await Promise.all(Array.from({ length: 6 }, () => writeMaster(dir, compiled)));
    const opened = await openMaster(dir);
    expect(opened.slots.template).toBe(compiled.slots.template);
    await opened.close();
    expect((await readdir(folder)).filter((name) => name.startsWith('several'))).toEqual(['several']);
  });

  test('replaced under load gives each reader the wholly old or the wholly new one', async () => {
    const dir = join(folder, 'replaced');
    const other = await compile(source(5), options);
    await writeMaster(dir, compiled);
    const wanted = new Set([compiled, other].map(({ slots }) => slots.template));
    const writing = (async () => {
      for (let round = 0; round < 10; round += 1) await writeMaster(dir, round % 2 === 0 ? other : compiled);
    })();
    for (let round = 0; round < 20; round += 1) {
      const opened = await openMaster(dir);
      expect(wanted).toContain(opened.slots.template);
      const copy = personalise(opened, jane);
      expect(sha256(await copy.toBuffer())).toBe(copy.sha256);
      await opened.close();
    }
    await writing;
  });
});

describe('options', () => {
  const refused = (change: object) => expect(async () => checkOptions({ ...options, ...change })).rejects;

  test('an unknown variable, stray braces, no variable', async () => {
    await refused({ template: 'For {{nmae}}' }).toMatchObject({
      code: 'bad-template',
      message: expect.stringMatching(/\{\{nmae\}\} is not one of \{\{name\}\}/),
    });
    await refused({ template: 'For {{name' }).toMatchObject({ code: 'bad-template' });
    await refused({ template: 'For everybody' }).toMatchObject({ code: 'bad-template' });
  });

  test('a wrong colour, margin, size, preset', async () => {
    const wrong = (message: RegExp) => ({ code: 'bad-options', message: expect.stringMatching(message) });
    await refused({ colour: 'red' }).toMatchObject(wrong(/colour: "red" is none: auto, dark, light, or #rrggbb/));
    await refused({ colour: 'constructor' }).toMatchObject(wrong(/colour/));
    await refused({ margin: -1 }).toMatchObject(wrong(/margin: takes 0 to 200 points with the preset footer/));
    await refused({ size: 40 }).toMatchObject(wrong(/size: takes 4 to 12 points with the preset footer/));
    await refused({ size: Number.NaN }).toMatchObject(wrong(/size/));
    await refused({ preset: 'diagonal', size: 8 }).toMatchObject(wrong(/size: takes 12 to 96/));
    await refused({ preset: 'sideways' }).toMatchObject(
      wrong(/"sideways" is not one of footer, header, diagonal, cover/),
    );
  });

  test('variables of one’s own, which give way like the company', async () => {
    const own = { template: 'For {{name}} · {{seat}} · {{email}}', variables: ['seat'], preset: 'footer' as const };
    const page = async (reader: Reader) => (await pageTexts((await stampOnce(source(1), reader, own)).bytes))[0];
    expect(await page({ ...jane, more: { seat: 'Row 7' } })).toContain('For Jane Doe · Row 7 · jane.doe@acme.example');
    expect(await page(jane)).toContain('For Jane Doe · jane.doe@acme.example');
    const long = await page({ ...jane, more: { seat: 'Row '.repeat(70) } });
    expect(long).toContain('jane.doe@acme.example');
    expect(long).toMatch(/Row…|Row R?o?…/);
  });

  test('one copy in memory', async () => {
    const template = 'Only for {{ name }} — {{ref}}';
    const { bytes, warnings } = await stampOnce(source(2), jane, {
      preset: 'header',
      template,
      size: 9,
      colour: '#004488',
    });
    for (const text of await pageTexts(bytes)) expect(text).toContain('Only for Jane Doe — 7F3K-9QXM-2ABC');
    expect(warnings).toEqual([]);
  });
});

test('the length of a stream is found in an object stream, too', () => {
  const data = '1 0 0 RG\r\n';
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 0 /Kids [] >>',
    `<< /Length 9 0 R >>\nstream\n${data}\nendstream`,
    rawStream(deflateSync(`9 0 ${data.length}`), '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode'),
  ];
  expect(resolveStreamLengths(rawPdf({ objects })).toString('latin1')).toContain(
    `<< /Length ${data.length} >>\nstream\n1 0`,
  );
});

describe('gatefold stamp', () => {
  const run = async (...args: string[]) => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    pdfCommands(program);
    for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
    await program.parseAsync(['node', 'gatefold', 'stamp', ...args]);
  };
  const jones = ['--name', 'Jo Jones', '--email', 'jo@jones.example'];
  const corpus = join(__dirname, '../fixtures/pdfs');

  test('takes words, variables and placement', async () => {
    const out = join(folder, 'out.pdf');
    const words = [
      '--template',
      'For {{name}} · {{seat}} · {{ref}}',
      '--var',
      'seat=Row 7',
      '--ref',
      'R-1',
      '--company',
      'X',
    ];
    const place = ['--preset', 'header', '--margin', '20', '--size', '9', '--colour', 'dark'];
    await run(join(corpus, 'stampable/plain.pdf'), ...jones, ...words, ...place, '--out', out);
    expect((await pageTexts(await readFile(out)))[0]).toContain('For Jo Jones · Row 7 · R-1');
  });

  test.each([
    [
      'a file that is refused',
      'refused/a-signature.pdf',
      jones,
      /signature, which any change to the file breaks\. Upload/,
    ],
    ['a missing file', 'nothing.pdf', jones, /no such file$/],
    ['a wrong value', 'stampable/plain.pdf', [...jones, '--size', '90'], /--size: takes 4 to 12 points/],
    [
      'nobody’s name',
      'stampable/plain.pdf',
      ['--name', ' ', '--email', 'jo@jones.example'],
      /--name: takes the reader's name/,
    ],
    [
      'a template without a variable',
      'stampable/plain.pdf',
      [...jones, '--template', 'For all'],
      /every copy would be the same/,
    ],
  ])('%s: one line and no file', async (_, file, flags, line) => {
    const out = join(folder, 'none.pdf');
    const error = (await run(join(corpus, file), ...flags, '--out', out).catch((caught: unknown) => caught)) as Error;
    expect(
      'reader' in error ? [error.reader, 'wayOut' in error && error.wayOut].filter(Boolean).join(' ') : error.message,
    ).toMatch(line);
    expect(error.message).not.toContain('\n');
    await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
