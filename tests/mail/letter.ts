import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createMailer, type Mailer, type MailerOptions, type Message } from '../../src/mail/mail';

const open: Mailer[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((mailer) => mailer.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatefold-mail-'));
  folders.push(folder);
  return folder;
}

/** A mailer that is closed after the test. */
export function mailer(options: Partial<MailerOptions> = {}): Mailer {
  const made = createMailer({ dataDir: '/nowhere', from: '"Doors Weekly" <papers@doors.example>', ...options });
  open.push(made);
  return made;
}

export const letter = (change: Partial<Message> = {}): Message => ({
  messageId: '<k3yN0body-gu3sses_it@doors.example>',
  to: { name: 'Ada Harrow', address: 'ada@acme.example' },
  subject: 'Your copy',
  text: 'Here it is.\n',
  html: '<p>Here it is.</p>',
  ...change,
});

/** An attachment of these bytes, as a copy hands itself over: base64 in lines of 76 characters. */
export function attachment(bytes: Buffer): NonNullable<Message['attachment']> {
  const lines = (bytes.toString('base64').match(/.{1,76}/g) ?? []).map((line) => `${line}\r\n`).join('');
  const chunks = lines.match(/[\s\S]{1,10007}/g) ?? [];
  return { fileName: 'paper.pdf', contentType: 'application/pdf', base64: () => Readable.from(chunks) };
}
