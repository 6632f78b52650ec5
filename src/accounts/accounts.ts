import { randomBytes } from 'node:crypto';
import { AuditModel } from './account.model';
import type { Account, AuditEntry } from './account.types';
import { checkPassword, hashPassword } from './password';
import { createAccount, type Person } from './people';
import { invitationFor } from './setup';

/** Front door: people who sign in, what they may do, and what they did. */

export type { Account, AuditEntry, Role } from './account.types';
export { disableAccount, findAccount, listAccounts, type Person } from './people';
export { findSetup, hasAdministrator, invitationFor, redeemSetup, setupTokenForFirstAdmin } from './setup';
export { authenticate } from './sign-in';

/**
 * Adds a person. Without a password there is a token for a single-use link by which they choose one (72 hours).
 * @throws GatefoldError `address-invalid`, `sponsor-missing`, `account-exists`, `password-length`
 */
export async function addUser({
  password,
  ...person
}: Person & { password?: string }): Promise<{ account: Account; setupToken?: string }> {
  const now = new Date();
  if (password !== undefined) {
    checkPassword(password);
    return { account: await createAccount(person, { passwordHash: await hashPassword(password), now }) };
  }
  const account = await createAccount(person, { now });
  return { account, setupToken: await invitationFor(account.id, now) };
}

/** Notes who did what; never what they read. */
export async function audit(entry: { actor: string; action: string; subject?: string }): Promise<void> {
  await AuditModel.create({ _id: randomBytes(9).toString('base64url'), at: new Date(), ...entry });
}

/** The newest entries of the audit log. */
export async function listAudit(limit = 200): Promise<AuditEntry[]> {
  const rows = await AuditModel.find({}).sort({ at: -1 }).limit(limit).lean();
  return rows.map(({ _id, ...entry }) => entry);
}
