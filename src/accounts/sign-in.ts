import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatefoldError } from '../errors';
import { accountOf } from './account.model';
import type { Account } from './account.types';
import { passwordFits } from './password';
import { accountWithAddress } from './people';

/** Wrong passwords: per address, so that a name can't be worn down; per network address, so that names can't be tried. */
const perAddress = new RateLimiterMemory({ keyPrefix: 'address', points: 10, duration: 15 * 60 });
const perNetwork = new RateLimiterMemory({ keyPrefix: 'network', points: 50, duration: 15 * 60 });

/**
 * The account of these credentials, or null. The same answer, after the same time, for an unknown address, a wrong
 * password, and an account that is disabled or has no password yet.
 * @throws GatefoldError `sign-in-throttled` after ten wrong tries for an address, or fifty from a network, in 15 minutes
 */
export async function authenticate(email: string, password: string, network: string): Promise<Account | null> {
  const key = email.trim().toLowerCase();
  await refuseWhenSpent(perAddress, key);
  await refuseWhenSpent(perNetwork, network);
  const row = await accountWithAddress(email);
  const fits = await passwordFits(password, row?.disabledAt ? undefined : row?.passwordHash);
  if (row && fits) {
    await perAddress.delete(key);
    return accountOf(row);
  }
  await Promise.allSettled([perAddress.consume(key), perNetwork.consume(network)]);
  return null;
}

async function refuseWhenSpent(limiter: RateLimiterMemory, key: string): Promise<void> {
  const spent = await limiter.get(key);
  if (!(spent instanceof RateLimiterRes) || spent.remainingPoints > 0) return;
  throw new GatefoldError('too-many', 'sign-in-throttled', {
    log: 'sign-in throttled',
    reader: 'There were too many wrong passwords.',
    wayOut: `Try again in ${Math.ceil(spent.msBeforeNext / 60_000)} minutes.`,
  });
}
