import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AddressObject, ParsedMail } from 'mailparser';
import nodemailer from 'nodemailer';
import { type Message, nodemailerOptions } from './message';
import { type Dkim, type Sender, signing } from './smtp';

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
const PART = /^[\w-]+\.eml\.[0-9a-f]+\.part$/;
/** Nobody who lives writes nothing to a file for so long. */
const PART_MS = 60_000;
/** Begins the names of messages that let whoever reads them into an account of ours. */
const OPENS_ACCOUNT = 'account-';
/** Our headers are far shorter; a file that isn't ours may not be. */
const HEAD_BYTES = 65_536;

const folder = (dataDir: string): string => join(dataDir, 'outbox');

/** Writes each message as a file: the same bytes that a mail server would get, signature included. */
export function openOutbox(dataDir: string, dkim: Dkim | undefined): Sender {
  const transport = nodemailer.createTransport({
    streamTransport: true,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...signing(dkim),
  });
  const sweeping = sweepParts(dataDir);
  return {
    async send(message, from) {
      try {
        const { message: stream } = await transport.sendMail(nodemailerOptions(message, from));
        if (Buffer.isBuffer(stream)) throw new Error('the outbox expects a stream');
        return { outcome: 'accepted', response: `outbox/${await writeOutbox(dataDir, message, stream)}` };
      } catch (error) {
        // A full disk mends; the message is not lost, it waits.
        return { outcome: 'later', reason: (error as Error).message, unreachable: true };
      }
    },
    close: () => clearTimeout(sweeping),
  };
}

/**
 * Takes away what killed writers left half written, at start and once those of just before it are old enough. A living
 * writer that is slower than that finds its file gone, and its mail is tried again.
 */
function sweepParts(dataDir: string): NodeJS.Timeout {
  const sweep = async (): Promise<void> => {
    const names = await readdir(folder(dataDir)).catch(() => []);
    for (const path of names.filter((name) => PART.test(name)).map((name) => join(folder(dataDir), name))) {
      const file = await stat(path).catch(() => null);
      if (file && Date.now() - file.mtimeMs >= PART_MS) await rm(path, { force: true });
    }
  };
  void sweep();
  return setTimeout(sweep, PART_MS + 1000).unref();
}

/**
 * Writes a message whole or not at all, and only returns once it is on disk. A repeat of one Message-ID replaces its
 * file, so a crash between writing and recording leaves one message.
 */
async function writeOutbox(dataDir: string, { messageId, opensAccount }: Message, message: Readable): Promise<string> {
  const name = `${opensAccount ? OPENS_ACCOUNT : ''}${fileOf(messageId)}`;
  await mkdir(folder(dataDir), { recursive: true, mode: 0o700 });
  const path = join(folder(dataDir), name);
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
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

const fileOf = (messageId: string): string => `${messageId.replace(/@.*$/, '').replace(/[^\w-]/g, '')}.eml`;

/** Takes a message of this Message-ID out of the outbox, if it is there. */
export async function removeFromOutbox(dataDir: string, messageId: string): Promise<void> {
  await rm(join(folder(dataDir), fileOf(messageId)), { force: true });
}

/** Whether a message of this name is for administrators only: it holds the link into somebody's account. */
export const isAccountMessage = (name: string): boolean => name.startsWith(OPENS_ACCOUNT);

/** The newest messages first. */
export async function listOutbox(dataDir: string, limit = 200): Promise<OutboxEntry[]> {
  const names = await readdir(folder(dataDir)).catch(() => []);
  const dated = await Promise.all(names.filter((name) => NAME.test(name)).map((name) => dateOf(dataDir, name)));
  const there = dated.filter((entry) => entry !== null);
  const newest = there.sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, limit);
  return Promise.all(newest.map(async (entry) => ({ ...entry, ...(await headOf(dataDir, entry.name)) })));
}

/** One message as it would have gone out, byte by byte; null when there is none of that name. */
export async function readRawMessage(dataDir: string, name: string): Promise<Buffer | null> {
  if (!NAME.test(name)) return null;
  return readFile(join(folder(dataDir), name)).catch(() => null);
}

/** One message, parsed; null when there is none of that name, or it is no message. */
export async function readOutboxMessage(dataDir: string, name: string): Promise<OutboxMessage | null> {
  const [bytes, dated] = await Promise.all([readRawMessage(dataDir, name), dateOf(dataDir, name)]);
  const mail = bytes && (await parsed(bytes));
  if (!mail || !dated) return null;
  return {
    ...dated,
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

/** Null when the file has just been removed. */
async function dateOf(dataDir: string, name: string): Promise<{ name: string; at: Date; bytes: number } | null> {
  const file = await stat(join(folder(dataDir), name)).catch(() => null);
  return file && { name, at: file.mtime, bytes: file.size };
}

async function headOf(dataDir: string, name: string): Promise<{ to: string; subject: string }> {
  const file = await open(join(folder(dataDir), name), 'r').catch(() => null);
  if (!file) return { to: '', subject: '' };
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    const end = head.indexOf('\r\n\r\n');
    const mail = await parsed(end === -1 ? head : head.subarray(0, end + 4));
    return { to: addressText(mail?.to), subject: mail?.subject ?? '' };
  } finally {
    await file.close();
  }
}

/** Null for what is no message: somebody may have put other files there. */
async function parsed(bytes: Buffer): Promise<ParsedMail | null> {
  // A heavy library, and only this page and the reports of mail servers need it.
  const { simpleParser } = await import('mailparser');
  return simpleParser(bytes).catch(() => null);
}

function addressText(address: AddressObject | AddressObject[] | undefined): string {
  return [address ?? []]
    .flat()
    .map(({ text }) => text)
    .join(', ');
}
