import { randomBytes } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { type Limits, readLimits } from '../limits';
import { isOneAddress, type Message } from './message';
import { openOutbox } from './outbox';
import type { Sent } from './outcome';
import { openReach } from './reach';
import { type Dkim, openSmtp, type SmtpLimits } from './smtp';

/** Front door: send one message to one person, and say what became of it. */

export { type BounceKind, bounceKind } from './bounce-kind';
export { examine, type MailSetUp } from './doctor';
export type * from './doctor.types';
export { laneOf, limitOf } from './lane';
export { type Listener, listenForReports } from './listener';
export type { Attachment, Message } from './message';
export {
  isAccountMessage,
  listOutbox,
  type OutboxMessage,
  readOutboxMessage,
  readRawMessage,
  removeFromOutbox,
} from './outbox';
export { type RetryPlan, retryAt, type Sent } from './outcome';
export type { Report } from './report';

export interface Mailer {
  /**
   * Never rejects for what a mail server does or says: that is in the outcome.
   * @param signal aborts the send when somebody else has taken the job over
   */
  send(message: Message, signal?: AbortSignal): Promise<Sent>;
  /**
   * A Message-ID under the sender's domain (RFC 5322, 3.6.4): a new one that can't be guessed, or that of this name, for
   * a message that may be made more than once.
   */
  newMessageId(name?: string): Promise<string>;
  /** How many sends may be under way now: while the server can't be reached none, or one that asks whether it is back. */
  atOnce(): number;
  close(): Promise<void>;
}

type MailLimits = SmtpLimits & Pick<Limits, 'mailServerRetries'>;

export interface MailerOptions {
  smtpUrl?: string | undefined;
  /** Where the outbox is when there is no mail server. */
  dataDir: string;
  dkim?: Dkim | undefined;
  /** `Name <address>`; asked at each message, because staff may change the site's. */
  from: string | (() => Promise<string>);
  limits?: MailLimits;
  /** Where reports of failure come in: the domain of return addresses, or `sender` for the sender's own. Off when missing. */
  returnDomain?: string | undefined;
}

/** RFC 5321, 4.2.2: mailbox name not allowed. */
const NOT_ALLOWED = 553;

export function createMailer(options: MailerOptions): Mailer {
  const { smtpUrl, dataDir, dkim, from, returnDomain, limits = readLimits({}) } = options;
  const sender = smtpUrl ? openSmtp(smtpUrl, dkim, limits) : openOutbox(dataDir, dkim);
  const reach = openReach(limits.mailServerRetries);
  const senderName = async () => (typeof from === 'string' ? from : from());
  return {
    async send(message, signal) {
      if (!isOneAddress(message.to.address)) {
        return { outcome: 'refused', kind: 'hard', reason: 'this is not one e-mail address', code: NOT_ALLOWED };
      }
      const name = await senderName();
      const envelope = { from: name, envelopeFrom: envelopeFrom(message, name, returnDomain) };
      const sent = await sender.send(message, envelope, signal);
      // Who hung up on its own says nothing about the server.
      if (signal?.aborted) return sent;
      if (sent.outcome === 'later' && sent.unreachable) return { ...sent, wait: reach.failed() };
      reach.answered();
      return sent;
    },
    atOnce: () => reach.atOnce(),
    newMessageId: async (name = randomBytes(16).toString('base64url')) => `<${name}@${domainOf(await senderName())}>`,
    close: async () => sender.close(),
  };
}

/** Where a server that can't deliver says so: the message's own return address (VERP), or the sender. */
function envelopeFrom({ returnTo }: Message, sender: string, returnDomain: string | undefined): string {
  if (!returnTo || !returnDomain) return addressOf(sender);
  return `${returnTo}@${returnDomain === 'sender' ? domainOf(sender) : returnDomain}`;
}

/** The address of `Name <address>`, or the text when it is an address alone. */
function addressOf(sender: string): string {
  return /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender.trim();
}

/** The sender's domain as a header may carry it; an umlaut in it becomes its `xn--` form. */
function domainOf(sender: string): string {
  const [, domain = ''] = /@([^\s@>]+)>?\s*$/.exec(sender) ?? [];
  return domainToASCII(domain) || 'localhost';
}
