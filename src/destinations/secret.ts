import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { opened, sealed } from '../sealed';
import type { DestinationRow } from './destination.model';

/** Standard Webhooks, signature scheme: 24 to 64 random bytes, in base64. */
const SECRET_BYTES = 32;

/** A new secret, and as it is kept. */
export function newSecret(keys: readonly string[]): { secret: string; seal: string } {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  return { secret, seal: sealed(secret, 'webhook secret', keys) };
}

interface Signing {
  id: string;
  at: Date;
  body: string;
  keys: readonly string[];
}

/** The headers of a message by Standard Webhooks; while a secret is being rotated with a signature by either. */
export function signedHeaders({ secret, earlier }: DestinationRow, signing: Signing): Record<string, string> {
  const { id, at, body, keys } = signing;
  const seals = [secret, ...(earlier && earlier.until > at ? [earlier.secret] : [])];
  const signatures = seals.map((seal) => new Webhook(opened(seal, 'webhook secret', keys)).sign(id, at, body));
  return {
    'content-type': 'application/json',
    'user-agent': 'Gatefold',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signatures.join(' '),
  };
}
