import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatefoldError } from '../errors';
import { accountOf } from './account.model';
import type { Account } from './account.types';
import { passwordFits } from './password';
import { accountWithAddress, keyOf } from './people';
import { provesSecondFactor } from './second-factor';

/** RFC 5321: 64 for the mailbox, 255 for the domain. What is longer is nobody's, and not worth the memory. */
const ADDRESS_MAX = 320;
/** Wrong passwords: per address, so that a name can't be worn down; per network address, so that names can't be tried. */
const perAddress = new RateLimiterMemory({ keyPrefix: 'address', points: 10, duration: 15 * 60 });
const perNetwork = new RateLimiterMemory({ keyPrefix: 'network', points: 50, duration: 15 * 60 });

/**
 * The account of these credentials, or null. The same answer, after the same time, for an unknown address, a wrong
 * password, and an account that is disabled or has no password yet.
 * @throws GatefoldError `sign-in-throttled` after ten wrong tries for an address, or fifty from a network, in 15 minutes
 */
export async function authenticate(email: string, password: string, network: string): Promise<Account | null> {
  const address = keyOf(email).slice(0, ADDRESS_MAX);
  // A try counts before it is known to be wrong, or a thousand at the same moment would count as one.
  await spend(perNetwork, network);
  await spend(perAddress, address);
  const row = await accountWithAddress(email);
  const fits = await passwordFits(password, row?.disabledAt ? undefined : row?.passwordHash);
  if (!row || !fits) return null;
  await Promise.all([perAddress.delete(address), perNetwork.reward(network)]);
  return accountOf(row);
}

/** Codes have a million values, so few may be tried; asking for mail costs somebody a mail. */
const perCode = new RateLimiterMemory({ keyPrefix: 'code', points: 10, duration: 15 * 60 });
const perResetAddress = new RateLimiterMemory({ keyPrefix: 'reset', points: 3, duration: 3600 });
const perResetNetwork = new RateLimiterMemory({ keyPrefix: 'reset-network', points: 20, duration: 3600 });

/**
 * Whether the code proves this person, by the app or by a recovery code.
 * @throws GatefoldError `sign-in-throttled` after ten wrong codes in 15 minutes
 */
export async function proveSecondFactor(
  id: string,
  code: string,
  keys: { secrets: readonly string[]; now: Date },
): Promise<'app' | 'recovery' | null> {
  await spend(perCode, id, 'There were too many wrong codes.');
  const proof = await provesSecondFactor(id, code, keys);
  if (proof) await perCode.delete(id);
  return proof;
}

/**
 * Counts a request for a new password.
 * @returns false when enough mails went to this address in the last hour: the answer stays the same
 * @throws GatefoldError `sign-in-throttled` after twenty from a network in an hour
 */
export async function spendReset(email: string, network: string): Promise<boolean> {
  await spend(perResetNetwork, network, 'Too many new passwords were asked for from your network.');
  return perResetAddress.consume(keyOf(email).slice(0, ADDRESS_MAX)).then(
    () => true,
    () => false,
  );
}

async function spend(
  limiter: RateLimiterMemory,
  key: string,
  reader = 'There were too many wrong passwords.',
): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (spent) {
    if (!(spent instanceof RateLimiterRes)) throw spent;
    const minutes = Math.ceil(spent.msBeforeNext / 60_000);
    throw new GatefoldError('too-many', 'sign-in-throttled', {
      log: 'sign-in throttled',
      reader,
      wayOut: `Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
    });
  }
}
