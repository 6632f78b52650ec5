import { isRevoked } from '../deliveries/deliveries';
import { GatefoldError } from '../errors';
import type { Links, ReaderToken } from '../links';

/**
 * What a token in an address says.
 * @throws GatefoldError `link-malformed` (not found) when we didn't sign it, `link-expired` (gone) when its days are over
 */
function readToken({ links, now }: { links: Links; now: () => Date }, text: unknown): ReaderToken {
  const reading = links.readReaderToken(typeof text === 'string' ? text : '', now());
  if (reading.state === 'malformed') {
    throw new GatefoldError('not-found', 'link-malformed', {
      log: 'a reader link that was not signed here',
      reader: 'This link is not complete.',
      wayOut: 'Copy the whole link from the message, or ask for the paper again.',
    });
  }
  if (reading.state === 'expired') throw linkGone('link-expired', 'This link has expired.');
  return reading.token;
}

/**
 * What a token says, once it was looked up that nobody took its link back.
 * @throws GatefoldError as `readToken`, and `link-revoked` (gone)
 */
export async function openToken(services: { links: Links; now: () => Date }, text: unknown): Promise<ReaderToken> {
  const token = readToken(services, text);
  if (await isRevoked(token)) throw linkGone('link-revoked', 'This link was taken back.');
  return token;
}

/** A link that was good once. */
export function linkGone(code: string, reader: string): GatefoldError {
  return new GatefoldError('gone', code, {
    log: `a reader link is refused: ${code}`,
    reader,
    wayOut: 'Have a new link sent to the same mailbox.',
  });
}
