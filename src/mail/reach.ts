/** Whether a mail server can be reached, as the sends of this process found it. */
export interface Reach {
  /** How many sends may be under way now: any number, one that asks whether the server is back, or none. */
  atOnce(): number;
  /** A send never came so far that the server judged the message. @returns ms until it is asked again */
  failed(): number;
  answered(): void;
}

/**
 * A server that is down is asked with growing pauses and by one send at a time, however many mails wait for it: they stay
 * where they are, untouched, and none of them has used up an attempt.
 * @param waits ms after the first failure, the second and so on; the last for every later one
 */
export function openReach(waits: readonly number[], clock: () => number = Date.now): Reach {
  let failures = 0;
  let until = 0;
  return {
    atOnce: () => (failures === 0 ? Number.POSITIVE_INFINITY : clock() >= until ? 1 : 0),
    failed: () => {
      // What was under way together fails together; that is one failure.
      if (failures === 0 || clock() >= until) {
        until = clock() + (waits[Math.min(failures, waits.length - 1)] ?? 0);
        failures += 1;
      }
      return until - clock();
    },
    answered: () => {
      failures = 0;
    },
  };
}
