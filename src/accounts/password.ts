import { hash, verify } from '@node-rs/argon2';
import { GatefoldError } from '../errors';

/** OWASP Password Storage: argon2id (the library's default kind), 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const MIN_LENGTH = 12;
const MAX_LENGTH = 200;

/** NIST SP 800-63B, 5.1.1.2: long is what counts; no rules about kinds of characters. */
export function checkPassword(password: string): void {
  const length = [...password].length;
  if (length >= MIN_LENGTH && length <= MAX_LENGTH) return;
  throw new GatefoldError('invalid', 'password-length', {
    log: `a password of ${length} characters`,
    reader: `A password takes ${MIN_LENGTH} characters or more.`,
    wayOut: 'A few words in a row are easy to remember and hard to guess.',
  });
}

export function hashPassword(password: string): Promise<string> {
  return hash(canonical(password), COST);
}

/** One spelling of accents, whatever keyboard they came from; cut, because the argument of a sign-in may be of any length. */
const canonical = (password: string): string => password.normalize('NFC').slice(0, MAX_LENGTH * 2);

let decoy: Promise<string> | undefined;

/** Takes as long for an account that isn't there as for a wrong password. */
export async function passwordFits(password: string, stored: string | undefined): Promise<boolean> {
  decoy ??= hashPassword('nobody has this password');
  const compared = stored ?? (await decoy);
  const fits = await verify(compared, canonical(password));
  return stored !== undefined && fits;
}
