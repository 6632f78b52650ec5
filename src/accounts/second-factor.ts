import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';
import { opened, sealed } from '../sealed';
import { AccountModel, PolicyModel } from './account.model';
import type { Account, Role } from './account.types';

/** RFC 6238 with what every authenticator app takes: SHA-1, six digits, thirty seconds. */
const PERIOD_S = 30;
const TOTP_OPTIONS = { algorithm: 'SHA1', digits: 6, period: PERIOD_S } as const;
/** RFC 4226, R6: 160 bits. */
const SECRET_BYTES = 20;
/** A step early or late: clocks of telephones differ (RFC 6238, 5.2). */
const WINDOW = 1;
const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;

/** A new secret, sealed, for a person who is about to set up a second factor. */
export function newSecondFactor(secrets: readonly string[]): string {
  return sealed(new Secret({ size: SECRET_BYTES }).base32, 'second factor', secrets);
}

/** What the person's app has to know: the picture to scan, and the same as text. */
export function showSecondFactor(
  seal: string,
  { secrets, issuer, label }: { secrets: readonly string[]; issuer: string; label: string },
): { qr: string; secret: string; uri: string } {
  const secret = opened(seal, 'second factor', secrets);
  // A colon parts the two in the address, so neither may have one.
  const plain = (text: string) => text.replaceAll(':', ' ');
  const uri = new TOTP({ ...TOTP_OPTIONS, issuer: plain(issuer), label: plain(label), secret }).toString();
  return { qr: renderSVG(uri, { border: 4, ecc: 'M' }), secret: (secret.match(/.{1,4}/g) ?? []).join(' '), uri };
}

/**
 * Sets up the second factor when the code shows that the app has the secret.
 * @returns the recovery codes, which are shown once, or null for a wrong code
 */
export async function enrolSecondFactor(
  account: Account,
  { seal, code, secrets, now }: { seal: string; code: string; secrets: readonly string[]; now: Date },
): Promise<string[] | null> {
  const step = stepOf(opened(seal, 'second factor', secrets), code, now);
  if (step === null) return null;
  const codes = newRecoveryCodes();
  const second = { secret: seal, step, recovery: codes.map(fingerprint) };
  await AccountModel.updateOne({ _id: account.id }, { $set: { second, secondAt: now } });
  return codes;
}

/** New recovery codes; those before stop working. */
export async function renewRecoveryCodes(id: string): Promise<string[]> {
  const codes = newRecoveryCodes();
  await AccountModel.updateOne(
    { _id: id, second: { $exists: true } },
    { $set: { 'second.recovery': codes.map(fingerprint) } },
  );
  return codes;
}

export async function removeSecondFactor(id: string): Promise<void> {
  await AccountModel.updateOne({ _id: id }, { $unset: { second: '', secondAt: '' } });
}

/**
 * Whether a code of the app, or one of the recovery codes, proves this person. Either works once: of two who send the
 * same at the same moment one is let in.
 */
export async function provesSecondFactor(
  id: string,
  typed: string,
  { secrets, now }: { secrets: readonly string[]; now: Date },
): Promise<'app' | 'recovery' | null> {
  const row = await AccountModel.findOne({ _id: id }, { second: 1 }).lean();
  if (!row?.second) return null;
  const code = typed.replace(/[\s-]/g, '');
  const step = /^\d{6}$/.test(code) ? stepOf(opened(row.second.secret, 'second factor', secrets), code, now) : null;
  if (step !== null) {
    const { matchedCount } = await AccountModel.updateOne(
      { _id: id, 'second.step': { $lt: step } },
      { $set: { 'second.step': step } },
    );
    return matchedCount === 1 ? 'app' : null;
  }
  const used = fingerprint(code);
  const { modifiedCount } = await AccountModel.updateOne(
    { _id: id, 'second.recovery': used },
    { $pull: { 'second.recovery': used } },
  );
  return modifiedCount === 1 ? 'recovery' : null;
}

/** How many recovery codes are left. */
export async function recoveryCodesLeft(id: string): Promise<number> {
  const row = await AccountModel.findOne({ _id: id }, { second: 1 }).lean();
  return row?.second?.recovery.length ?? 0;
}

/** Roles whose people must have a second factor. */
export async function secondFactorRoles(): Promise<Role[]> {
  const row = await PolicyModel.findOne({ _id: 'roles' }).lean();
  return (row?.secondFactorFor ?? []) as Role[];
}

export async function requireSecondFactor(roles: Role[]): Promise<void> {
  await PolicyModel.updateOne({ _id: 'roles' }, { $set: { secondFactorFor: roles } }, { upsert: true });
}

/** The time step that the code is of, or null for a wrong one. */
function stepOf(secret: string, code: string, now: Date): number | null {
  const totp = new TOTP({ ...TOTP_OPTIONS, secret });
  const delta = totp.validate({ token: code.replace(/\s/g, ''), timestamp: now.getTime(), window: WINDOW });
  return delta === null ? null : Math.floor(now.getTime() / 1000 / PERIOD_S) + delta;
}

/** 80 random bits each, in groups to read out: `k3v9-…`. */
function newRecoveryCodes(): string[] {
  const code = () => new Secret({ buffer: randomBytes(RECOVERY_BYTES).buffer as ArrayBuffer }).base32.toLowerCase();
  return Array.from({ length: RECOVERY_CODES }, () =>
    code()
      .slice(0, 16)
      .replace(/(.{4})(?=.)/g, '$1-'),
  );
}

const fingerprint = (code: string): string =>
  createHash('sha256').update(code.replace(/[\s-]/g, '').toLowerCase()).digest('hex');
