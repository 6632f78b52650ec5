import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { MailMessage } from 'nodemailer';
import nodemailer from 'nodemailer';
import type { Limits } from '../limits';
import { type From, type Message, nodemailerOptions } from './message';
import { outcomeOf, type Progress, type SendError, type Sent } from './outcome';

/** Keys that sign what goes out. */
export interface Dkim {
  domain: string;
  selector: string;
  keyFile: string;
}

export interface Sender {
  /** An aborted `signal` hangs up; whether the server took the message by then is not known. */
  send(message: Message, from: From, signal?: AbortSignal): Promise<Sent>;
  close(): void;
}

/** Silence: RFC 5321, 4.5.3.2, five minutes for a command; a content filter that is slow after the final dot isn't dead. */
export type SmtpLimits = Pick<
  Limits,
  'deliveriesAtOnce' | 'mailConnectTimeout' | 'mailGreetingTimeout' | 'mailSilenceTimeout'
>;

/** Sends through one mail server by a few connections that are kept. Options in the URL's query win over ours. */
export function openSmtp(smtpUrl: string, dkim: Dkim | undefined, limits: SmtpLimits): Sender {
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    pool: true,
    // A delivery under way never waits for a connection.
    maxConnections: limits.deliveriesAtOnce,
    // Repeating is the job's to decide, on a fresh stream.
    maxRequeues: 0,
    connectionTimeout: limits.mailConnectTimeout,
    greetingTimeout: limits.mailGreetingTimeout,
    socketTimeout: limits.mailSilenceTimeout,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...encryption(new URL(smtpUrl)),
    ...signing(dkim),
  });
  const streams = watchStreams(transport);

  async function attempt(message: Message, from: From, signal: AbortSignal | undefined): Promise<Attempt> {
    const mail = { ...nodemailerOptions(message, from), ...(signal && { signal }) };
    try {
      return { sent: { outcome: 'accepted', response: (await transport.sendMail(mail)).response }, cutShort: false };
    } catch (error) {
      const progress = progressOf(streams.get(message.messageId));
      const { responseCode } = error as SendError;
      return {
        sent: outcomeOf(error as SendError, progress),
        cutShort: progress === 'session' && responseCode === undefined,
      };
    } finally {
      streams.delete(message.messageId);
    }
  }

  return {
    async send(message, from, signal) {
      const first = await attempt(message, from, signal);
      // Most likely a kept connection that the server had closed meanwhile: a new one may do.
      if (!first.cutShort || signal?.aborted) return first.sent;
      return (await attempt(message, from, signal)).sent;
    },
    close: () => transport.close(),
  };
}

interface Attempt {
  sent: Sent;
  /** The connection went before the server asked for the message. */
  cutShort: boolean;
}

const LOOK_MS = 5000;

/** Connects and signs in, and sends nothing. @returns null when the server lets us in, else its words or the network's */
export async function tryServer(smtpUrl: string): Promise<string | null> {
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    connectionTimeout: LOOK_MS,
    greetingTimeout: LOOK_MS,
    socketTimeout: LOOK_MS,
    ...encryption(new URL(smtpUrl)),
  });
  try {
    await transport.verify();
    return null;
  } catch (error) {
    const { response, message } = error as SendError;
    return response ?? message;
  } finally {
    transport.close();
  }
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

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

/**
 * The streams of the messages under way, by Message-ID. nodemailer makes a message's stream only once the server has
 * greeted us and taken our sign-in, and reads it only once the server asks for the message.
 */
function watchStreams(transport: { use(step: 'stream', plugin: Plugin): unknown }): Map<string, Readable> {
  const streams = new Map<string, Readable>();
  transport.use('stream', ({ data, message }, done) => {
    const createReadStream = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const stream = createReadStream(options);
      streams.set(String(data.messageId), stream);
      return stream;
    };
    done();
  });
  return streams;
}

function progressOf(stream: Readable | undefined): Progress {
  if (!stream) return 'none';
  return stream.readableDidRead ? 'message' : 'session';
}

type Plugin = (mail: MailMessage, done: () => void) => void;
