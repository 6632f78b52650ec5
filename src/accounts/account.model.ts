import { model, Schema } from 'mongoose';
import type { Account } from './account.types';

export type AccountRow = Omit<Account, 'id'> & {
  _id: string;
  emailKey: string;
  /** argon2id in PHC form; missing until the person chose a password. */
  passwordHash?: string;
};

/** A single-use link. Only the hash of its token is kept, so reading the store opens nothing. */
export interface SetupRow {
  /** SHA-256 of the token, hex. */
  _id: string;
  /** Missing for the first administrator, who names themselves. */
  account?: string;
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
  },
  { ...options, collection: 'accounts' },
);
accountSchema.index({ emailKey: 1 }, { unique: true });
accountSchema.index({ role: 1 });

export const AccountModel = model<AccountRow>('Account', accountSchema);
export const SetupModel = model<SetupRow>(
  'Setup',
  new Schema<SetupRow>(
    { _id: text, account: String, expiresAt: when, usedAt: Date },
    { ...options, collection: 'setups' },
  ),
);

export function accountOf({ _id, emailKey: _, passwordHash: __, ...account }: AccountRow): Account {
  return { id: _id, ...account };
}
