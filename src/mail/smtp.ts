import { readFileSync } from 'node:fs';
import type { MailMessage } from 'nodemailer';
import nodemailer from 'nodemailer';
import { type Message, nodemailerOptions } from './message';
import { outcomeOf, type Sent } from './outcome';

/** Keys that sign what goes out. */
export interface Dkim {
  domain: string;
  selector: string;
  keyFile: string;
}

export interface SmtpSender {
  /** An aborted `signal` hangs up; whether the server took the message by then is not known. */
  send(message: Message, from: string, signal?: AbortSignal): Promise<Sent>;
  close(): void;
}

const CONNECT_MS = 10_000;
const GREETING_MS = 30_000;
/** RFC 5321, 4.5.3.2: five minutes for a command. A content filter that is slow after the final dot must not look dead. */
const SILENCE_MS = 5 * 60_000;
const CONNECTIONS = 5;

/** Sends through one mail server by a few connections that are kept. Options in the URL's query win over ours. */
export function openSmtp(smtpUrl: string, dkim: Dkim | undefined): SmtpSender {
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: CONNECTIONS,
    // Repeating is the job's to decide, on a fresh stream.
    maxRequeues: 0,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...encryption(new URL(smtpUrl)),
    ...signing(dkim),
  });
  const reached = watchSessions(transport);
  return {
    async send(message, from, signal) {
      const mail = { ...nodemailerOptions(message, from), ...(signal && { signal }) };
      try {
        const info = await transport.sendMail(mail);
        return { outcome: 'accepted', response: info.response };
      } catch (error) {
        return outcomeOf(error as Error, reached.has(message.messageId));
      } finally {
        reached.delete(message.messageId);
      }
    },
    close: () => transport.close(),
  };
}

/** What nodemailer takes to sign with DKIM (RFC 6376). */
export function signing(dkim: Dkim | undefined) {
  if (!dkim) return {};
  const { domain: domainName, selector: keySelector, keyFile } = dkim;
  return { dkim: { domainName, keySelector, privateKey: readFileSync(keyFile, 'utf8') } };
}

/**
 * `smtps:` is encrypted from the start. On `smtp:` we take STARTTLS when it is offered, and insist on it when a password
 * would follow: whoever sits on the line can leave the offer out. A relay on loopback needs neither.
 */
function encryption({ hostname, password, protocol }: URL) {
  if (isLoopback(hostname)) return { tls: { rejectUnauthorized: false } };
  return { requireTLS: protocol === 'smtp:' && password !== '' };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

/**
 * The Message-IDs that got as far as a session. nodemailer makes a message's stream only once the server has greeted us
 * and taken our sign-in, so what has no stream was never in the server's hands.
 */
function watchSessions(transport: { use(step: 'stream', plugin: Plugin): unknown }): Set<string> {
  const reached = new Set<string>();
  transport.use('stream', ({ data, message }, done) => {
    message.processFunc((stream) => {
      reached.add(String(data.messageId));
      return stream;
    });
    done();
  });
  return reached;
}

type Plugin = (mail: MailMessage, done: () => void) => void;
