import { model, Schema } from 'mongoose';
import { ownedBySponsor } from '../store/owned';
import type { Account } from './account.types';

export type AccountRow = Omit<Account, 'id'> & {
  _id: string;
  emailKey: string;
  /** argon2id in PHC form; missing until the person chose a password. */
  passwordHash?: string;
  second?: SecondFactor;
};

/** What proves a person beside the password. */
export interface SecondFactor {
  /** The shared secret (RFC 6238), sealed with a key from SECRET_KEY. */
  secret: string;
  /** The last time step that was used: a code works once. */
  step: number;
  /** SHA-256 of each recovery code that is left. */
  recovery: string[];
}

/** One browser in which a person is signed in. */
export interface SessionRow {
  _id: string;
  account: string;
  since: Date;
  seenAt: Date;
  ip: string;
  userAgent: string;
  expiresAt: Date;
}

/** Which roles must have a second factor. There is one row, `roles`. */
interface PolicyRow {
  _id: string;
  secondFactorFor: string[];
}

/** A single-use link. Only the hash of its token is kept, so reading the store opens nothing. */
export interface SetupRow {
  /** SHA-256 of the token, hex. */
  _id: string;
  /** Missing for the first administrator, who names themselves. */
  account?: string;
  /** Missing for an invitation. */
  purpose?: 'reset';
  expiresAt: Date;
  usedAt?: Date;
}

const text = { type: String, required: true };
const when = { type: Date, required: true };
const options = { strict: 'throw', versionKey: false } as const;

const accountSchema = new Schema<AccountRow>(
  {
    _id: text,
    email: text,
    emailKey: text,
    name: { type: String, default: '' },
    role: text,
    sponsor: String,
    passwordHash: String,
    passwordAt: Date,
    createdAt: when,
    disabledAt: Date,
    second: Schema.Types.Mixed,
    secondAt: Date,
    digest: String,
    digestAt: Date,
  },
  { ...options, collection: 'accounts' },
);
ownedBySponsor(accountSchema, 'sponsor');
accountSchema.index({ emailKey: 1 }, { unique: true });
accountSchema.index({ role: 1 });
accountSchema.index({ sponsor: 1 }, { sparse: true });
accountSchema.index({ digestAt: 1 }, { sparse: true });

export const AccountModel = model<AccountRow>('Account', accountSchema);
export const SetupModel = model<SetupRow>(
  'Setup',
  new Schema<SetupRow>(
    { _id: text, account: String, purpose: String, expiresAt: when, usedAt: Date },
    { ...options, collection: 'setups' },
  ),
);

const sessionSchema = new Schema<SessionRow>(
  { _id: text, account: text, since: when, seenAt: when, ip: String, userAgent: String, expiresAt: when },
  { ...options, collection: 'signins' },
);
sessionSchema.index({ account: 1, seenAt: -1 });
sessionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
export const SessionModel = model<SessionRow>('SignIn', sessionSchema);

export const PolicyModel = model<PolicyRow>(
  'AccountPolicy',
  new Schema<PolicyRow>({ _id: text, secondFactorFor: [String] }, { ...options, collection: 'account_policy' }),
);

export function accountOf({ _id, emailKey: _, passwordHash, second: __, ...account }: AccountRow): Account {
  return { id: _id, ...account, ...(passwordHash === undefined && { invited: true as const }) };
}
