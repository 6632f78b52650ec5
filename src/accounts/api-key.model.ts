import { model, Schema } from 'mongoose';
import { ownedBySponsor } from '../store/owned';
import type { ApiKey } from './api-key.types';

export type ApiKeyRow = Omit<ApiKey, 'id'> & {
  _id: string;
  /** SHA-256 of the secret, hex: 256 random bits need no slow hash. */
  secretHash: string;
  /** The secret before the last rotation, good until `previousUntil`. */
  previousHash?: string;
  previousUntil?: Date;
};

const text = { type: String, required: true };
const when = { type: Date, required: true };

const schema = new Schema<ApiKeyRow>(
  {
    _id: text,
    name: text,
    sponsor: String,
    campaigns: { type: [String], default: undefined },
    verbs: { type: [String], required: true },
    createdAt: when,
    createdBy: text,
    expiresAt: Date,
    lastUsedAt: Date,
    revokedAt: Date,
    rotatedAt: Date,
    secretHash: text,
    previousHash: String,
    previousUntil: Date,
  },
  { strict: 'throw', versionKey: false, collection: 'apikeys' },
);
ownedBySponsor(schema, 'sponsor');
schema.index({ sponsor: 1, createdAt: -1 });

export const ApiKeyModel = model<ApiKeyRow>('ApiKey', schema);

export function apiKeyOf({ _id, secretHash: _, previousHash: __, previousUntil: ___, ...key }: ApiKeyRow): ApiKey {
  return { id: _id, ...key };
}
