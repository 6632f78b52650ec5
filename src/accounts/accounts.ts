import type { Account } from './account.types';
import { wantInvitation } from './letters';
import { checkPassword, hashPassword } from './password';
import { createAccount, type Person } from './people';
import { invitationFor } from './setup';

/** Front door: people who sign in, what they may do, and what they did. */

export type { Account, AuditEntry, AuditKind, DigestRhythm, Role, SignedIn } from './account.types';
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
export { sendDigests, setDigest } from './digest';
export { beginCall, endCall, forgetCall } from './idempotency';
export { type LetterDeps, sendLetter, wantAddressNote, wantInvitation, wantNotice, wantReset } from './letters';
export {
  changePassword,
  changeProfile,
  changeRole,
  disableAccount,
  enableAccount,
  findAccount,
  isSponsorRole,
  type Leaders,
  listAccounts,
  type Person,
  revokeInvitation,
} from './people';
export {
  enrolSecondFactor,
  newSecondFactor,
  recoveryCodesLeft,
  removeSecondFactor,
  renewRecoveryCodes,
  requireSecondFactor,
  secondFactorRoles,
  showSecondFactor,
} from './second-factor';
export { endSession, endSessions, listSessions, openSession, sessionStands } from './sessions';
export { findSetup, hasAdministrator, invitationFor, redeemSetup, setupTokenForFirstAdmin } from './setup';
export { authenticate, proveSecondFactor, spendReset } from './sign-in';

/**
 * Adds a person and asks for the mail that invites them (72 hours).
 * @throws GatefoldError `address-invalid`, `sponsor-missing`, `account-exists`
 */
export async function inviteUser(person: Person): Promise<Account> {
  const account = await createAccount(person, { now: new Date() });
  await wantInvitation(account.id);
  return account;
}

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
