import type { Request, RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type ApiKey, findApiKey } from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { networkOf } from '../network';
import { asHouse, asSponsor } from '../store/scope';
import type { AnyOperation } from './api.types';
import type { Services } from './services';

/** Calls a minute of one key; per process, as the other limits. */
export const CALLS_A_MINUTE = 300;
const WRONG_KEYS_A_MINUTE = 30;

interface Limiters {
  calls: RateLimiterMemory;
  strangers: RateLimiterMemory;
}
const limiters = new WeakMap<Services, Limiters>();

/** Lets in a key that may call the operation, as often as it may; keeps it for `keyOf`. */
export function requireKey(services: Services, operation: AnyOperation): RequestHandler {
  const { calls, strangers } = limitersOf(services);
  return async (request, response, next) => {
    const key = await asHouse(() => present(request, response, strangers, services.now()));
    await count(calls, key, response);
    mustBeAllowed(key, operation);
    response.locals['key'] = key;
    if (key.sponsor === undefined) asHouse(next);
    else asSponsor(key.sponsor, next);
  };
}

/** The key behind the guard. */
export function keyOf(response: Response): ApiKey {
  return response.locals['key'] as ApiKey;
}

function limitersOf(services: Services): Limiters {
  const known = limiters.get(services);
  if (known) return known;
  const made = {
    calls: new RateLimiterMemory({ keyPrefix: 'key', points: CALLS_A_MINUTE, duration: 60 }),
    strangers: new RateLimiterMemory({ keyPrefix: 'stranger', points: WRONG_KEYS_A_MINUTE, duration: 60 }),
  };
  limiters.set(services, made);
  return made;
}

/** RFC 6750, 2.1 and 3: the key as a bearer token, nowhere else: addresses end up in logs. */
async function present(request: Request, response: Response, strangers: RateLimiterMemory, now: Date): Promise<ApiKey> {
  const [, text] = /^Bearer +([\w.~+/-]+=*)$/i.exec(request.get('authorization') ?? '') ?? [];
  const network = networkOf(request.ip ?? '');
  if (text) {
    // Guessing costs the store a look-up each time, so a network may guess only so often.
    const tried = await strangers.get(network);
    const key = tried && tried.remainingPoints <= 0 ? null : await findApiKey(text, now);
    if (key) return key;
    await strangers.consume(network).catch(() => undefined);
  }
  response.set('WWW-Authenticate', text ? 'Bearer realm="gatefold", error="invalid_token"' : 'Bearer realm="gatefold"');
  throw new GatefoldError('unauthenticated', 'no-key', {
    log: text ? 'an unknown API key' : 'no API key',
    reader: text ? 'This API key is unknown, revoked or expired.' : 'This address takes an API key as bearer token.',
    wayOut: 'Make one under “API keys”, and send it as: Authorization: Bearer <key>.',
  });
}

/** Tells with each answer how many calls are left (draft-ietf-httpapi-ratelimit-headers). */
async function count(calls: RateLimiterMemory, key: ApiKey, response: Response): Promise<void> {
  response.set('RateLimit-Policy', `"minute";q=${CALLS_A_MINUTE};w=60`);
  try {
    tell(response, await calls.consume(key.id));
  } catch (spent) {
    if (!(spent instanceof RateLimiterRes)) throw spent;
    tell(response, spent);
    response.set('Retry-After', String(secondsOf(spent)));
    throw new GatefoldError('too-many', 'too-many-calls', {
      log: `the key ${key.id} made too many calls`,
      reader: `This key may make ${CALLS_A_MINUTE} calls a minute.`,
      wayOut: `Go on in ${secondsOf(spent)} seconds.`,
    });
  }
}

function tell(response: Response, left: RateLimiterRes): void {
  response.set('RateLimit', `"minute";r=${Math.max(0, left.remainingPoints)};t=${secondsOf(left)}`);
}

const secondsOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, Math.ceil(msBeforeNext / 1000));

function mustBeAllowed(key: ApiKey, { verb, sponsors, sponsorsOnly }: AnyOperation): void {
  const holder = key.sponsor === undefined ? !sponsorsOnly : sponsors;
  if (holder && key.verbs.includes(verb)) return;
  throw new GatefoldError('forbidden', 'not-for-this-key', {
    log: `the key ${key.id} may not ${verb}`,
    reader: holder ? `This key was not made for ${verb}.` : 'This operation is not for the holder of this key.',
    wayOut: 'Make a key that may.',
  });
}
