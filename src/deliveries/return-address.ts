import type { Links } from '../links';

/**
 * Return addresses (VERP): each delivery has its own, signed, so that a report of failure names the message it is about
 * whatever else it says, and nobody can make reports about messages that they never saw.
 */

const PATTERN = /^bounce-([0-9a-f]{24})-([0-9a-f]{16})$/;

/** The local part: 48 lower-case characters, because servers on the way may change the case (RFC 5321: at most 64). */
export function returnAddress(delivery: string, links: Links): string {
  return `bounce-${delivery}-${mark(delivery, links)}`;
}

/** The delivery of a return address; null for one that we never gave out. */
export function readReturnAddress(localPart: string, links: Links): string | null {
  const [, delivery = '', given = ''] = PATTERN.exec(localPart.toLowerCase()) ?? [];
  return delivery !== '' && links.isSealed('return', delivery, given) ? delivery : null;
}

function mark(delivery: string, links: Links): string {
  return links.seal('return', delivery).slice(0, 16);
}
