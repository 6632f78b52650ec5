import { model, Schema } from 'mongoose';
import { GatefoldError } from '../errors';
import { isDuplicateKey } from '../store/duplicate';

/** The answer to a call, kept for its repeats. */
export interface KeptAnswer {
  /** Missing: the operation's own. */
  status?: number;
  body: unknown;
}

interface CallRow {
  /** `<key> <Idempotency-Key>`: two programs may choose the same. */
  _id: string;
  /** SHA-256 of method, path and body: the same name for another call is a mistake of the program. */
  fingerprint: string;
  startedAt: Date;
  answer?: KeptAnswer;
  expiresAt: Date;
}

const text = { type: String, required: true };
const when = { type: Date, required: true };
const schema = new Schema<CallRow>(
  { _id: text, fingerprint: text, startedAt: when, answer: Schema.Types.Mixed, expiresAt: when },
  { strict: 'throw', versionKey: false, minimize: false, collection: 'apicalls' },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
const CallModel = model<CallRow>('ApiCall', schema);

const KEPT_MS = 24 * 3_600_000;
/** A call that has no answer after this died on the way; a repeat does it. */
const ABANDONED_MS = 60_000;

/**
 * Begins a call that has an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). Insert first: of two at once
 * one is the first.
 * @returns the kept answer when it was done before, null when it is to be done now
 * @throws GatefoldError `call-running` while the first is at it, `idempotency-mismatch` when the name was used for
 * another call
 */
export async function beginCall(id: string, fingerprint: string, now: Date): Promise<KeptAnswer | null> {
  const fresh = { fingerprint, startedAt: now, expiresAt: new Date(now.getTime() + KEPT_MS) };
  try {
    await CallModel.create({ _id: id, ...fresh });
    return null;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const known = await CallModel.findOne({ _id: id }).lean();
  // It expired in this very moment.
  if (!known) return beginCall(id, fingerprint, now);
  if (known.fingerprint !== fingerprint) throw mismatch();
  if (known.answer) return known.answer;
  const abandoned = { _id: id, startedAt: { $lte: new Date(now.getTime() - ABANDONED_MS) } };
  const { matchedCount } = await CallModel.updateOne(abandoned, { $set: fresh });
  if (matchedCount === 0) throw running();
  return null;
}

/** Keeps the answer for 24 hours. */
export async function endCall(id: string, answer: KeptAnswer): Promise<void> {
  await CallModel.updateOne({ _id: id }, { $set: { answer } });
}

/** The call changed nothing: it may be made again under the same name. */
export async function forgetCall(id: string): Promise<void> {
  await CallModel.deleteOne({ _id: id });
}

function mismatch(): GatefoldError {
  return new GatefoldError('unprocessable', 'idempotency-mismatch', {
    log: 'an Idempotency-Key was used for another call',
    reader: 'This Idempotency-Key was used for another call before.',
    wayOut: 'Use a new key for each call, and the same only to repeat one.',
  });
}

function running(): GatefoldError {
  return new GatefoldError('conflict', 'call-running', {
    log: 'a repeat came while the first call is at work',
    reader: 'The first call with this Idempotency-Key is still being done.',
    wayOut: 'Repeat it in a moment.',
  });
}
