import type { Outcome } from '../jobs/jobs';
import { type RetryPlan, retryAt, type Sent } from '../mail/mail';
import { DELIVERY_STATES, type DeliveryEvent, type DeliveryState } from './delivery.types';

/** What an outcome of a send makes of the delivery and of its job. */
export interface Step {
  state: DeliveryState;
  detail: string;
  bounce?: 'hard' | 'soft';
  job: Outcome;
}

/** The states that are an end: nothing overwrites them, and a repeat of the job finds nothing to do. */
export const ENDED: readonly DeliveryState[] = DELIVERY_STATES.filter((one) => one !== 'waiting' && one !== 'deferred');

const EVENTS_KEPT = 100;

/** The one table of outcomes. Every way a send can end stands here, with what happens next. */
export function stepAfter(sent: Sent, attempts: number, plan: RetryPlan, now: Date): Step {
  switch (sent.outcome) {
    case 'accepted':
      return { state: 'sent', detail: sent.response, job: { state: 'done' } };
    case 'refused':
      return {
        state: 'bounced',
        bounce: sent.kind,
        detail: sent.reason,
        job: { state: 'failed', reason: sent.reason },
      };
    case 'later': {
      const wait = sent.wait ?? plan.mailServerRetries[0] ?? 0;
      const at = sent.unreachable ? new Date(now.getTime() + wait) : retryAt(attempts, plan, now);
      if (!at) return { state: 'expired', detail: sent.reason, job: { state: 'failed', reason: 'no more retries' } };
      const job: Outcome = { state: 'again', at, reason: sent.reason, counts: !sent.unreachable };
      return { state: 'deferred', detail: sent.reason, job };
    }
  }
}

/** The address, or what else has a budget, has had its mails for today; the delivery waits for the next place. */
export function stepOverBudget(at: Date, whose: 'address' | 'day'): Step {
  const detail =
    whose === 'address'
      ? 'this address has had its mails of the day from this campaign'
      : 'the domain, the network or the campaign has had its mails of the day';
  return { state: 'waiting', detail, job: { state: 'again', at, reason: detail, counts: false } };
}

/** The reader put the address right, or staff called it off, before it went. */
export function stepCancelled(detail: string): Step {
  return { state: 'cancelled', detail, job: { state: 'done' } };
}

/** While it waited, its reader asked once more: the newest request brings the paper. */
export function stepRepeated(newest: string): Step {
  return { state: 'cancelled', detail: `asked for again as ${newest}, which brings it`, job: { state: 'done' } };
}

/** The address is on the list of who is sent nothing. */
export function stepSuppressed(purpose: string): Step {
  const detail =
    purpose === '*' ? 'this address is sent nothing at all' : `this address is sent nothing for ${purpose}`;
  return { state: 'suppressed', detail, job: { state: 'done' } };
}

/** No copy could be made. An unmarked one never leaves, so this ends here and staff see it. */
export function stepWithoutCopy(reason: string): Step {
  return { state: 'failed', detail: reason, job: { state: 'failed', reason } };
}

/** Something of ours broke, which may mend itself: tried again like a mail server's no for now, and staff see why. */
export function stepAfterTrouble(reason: string, attempts: number, plan: RetryPlan, now: Date): Step {
  return stepAfter({ outcome: 'later', reason, unreachable: false }, attempts, plan, now);
}

/** The log with one more event; the same again is counted, so that a night without a mail server is one line. */
export function logged(log: DeliveryEvent[], event: DeliveryEvent): DeliveryEvent[] {
  const last = log.at(-1);
  if (last?.outcome === event.outcome && last.detail === event.detail) {
    return [...log.slice(0, -1), { ...last, times: (last.times ?? 1) + 1, lastAt: event.at }];
  }
  return [...log, event].slice(-EVENTS_KEPT);
}
