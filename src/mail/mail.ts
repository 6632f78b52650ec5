import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import nodemailer from 'nodemailer';
import { type Message, nodemailerOptions } from './message';
import { writeOutbox } from './outbox';
import { outcomeOf, type Sent } from './outcome';

/** Front door: send one message to one person, and say what became of it. */

export type { Attachment, Message } from './message';
export { listOutbox, type OutboxEntry, type OutboxMessage, readOutboxMessage } from './outbox';
export { retryAt, type Sent } from './outcome';

export interface Mailer {
  /** Never rejects for what a mail server does or says: that is in the outcome. */
  send(message: Message): Promise<Sent>;
  /** A new Message-ID that can't be guessed, under the sender's domain (RFC 5322, 3.6.4). */
  newMessageId(): Promise<string>;
  close(): Promise<void>;
}

export interface MailerOptions {
  smtpUrl?: string | undefined;
  /** Where the outbox is when there is no mail server. */
  dataDir: string;
  dkim?: { domain: string; selector: string; keyFile: string } | undefined;
  /** `Name <address>`; asked at each message, because staff may change the site's. */
  from: string | (() => Promise<string>);
}

export function createMailer(options: MailerOptions): Mailer {
  return options.smtpUrl ? smtpMailer(options, options.smtpUrl) : outboxMailer(options);
}

function smtpMailer(options: MailerOptions, smtpUrl: string): Mailer {
  const { hostname } = new URL(smtpUrl);
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 5,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 60_000,
    // Nothing leaves the machine on the way to a relay on loopback, and those have self-made certificates.
    ...(isLoopback(hostname) && { tls: { rejectUnauthorized: false } }),
    ...signing(options),
  });
  return {
    newMessageId: async () => messageIdOf(await senderOf(options)),
    async send(message) {
      try {
        const info = await transport.sendMail(nodemailerOptions(message, await senderOf(options)));
        return { outcome: 'accepted', response: info.response };
      } catch (error) {
        return outcomeOf(error as Error);
      }
    },
    close: async () => transport.close(),
  };
}

function outboxMailer(options: MailerOptions): Mailer {
  const transport = nodemailer.createTransport({ streamTransport: true, newline: 'windows', ...signing(options) });
  return {
    newMessageId: async () => messageIdOf(await senderOf(options)),
    async send(message) {
      try {
        const { message: stream } = await transport.sendMail(nodemailerOptions(message, await senderOf(options)));
        if (Buffer.isBuffer(stream)) throw new Error('the outbox expects a stream');
        const name = await writeOutbox(options.dataDir, message.messageId, stream);
        return { outcome: 'accepted', response: `outbox/${name}` };
      } catch (error) {
        // A full disk mends; the message is not lost, it waits.
        return { outcome: 'later', reason: (error as Error).message, unreachable: true };
      }
    },
    close: async () => undefined,
  };
}

function signing({ dkim }: MailerOptions) {
  if (!dkim) return {};
  const { domain: domainName, selector: keySelector, keyFile } = dkim;
  return { dkim: { domainName, keySelector, privateKey: readFileSync(keyFile, 'utf8') } };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

async function senderOf({ from }: MailerOptions): Promise<string> {
  return typeof from === 'string' ? from : from();
}

function messageIdOf(sender: string): string {
  const domain = /@([^\s>]+)>?\s*$/.exec(sender)?.[1] ?? 'localhost';
  return `<${randomBytes(16).toString('base64url')}@${domain}>`;
}
