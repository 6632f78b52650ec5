import { randomBytes } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { isOneAddress, type Message } from './message';
import { openOutbox } from './outbox';
import type { Sent } from './outcome';
import { type Dkim, openSmtp } from './smtp';

/** Front door: send one message to one person, and say what became of it. */

export type { Attachment, Message } from './message';
export { listOutbox, type OutboxMessage, readOutboxMessage, readRawMessage } from './outbox';
export { retryAt, type Sent } from './outcome';

export interface Mailer {
  /**
   * Never rejects for what a mail server does or says: that is in the outcome.
   * @param signal aborts the send when somebody else has taken the job over
   */
  send(message: Message, signal?: AbortSignal): Promise<Sent>;
  /** A new Message-ID that can't be guessed, under the sender's domain (RFC 5322, 3.6.4). */
  newMessageId(): Promise<string>;
  close(): Promise<void>;
}

export interface MailerOptions {
  smtpUrl?: string | undefined;
  /** Where the outbox is when there is no mail server. */
  dataDir: string;
  dkim?: Dkim | undefined;
  /** `Name <address>`; asked at each message, because staff may change the site's. */
  from: string | (() => Promise<string>);
}

/** RFC 5321, 4.2.2: mailbox name not allowed. */
const NOT_ALLOWED = 553;

export function createMailer({ smtpUrl, dataDir, dkim, from }: MailerOptions): Mailer {
  const sender = smtpUrl ? openSmtp(smtpUrl, dkim) : openOutbox(dataDir, dkim);
  const senderName = async () => (typeof from === 'string' ? from : from());
  return {
    async send(message, signal) {
      if (!isOneAddress(message.to.address)) {
        return { outcome: 'refused', reason: 'this is not one e-mail address', code: NOT_ALLOWED };
      }
      return sender.send(message, await senderName(), signal);
    },
    newMessageId: async () => `<${randomBytes(16).toString('base64url')}@${domainOf(await senderName())}>`,
    close: async () => sender.close(),
  };
}

/** The sender's domain as a header may carry it; an umlaut in it becomes its `xn--` form. */
function domainOf(sender: string): string {
  const [, domain = ''] = /@([^\s@>]+)>?\s*$/.exec(sender) ?? [];
  return domainToASCII(domain) || 'localhost';
}
