import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { beginCall, endCall, forgetCall } from '../accounts/accounts';
import { GatefoldError } from '../errors';
import type { Answer } from './api.types';

const NAME = /^[\x21-\x7e]{1,128}$/;

/**
 * Does a POST that carries an `Idempotency-Key` once; its repeats get the kept answer. Other methods are idempotent by
 * nature (RFC 9110, 9.2.2), and a stream is not kept.
 * @throws GatefoldError `idempotency-name`, and what `beginCall` throws
 */
export async function onlyOnce(request: Request, key: string, now: Date, work: () => Promise<Answer>): Promise<Answer> {
  const name = request.get('idempotency-key');
  if (request.method !== 'POST' || name === undefined) return work();
  if (!NAME.test(name)) {
    throw new GatefoldError('invalid', 'idempotency-name', 'An Idempotency-Key has 1 to 128 visible ASCII characters.');
  }
  const id = `${key} ${name}`;
  const kept = await beginCall(id, fingerprintOf(request), now);
  if (kept) return kept;
  try {
    const answer = await work();
    if (!answer.stream)
      await endCall(id, { body: answer.body, ...(answer.status !== undefined && { status: answer.status }) });
    return answer;
  } catch (error) {
    await forgetCall(id);
    throw error;
  }
}

function fingerprintOf({ method, originalUrl, body }: Request): string {
  const bytes = Buffer.isBuffer(body) ? body : JSON.stringify(body ?? null);
  return createHash('sha256').update(`${method} ${originalUrl}\n`).update(bytes).digest('hex');
}
