import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes, RateLimiterUnion } from 'rate-limiter-flexible';
import { GatefoldError } from '../errors';
import type { Limits } from '../limits';
import { networkOf } from '../network';
import type { Services } from './services';

const limiters = new WeakMap<Services, RateLimiterUnion>();

/** Too many posts of one network address in a short time are answered 429, with when to come back. */
export function limitPosts(services: Services): RequestHandler {
  const limiter = limiters.get(services) ?? newLimiter(services.config.limits);
  limiters.set(services, limiter);
  return async (request: Request, response: Response, next: NextFunction) => {
    try {
      await limiter.consume(networkOf(request.ip ?? ''));
      next();
    } catch (error) {
      next(tooMany(error, response));
    }
  };
}

/** Contract: 60 posts a minute and 600 an hour per address of the network, unless the settings say otherwise. */
function newLimiter({ postsPerMinute, postsPerHour }: Limits): RateLimiterUnion {
  return new RateLimiterUnion(
    new RateLimiterMemory({ keyPrefix: 'minute', points: postsPerMinute, duration: 60 }),
    new RateLimiterMemory({ keyPrefix: 'hour', points: postsPerHour, duration: 3600 }),
  );
}

function tooMany(error: unknown, response: Response): unknown {
  const results = Object.values(error as Record<string, unknown>).filter((one) => one instanceof RateLimiterRes);
  if (results.length === 0) return error;
  const seconds = Math.ceil(Math.max(...results.map(({ msBeforeNext }) => msBeforeNext)) / 1000);
  response.set('Retry-After', String(Math.max(1, seconds)));
  return new GatefoldError('too-many', 'too-many-posts', {
    log: 'too many posts from one network address',
    reader: 'Too many forms came from your network in a short time.',
    wayOut: 'Wait a minute, go back, and send the form again: what you typed is still there.',
  });
}
