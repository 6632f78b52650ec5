import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AddressObject, simpleParser } from 'mailparser';

/** The outbox: where messages land as files when no mail server is configured. */

export interface OutboxEntry {
  /** File name, `<…>.eml`. */
  name: string;
  at: Date;
  bytes: number;
  to: string;
  subject: string;
}

export interface OutboxMessage extends OutboxEntry {
  from: string;
  messageId: string;
  text: string;
  html: string;
  attachments: { fileName: string; contentType: string; bytes: number; content: Buffer }[];
}

const NAME = /^[\w-]+\.eml$/;
/** Our headers are far shorter; a file that isn't ours may not be. */
const HEAD_BYTES = 65_536;

const folder = (dataDir: string): string => join(dataDir, 'outbox');

/**
 * Writes a message whole or not at all, and only returns once it is on disk. A repeat of one Message-ID replaces its
 * file, so a crash between writing and recording leaves one message.
 */
export async function writeOutbox(dataDir: string, messageId: string, message: Readable): Promise<string> {
  const name = `${messageId.replace(/@.*$/, '').replace(/[^\w-]/g, '')}.eml`;
  await mkdir(folder(dataDir), { recursive: true, mode: 0o700 });
  const path = join(folder(dataDir), name);
  const part = `${path}.${process.pid}.part`;
  try {
    await pipeline(message, createWriteStream(part, { mode: 0o600, flush: true }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  const directory = await open(folder(dataDir), 'r');
  await directory.sync().finally(() => directory.close());
  return name;
}

/** The newest messages first. */
export async function listOutbox(dataDir: string, limit = 200): Promise<OutboxEntry[]> {
  const names = await readdir(folder(dataDir)).catch(() => []);
  const dated = await Promise.all(names.filter((name) => NAME.test(name)).map((name) => dateOf(dataDir, name)));
  const newest = dated.sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, limit);
  return Promise.all(newest.map(async (entry) => ({ ...entry, ...(await headOf(dataDir, entry.name)) })));
}

/** One message, parsed; null when there is none of that name. */
export async function readOutboxMessage(dataDir: string, name: string): Promise<OutboxMessage | null> {
  if (!NAME.test(name)) return null;
  const bytes = await readFile(join(folder(dataDir), name)).catch(() => null);
  if (!bytes) return null;
  const mail = await simpleParser(bytes);
  return {
    ...(await dateOf(dataDir, name)),
    to: addressText(mail.to),
    from: addressText(mail.from),
    subject: mail.subject ?? '',
    messageId: mail.messageId ?? '',
    text: mail.text ?? '',
    html: mail.html || '',
    attachments: mail.attachments.map(({ filename, contentType, size, content }) => ({
      fileName: filename ?? 'attachment',
      contentType,
      bytes: size,
      content,
    })),
  };
}

async function dateOf(dataDir: string, name: string): Promise<{ name: string; at: Date; bytes: number }> {
  const { mtime, size } = await stat(join(folder(dataDir), name));
  return { name, at: mtime, bytes: size };
}

async function headOf(dataDir: string, name: string): Promise<{ to: string; subject: string }> {
  const file = await open(join(folder(dataDir), name), 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    const end = head.indexOf('\r\n\r\n');
    const mail = await simpleParser(end === -1 ? head : head.subarray(0, end + 4));
    return { to: addressText(mail.to), subject: mail.subject ?? '' };
  } finally {
    await file.close();
  }
}

function addressText(address: AddressObject | AddressObject[] | undefined): string {
  return [address ?? []]
    .flat()
    .map(({ text }) => text)
    .join(', ');
}
