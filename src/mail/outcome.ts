import type { Limits } from '../limits';
import { type BounceKind, bounceKind } from './bounce-kind';

/** What a mail server made of a message. */
export type Sent =
  | { outcome: 'accepted'; response: string }
  /**
   * Try again; `unreachable` when the server never came to judge the message, which is nobody's attempt; it is asked again
   * in `wait` ms.
   */
  | { outcome: 'later'; reason: string; unreachable: boolean; wait?: number }
  | { outcome: 'refused'; kind: BounceKind; reason: string; code: number };

/** What nodemailer tells of a failed send. */
export interface SendError {
  /** The server's reply code, when there was a reply. */
  responseCode?: number;
  response?: string;
  /** What we had said when it answered: `RCPT TO`, `DATA`, … */
  command?: string;
  message: string;
}

/** How far a send came: no session with the server, one in which it never asked for the message, or the message begun. */
export type Progress = 'none' | 'session' | 'message';

/** RFC 4954, 6, and RFC 3207, 4: it wants another sign-in or TLS first. Our settings are wrong, not the address. */
const SIGN_IN_CODES = [530, 534, 535, 538];
/** RFC 5321, 4.2.2: bad sequence of commands; the session went wrong, not the message. */
const BAD_SEQUENCE = 503;

/**
 * Reads a failed send. RFC 5321, 4.2.1: 4yz is transient, 5yz permanent, when it is said about the message. The same
 * codes in a greeting, at STARTTLS or at sign-in are about us, and so is every failure of network and TLS up to there. A
 * connection lost in the middle of the message counts as a try: the server may have it, and repeating it for ever would
 * fill a mailbox.
 */
export function outcomeOf(error: SendError, progress: Progress): Sent {
  const { responseCode: code, response, command, message } = error;
  const reason = response ?? message;
  if (progress === 'none' || (code !== undefined && SIGN_IN_CODES.includes(code))) {
    return { outcome: 'later', reason, unreachable: true };
  }
  if (code === undefined) return { outcome: 'later', reason, unreachable: progress === 'session' };
  if (code >= 500 && code !== BAD_SEQUENCE) {
    // A bare code is about the address only where it answers the address.
    const kind = bounceKind(reason, { code: command === 'RCPT TO' ? code : 0 });
    return { outcome: 'refused', kind, reason, code };
  }
  return { outcome: 'later', reason, unreachable: false };
}

/** When a mail that was put off is tried again; times in ms. */
export type RetryPlan = Pick<Limits, 'mailRetries' | 'mailRetryEvery' | 'mailRetryFor' | 'mailServerRetries'>;

/**
 * When to try again after `attempts` tries that counted. Contract: after 15 s, 30 s, 1, 2, 5, 15 min, then hourly for 48 h.
 * @returns null when the time is over
 */
export function retryAt(attempts: number, plan: RetryPlan, now: Date): Date | null {
  const last = plan.mailRetries.length + Math.floor(plan.mailRetryFor / plan.mailRetryEvery);
  if (attempts >= last) return null;
  return new Date(now.getTime() + (plan.mailRetries[attempts] ?? plan.mailRetryEvery));
}
