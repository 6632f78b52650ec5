import { randomBytes } from 'node:crypto';
import { GatefoldError } from '../errors';
import { isDuplicateKey } from '../store/duplicate';
import { AccountModel, type AccountRow, accountOf, SetupModel } from './account.model';
import type { Account, Role } from './account.types';
import { checkPassword, hashPassword } from './password';
import { endSessions } from './sessions';

export interface Person {
  email: string;
  name?: string;
  role: Role;
  sponsor?: string;
}

const ADDRESS = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,255}$/;

/** @throws GatefoldError `address-invalid`, `sponsor-missing`, `account-exists` */
export async function createAccount(
  person: Person,
  { passwordHash, now }: { passwordHash?: string; now: Date },
): Promise<Account> {
  check(person);
  const { email, name = '', role, sponsor } = person;
  const row: AccountRow = {
    _id: randomBytes(9).toString('base64url'),
    email,
    emailKey: keyOf(email),
    name,
    role,
    ...(sponsor !== undefined && { sponsor }),
    ...(passwordHash !== undefined && { passwordHash }),
    createdAt: now,
  };
  try {
    await AccountModel.create(row);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new GatefoldError('conflict', 'account-exists', `${email} has an account already`);
  }
  return accountOf(row);
}

function check({ email, role, sponsor }: Person): void {
  if (!ADDRESS.test(email)) {
    throw new GatefoldError('invalid', 'address-invalid', {
      log: 'an account with an address that is none',
      reader: 'That is not an e-mail address.',
      wayOut: 'Write it like name@company.com.',
    });
  }
  const ofSponsor = isSponsorRole(role);
  if (ofSponsor !== (sponsor !== undefined)) {
    const reader = ofSponsor ? 'This role needs a sponsor.' : 'Only sponsor roles belong to a sponsor.';
    throw new GatefoldError('invalid', 'sponsor-missing', reader);
  }
}

export async function accountWithAddress(email: string): Promise<AccountRow | null> {
  return AccountModel.findOne({ emailKey: keyOf(email) }).lean();
}

export async function findAccount(id: string): Promise<Account | null> {
  const row = await AccountModel.findOne({ _id: id }).lean();
  return row && accountOf(row);
}

/** Everybody, or the people of one sponsor. */
export async function listAccounts(of: { sponsor?: string } = {}): Promise<Account[]> {
  return (await AccountModel.find(of).sort({ role: 1, emailKey: 1 }).lean()).map(accountOf);
}

/** Who may not leave as the last of their kind: the publisher's administrators or, when they do it themselves, a sponsor's. */
export type Leaders = { role: Role; sponsor?: string };
const ADMINS: Leaders = { role: 'admin' };

const able = (leaders: Leaders) => ({ ...leaders, passwordHash: { $exists: true }, disabledAt: null });

const isAble = async (id: string, leaders: Leaders): Promise<boolean> =>
  (await AccountModel.exists({ ...able(leaders), _id: id })) !== null;

/** Ends a person's access at their next click. The last of the leaders stays. */
export async function disableAccount(id: string, now: Date, leaders: Leaders = ADMINS): Promise<void> {
  const leads = await isAble(id, leaders);
  await AccountModel.updateOne({ _id: id }, { $set: { disabledAt: now } });
  if (leads) await keepOne(leaders, () => enableAccount(id));
  await endSessions(id);
}

/** Lets a person in again; they sign in with the password they had. */
export async function enableAccount(id: string): Promise<void> {
  await AccountModel.updateOne({ _id: id }, { $unset: { disabledAt: '' } });
}

/**
 * Gives a person another role. Staff stay staff, and a sponsor's people stay that sponsor's.
 * @throws GatefoldError `role-other-side`, `last-administrator`
 */
export async function changeRole({ id, role: before }: Account, role: Role, leaders: Leaders = ADMINS): Promise<void> {
  if (isSponsorRole(before) !== isSponsorRole(role)) {
    throw new GatefoldError('invalid', 'role-other-side', {
      log: 'a role of the other side',
      reader: 'Staff can’t become a sponsor’s people, nor the other way round.',
      wayOut: 'Disable this account and invite the person anew.',
    });
  }
  const leads = role !== leaders.role && (await isAble(id, leaders));
  await AccountModel.updateOne({ _id: id }, { $set: { role } });
  if (leads) await keepOne(leaders, () => AccountModel.updateOne({ _id: id }, { $set: { role: before } }));
}

/** Done first and looked at afterwards, so that of two who leave at the same moment both come back. */
async function keepOne(leaders: Leaders, undo: () => PromiseLike<unknown>): Promise<void> {
  if (await AccountModel.exists(able(leaders))) return;
  await undo();
  throw new GatefoldError('conflict', 'last-administrator', {
    log: 'the last administrator stays',
    reader: 'This is the last administrator.',
    wayOut: 'Add another administrator first.',
  });
}

/** Takes back an invitation that nobody has used: the account goes, and its link opens nothing. */
export async function revokeInvitation(id: string): Promise<void> {
  const { deletedCount } = await AccountModel.deleteOne({ _id: id, passwordHash: { $exists: false } });
  if (deletedCount === 0) {
    throw new GatefoldError('conflict', 'invitation-used', {
      log: 'an invitation that was used',
      reader: 'This person has set up their account already.',
      wayOut: 'Disable it instead.',
    });
  }
  await SetupModel.deleteMany({ account: id });
}

/** @throws GatefoldError `address-invalid`, `account-exists` */
export async function changeProfile(account: Account, { name, email }: { name: string; email: string }): Promise<void> {
  check({ ...account, email });
  try {
    await AccountModel.updateOne(
      { _id: account.id },
      { $set: { name: name.slice(0, 200), email, emailKey: keyOf(email) } },
    );
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new GatefoldError('conflict', 'account-exists', `${email} has an account already`);
  }
}

/** A new password ends every session but the one it was chosen in. */
export async function changePassword(id: string, password: string, keep: string | undefined): Promise<void> {
  checkPassword(password);
  await AccountModel.updateOne({ _id: id }, { $set: { passwordHash: await hashPassword(password) } });
  await endSessions(id, keep);
}

export const isSponsorRole = (role: Role): boolean => role === 'sponsor-admin' || role === 'sponsor-member';

/** What makes two spellings one address. */
export const keyOf = (email: string): string => email.trim().normalize('NFC').toLowerCase();
