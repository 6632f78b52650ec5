import type { Outcome } from '../jobs/jobs';
import { retryAt, type Sent } from '../mail/mail';
import type { DeliveryState } from './delivery.types';

/** What an outcome of a send makes of the delivery and of its job. */
export interface Step {
  state: DeliveryState;
  detail: string;
  job: Outcome;
}

/** A server that can't be reached is asked again soon: asking costs nobody anything. */
const UNREACHABLE_RETRY_MS = 15_000;

/** The one table of outcomes. Every way a send can end stands here, with what happens next. */
export function stepAfter(sent: Sent, attempts: number, now: Date): Step {
  switch (sent.outcome) {
    case 'accepted':
      return { state: 'sent', detail: sent.response, job: { state: 'done' } };
    case 'refused':
      return { state: 'refused', detail: sent.reason, job: { state: 'failed', reason: sent.reason } };
    case 'later': {
      const at = sent.unreachable ? new Date(now.getTime() + UNREACHABLE_RETRY_MS) : retryAt(attempts, now);
      if (!at) return { state: 'expired', detail: sent.reason, job: { state: 'failed', reason: 'no more retries' } };
      const job: Outcome = { state: 'again', at, reason: sent.reason, counts: !sent.unreachable };
      return { state: 'deferred', detail: sent.reason, job };
    }
  }
}

/** The address has had its mails for today; the delivery waits for the next place. */
export function stepOverBudget(at: Date): Step {
  const detail = 'this address has had its mails of the day from this campaign';
  return { state: 'waiting', detail, job: { state: 'again', at, reason: detail, counts: false } };
}

/** No copy could be made. An unmarked one never leaves, so this ends here and staff see it. */
export function stepWithoutCopy(reason: string): Step {
  return { state: 'failed', detail: reason, job: { state: 'failed', reason } };
}
