import { createHash, randomBytes } from 'node:crypto';
import { GatefoldError } from '../errors';
import { AccountModel, accountOf, SetupModel, type SetupRow } from './account.model';
import type { Account } from './account.types';
import { checkPassword, hashPassword } from './password';
import { createAccount } from './people';
import { endSessions } from './sessions';

const HOUR_MS = 3_600_000;
const FIRST_ADMIN_HOURS = 24;
const INVITATION_HOURS = 72;
const RESET_HOURS = 1;

/** What a set-up link is for: an account that waits for its password, or the first administrator. */
interface Setup {
  account?: Account;
  /** For somebody who forgot theirs. */
  reset?: true;
}

export async function hasAdministrator(): Promise<boolean> {
  return (await AccountModel.exists({ role: 'admin', passwordHash: { $exists: true }, disabledAt: null })) !== null;
}

/**
 * A link for the first administrator, valid for 24 hours; links made before stop working.
 * @returns null when there is an administrator already
 */
export async function setupTokenForFirstAdmin(now: Date): Promise<string | null> {
  if (await hasAdministrator()) return null;
  await SetupModel.deleteMany({ account: { $exists: false } });
  return keepToken(randomToken(), now, FIRST_ADMIN_HOURS);
}

/**
 * A link by which a person chooses their password, valid for 72 hours; links made for them before stop working.
 * @param token of a link that may have been made before, when its letter was: it stays as it is
 */
export async function invitationFor(account: string, now: Date, token = randomToken()): Promise<string> {
  await SetupModel.deleteMany({ account, _id: { $ne: idOf(token) } });
  return keepToken(token, now, INVITATION_HOURS, { account });
}

/** A link by which a person who forgot their password chooses another, valid for an hour; the one before stops working. */
export async function resetFor(account: string, now: Date, token = randomToken()): Promise<string> {
  await SetupModel.deleteMany({ account, purpose: 'reset', _id: { $ne: idOf(token) } });
  return keepToken(token, now, RESET_HOURS, { account, purpose: 'reset' });
}

const randomToken = (): string => randomBytes(24).toString('base64url');

async function keepToken(
  token: string,
  now: Date,
  hours: number,
  whose: Pick<SetupRow, 'account' | 'purpose'> = {},
): Promise<string> {
  const expiresAt = new Date(now.getTime() + hours * HOUR_MS);
  await SetupModel.updateOne({ _id: idOf(token) }, { $setOnInsert: { expiresAt, ...whose } }, { upsert: true });
  return token;
}

/**
 * What a set-up link is for.
 * @throws GatefoldError `setup-unknown` (not found), `setup-used` (gone) when used, expired, or no longer needed
 */
export async function findSetup(token: string, now: Date): Promise<Setup> {
  const row = await openSetup(token, now);
  if (row.account === undefined) return {};
  const account = await AccountModel.findOne({ _id: row.account }).lean();
  if (!account || account.disabledAt) throw used();
  return { account: accountOf(account), ...(row.purpose === 'reset' && { reset: true as const }) };
}

/** Uses a set-up link: makes the first administrator, or gives the invited person their password. */
export async function redeemSetup(
  token: string,
  person: { email: string; name: string; password: string },
  now: Date,
): Promise<Account> {
  const setup = await findSetup(token, now);
  checkPassword(person.password);
  const passwordHash = await hashPassword(person.password);
  // Of two at once the second finds it used. A crash behind this line costs a link, not an account.
  const { matchedCount } = await SetupModel.updateOne({ _id: idOf(token), usedAt: null }, { $set: { usedAt: now } });
  if (matchedCount === 0) throw used();
  if (!setup.account) return firstAdministrator(token, person, { passwordHash, now });
  const name = person.name || setup.account.name;
  await AccountModel.updateOne({ _id: setup.account.id }, { $set: { passwordHash, passwordAt: now, name } });
  await endSessions(setup.account.id);
  const { invited: _, ...account } = setup.account;
  return { ...account, name, passwordAt: now };
}

/** Whoever mistypes their address can mend it: the link is good again. */
async function firstAdministrator(
  token: string,
  { email, name }: { email: string; name: string },
  secret: { passwordHash: string; now: Date },
): Promise<Account> {
  try {
    return await createAccount({ email, name, role: 'admin' }, secret);
  } catch (error) {
    if (error instanceof GatefoldError) await SetupModel.updateOne({ _id: idOf(token) }, { $unset: { usedAt: 1 } });
    throw error;
  }
}

async function openSetup(token: string, now: Date): Promise<SetupRow> {
  const row = await SetupModel.findOne({ _id: idOf(token) }).lean();
  if (!row) {
    throw new GatefoldError('not-found', 'setup-unknown', {
      log: 'an unknown set-up link',
      reader: 'This set-up link is not complete, or a newer one has taken its place.',
      wayOut: 'Ask for a new one, or run: gatefold setup-link',
    });
  }
  const needless = row.account === undefined && (await hasAdministrator());
  if (row.usedAt || row.expiresAt <= now || needless) throw used();
  return row;
}

function used(): GatefoldError {
  return new GatefoldError('gone', 'setup-used', {
    log: 'a used or expired set-up link',
    reader: 'This set-up link was used already, or its time is over.',
    wayOut: 'Sign in, or ask for a new link.',
  });
}

const idOf = (token: string): string => createHash('sha256').update(token).digest('hex');
