import type { Account } from './account.types';
import { checkPassword, hashPassword } from './password';
import { createAccount, type Person } from './people';
import { invitationFor } from './setup';

/** Front door: people who sign in, what they may do, and what they did. */

export type { Account, AuditEntry, AuditKind, Role } from './account.types';
export type { ApiKey, ApiVerb, NewApiKey } from './api-key.types';
export {
  API_VERBS,
  findApiKey,
  listApiKeys,
  makeApiKey,
  revokeApiKey,
  rotateApiKey,
  SPONSOR_VERBS,
} from './api-keys';
export { audit, auditedFrom } from './audit';
export {
  type AuditCursor,
  type AuditFilter,
  auditPage,
  eachAuditEntry,
  listAudit,
  verifyAudit,
} from './audit-log';
export { beginCall, endCall, forgetCall } from './idempotency';
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
