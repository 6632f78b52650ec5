import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** What a secret is for: each has a key of its own, so that one can't be passed off as another. */
export type Purpose = 'second factor' | 'webhook secret';

const keyOf = (secret: string, purpose: Purpose): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `gatefold ${purpose}`, 32));

/** AES-256-GCM with a key from SECRET_KEY: who reads the store alone can do nothing with what is in it. */
export function sealed(text: string, purpose: Purpose, [secret = '']: readonly string[]): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, purpose), iv);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [iv, cipher.getAuthTag(), body].map((part) => part.toString('base64url')).join('.');
}

/** @throws Error when none of the keys sealed it: SECRET_KEY was replaced instead of rotated */
export function opened(seal: string, purpose: Purpose, secrets: readonly string[]): string {
  const [iv, tag, body] = seal.split('.').map((part) => Buffer.from(part, 'base64url'));
  if (!iv || !tag || !body) throw new Error(`not a sealed ${purpose}`);
  for (const secret of secrets) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, purpose), iv);
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    } catch {
      // Sealed with another of the keys.
    }
  }
  throw new Error(`SECRET_KEY no longer opens this ${purpose}`);
}
