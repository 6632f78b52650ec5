import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CAST, fullName } from '../support/cast';
import { CLOUD, cloudForm, post, ripeToken } from '../support/form';
import { eventually, gatefold, startServer, type TestServer } from '../support/server';
import { type SmtpSink, startSmtp } from '../support/smtp';

jest.setTimeout(120_000);

let smtp: SmtpSink;
let server: TestServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatefold-judges-'));
  smtp = await startSmtp();
  server = await startServer({ SMTP_URL: smtp.url });
  const token = await ripeToken(server.url, CLOUD);
  for (const reader of CAST) expect((await post(server.url, CLOUD, cloudForm(reader, token))).status).toBe(303);
});

afterAll(async () => {
  await server?.cleanUp();
  await smtp?.close();
  rmSync(folder, { recursive: true, force: true });
});

const tool = (name: string, args: string[]): string => execFileSync(name, args, { encoding: 'utf8' });

test.each(CAST)(
  'the attachment of $lastName holds before qpdf and carries name and address on every page',
  async (reader) => {
    const found = await eventually(
      'the mail',
      async () => smtp.received.find(({ to }) => to.includes(reader.email)),
      45,
    );
    const file = join(folder, `${reader.email}.pdf`);
    writeFileSync(file, found.mail.attachments[0]?.content ?? '');
    expect(tool('qpdf', ['--check', file])).toContain('No syntax or stream encoding errors found');
    const pages = tool('pdftotext', ['-layout', file, '-']).split('\f').slice(0, -1);
    expect(pages).toHaveLength(11);
    for (const page of pages) {
      const text = page
        .normalize('NFC')
        .replace(/[\u2066-\u2069\u200e\u200f\u202a-\u202e]/g, '')
        .replace(/\s+/g, ' ');
      expect(text).toContain(fullName(reader));
      expect(text).toContain(reader.email);
    }
    const traced = await gatefold(['trace', file], server.env);
    expect(traced.stdout).toMatch(/^([0-9A-Z]{4}-){2}[0-9A-Z]{4}\n$/);
  },
);
