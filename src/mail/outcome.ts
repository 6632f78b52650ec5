/** What a mail server made of a message. */
export type Sent =
  | { outcome: 'accepted'; response: string }
  /** Try again; `unreachable` when the server couldn't be asked at all, which is nobody's attempt. */
  | { outcome: 'later'; reason: string; unreachable: boolean }
  | { outcome: 'refused'; reason: string; code: number };

interface SendError {
  code?: string;
  responseCode?: number;
  response?: string;
  message: string;
}

/** RFC 5321, 3.8: the server is closing down or overloaded; it has not judged the message. */
const SERVICE_NOT_AVAILABLE = 421;

/**
 * Reads a failed send. RFC 5321, 4.2.1: 4yz is transient, 5yz permanent. No reply code at all means network, TLS or
 * sign-in trouble between us and the server, which says nothing about the reader.
 */
export function outcomeOf(error: SendError): Sent {
  const code = error.responseCode;
  const reason = error.response ?? error.message;
  if (code === undefined || code === SERVICE_NOT_AVAILABLE || error.code === 'EAUTH') {
    return { outcome: 'later', reason, unreachable: true };
  }
  if (code >= 500) return { outcome: 'refused', reason, code };
  return { outcome: 'later', reason, unreachable: false };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const FIRST_WAITS = [15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE];
const HOURLY_TRIES = 48;

/**
 * When to try again after `attempts` tries that counted: 15 s, 30 s, 1, 2, 5, 15 min, then hourly for 48 h.
 * @returns null when the time is over
 */
export function retryAt(attempts: number, now: Date): Date | null {
  if (attempts >= FIRST_WAITS.length + HOURLY_TRIES) return null;
  return new Date(now.getTime() + (FIRST_WAITS[attempts] ?? HOUR));
}
