import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { GatefoldError } from '../errors';
import { ApiKeyModel, type ApiKeyRow, apiKeyOf } from './api-key.model';
import type { ApiKey, ApiVerb, NewApiKey } from './api-key.types';

/** What each verb lets a program do, in the words of the page that hands out keys. */
export const API_VERBS: Record<ApiVerb, string> = {
  'campaigns:read': 'See campaigns',
  'campaigns:write': 'Make and change campaigns, upload whitepapers, publish, pause, close',
  'leads:read': 'See leads',
  'leads:write': 'Accept or reject leads that wait for review',
  'ledger:read': 'See contracts, places, settlements and statements',
  'returns:write': 'Return leads',
  'dispositions:write': 'Say what became of leads',
  'exports:read': 'Take leads away by export profile',
  'destinations:write': 'Set up where leads are sent',
};

/** What a sponsor's key may have at most. */
export const SPONSOR_VERBS: ApiVerb[] = [
  'campaigns:read',
  'leads:read',
  'ledger:read',
  'returns:write',
  'dispositions:write',
  'exports:read',
  'destinations:write',
];

/** A replaced secret works on for this long, so that a program can be changed over without a gap. */
const OVERLAP_MS = 24 * 3_600_000;
/** `lastUsedAt` is written at most this often: reading must not cost a write each time. */
const LAST_USE_MS = 60_000;
const NAME_MAX = 100;
/** `gatefold_` makes a leaked key findable by scanners of source code. */
const KEY = /^gatefold_([A-Za-z0-9_-]{12})_([A-Za-z0-9_-]{43})$/;

/**
 * Makes a key. Its text is shown this once; the store keeps only a hash of it.
 * @throws GatefoldError `key-name`, `key-verbs`
 */
export async function makeApiKey(wanted: NewApiKey, now: Date): Promise<{ key: ApiKey; text: string }> {
  check(wanted);
  const { text, id, secretHash } = newSecret();
  const row: ApiKeyRow = { _id: id, ...wanted, name: wanted.name.trim(), createdAt: now, secretHash };
  await ApiKeyModel.create(row);
  return { key: apiKeyOf(row), text };
}

function check({ name, verbs, sponsor }: NewApiKey): void {
  if (name.trim() === '' || name.length > NAME_MAX) {
    throw new GatefoldError('invalid', 'key-name', `Give the key a name of at most ${NAME_MAX} characters.`);
  }
  const known = sponsor === undefined ? (Object.keys(API_VERBS) as ApiVerb[]) : SPONSOR_VERBS;
  if (verbs.length === 0 || verbs.some((verb) => !known.includes(verb))) {
    throw new GatefoldError('invalid', 'key-verbs', 'Choose what the key may do from the list.');
  }
}

/**
 * The key of this text, if it is good now.
 * @returns null for an unknown, revoked or expired one: whoever asks learns no more than that
 */
export async function findApiKey(text: string, now: Date): Promise<ApiKey | null> {
  const [, id, secret] = KEY.exec(text) ?? [];
  if (!id || !secret) return null;
  const row = await ApiKeyModel.findOne({ _id: id }).lean();
  if (!row || !opens(row, hashOf(secret), now)) return null;
  if (row.revokedAt || (row.expiresAt && row.expiresAt <= now)) return null;
  await noteUse(row, now);
  return apiKeyOf(row);
}

function opens({ secretHash, previousHash, previousUntil }: ApiKeyRow, hash: string, now: Date): boolean {
  if (same(secretHash, hash)) return true;
  return previousHash !== undefined && previousUntil !== undefined && previousUntil > now && same(previousHash, hash);
}

async function noteUse({ _id, lastUsedAt }: ApiKeyRow, now: Date): Promise<void> {
  if (lastUsedAt && now.getTime() - lastUsedAt.getTime() < LAST_USE_MS) return;
  await ApiKeyModel.updateOne({ _id }, { $set: { lastUsedAt: now } });
}

/** The keys of a holder, newest first. `null` names the publisher. */
export async function listApiKeys(sponsor: string | null): Promise<ApiKey[]> {
  const rows = await ApiKeyModel.find({ sponsor }).sort({ createdAt: -1 }).lean();
  return rows.map(apiKeyOf);
}

/**
 * A new secret for the key; the old one works on for 24 hours.
 * @param sponsor whose key it has to be; `null` names the publisher
 * @throws GatefoldError `unknown-key`
 */
export async function rotateApiKey(
  id: string,
  sponsor: string | null,
  now: Date,
): Promise<{ key: ApiKey; text: string }> {
  const row = await mustFind(id, sponsor);
  const { text, secretHash } = newSecret(id);
  const change = {
    secretHash,
    previousHash: row.secretHash,
    previousUntil: new Date(now.getTime() + OVERLAP_MS),
    rotatedAt: now,
  };
  await ApiKeyModel.updateOne({ _id: id }, { $set: change });
  return { key: apiKeyOf({ ...row, ...change }), text };
}

/**
 * Ends a key, and what is left of its old secret, at once.
 * @throws GatefoldError `unknown-key`
 */
export async function revokeApiKey(id: string, sponsor: string | null, now: Date): Promise<ApiKey> {
  const row = await mustFind(id, sponsor);
  await ApiKeyModel.updateOne({ _id: id }, { $set: { revokedAt: now } });
  return apiKeyOf(row);
}

/** Another holder's key is as unknown as one that never was. */
async function mustFind(id: string, sponsor: string | null): Promise<ApiKeyRow> {
  const row = await ApiKeyModel.findOne({ _id: id, sponsor, revokedAt: null }).lean();
  if (!row) throw new GatefoldError('not-found', 'unknown-key', 'There is no such key.');
  return row;
}

function newSecret(id = randomBytes(9).toString('base64url')) {
  const secret = randomBytes(32).toString('base64url');
  return { id, text: `gatefold_${id}_${secret}`, secretHash: hashOf(secret) };
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const same = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
