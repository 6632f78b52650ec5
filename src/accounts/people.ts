import { randomBytes } from 'node:crypto';
import { GatefoldError } from '../errors';
import { AccountModel, type AccountRow, accountOf } from './account.model';
import type { Account, Role } from './account.types';

export interface Person {
  email: string;
  name?: string;
  role: Role;
  sponsor?: string;
}

const DUPLICATE_KEY = 11_000;
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
    if ((error as { code?: number }).code !== DUPLICATE_KEY) throw error;
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
  const ofSponsor = role === 'sponsor-admin' || role === 'sponsor-member';
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

export async function listAccounts(): Promise<Account[]> {
  return (await AccountModel.find({}).sort({ role: 1, emailKey: 1 }).lean()).map(accountOf);
}

/** Ends a person's access at their next click. The last administrator stays. */
export async function disableAccount(id: string, now: Date): Promise<void> {
  const able = { role: 'admin' as const, passwordHash: { $exists: true }, disabledAt: null };
  const admins = await AccountModel.find(able, { _id: 1 }).lean();
  if (admins.length === 1 && admins[0]?._id === id) {
    throw new GatefoldError('conflict', 'last-administrator', {
      log: 'the last administrator stays',
      reader: 'This is the last administrator.',
      wayOut: 'Add another administrator first.',
    });
  }
  await AccountModel.updateOne({ _id: id }, { $set: { disabledAt: now } });
}

/** What makes two spellings one address. */
export const keyOf = (email: string): string => email.trim().normalize('NFC').toLowerCase();
