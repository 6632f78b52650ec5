import express, { type Request, type Response, Router } from 'express';
import Joi from 'joi';
import { Webhook } from 'standardwebhooks';
import { GatefoldError } from '../errors';
import { bounceKind, type Report } from '../mail/mail';
import type { Services } from '../web/services';
import { recordReport } from './deliveries';

/** What a mail provider's adapter tells us; docs/reference/settings.md has the shape. */
interface Told {
  type: 'bounced' | 'delayed' | 'complained';
  data: { messageId?: string; returnPath?: string; status?: string; code?: number; words: string };
}

const text = Joi.string().max(1000);
const told = Joi.object<Told>({
  type: Joi.valid('bounced', 'delayed', 'complained').required(),
  data: Joi.object({
    messageId: text,
    returnPath: text,
    status: Joi.string().pattern(/^[245]\.\d{1,3}\.\d{1,3}$/),
    code: Joi.number().integer().min(200).max(599),
    words: text.allow('').default(''),
  })
    .or('messageId', 'returnPath')
    .unknown(true)
    .required(),
}).unknown(true);

/** Reports of a mail provider: one generic shape, signed as Standard Webhooks say (id, timestamp, signature). */
export function deliveryRoutes(services: Services): Router {
  const router = Router();
  router.post(
    '/webhooks/mail',
    express.raw({ type: () => true, limit: '64kb' }),
    async (request: Request, response: Response) => {
      const { value, error } = told.validate(signedBody(services, request));
      if (error) throw new GatefoldError('unprocessable', 'webhook-shape', error.message);
      await recordReport(reportOf(value), { links: services.links, at: services.now() });
      services.nudge();
      // A message of somebody else's is nothing to try again.
      response.status(204).end();
    },
  );
  return router;
}

/**
 * The body, once its signature holds. The timestamp must be of the last five minutes; within those the same report again
 * changes nothing.
 */
function signedBody({ config }: Services, request: Request): unknown {
  const { secret } = config.bounces;
  if (secret === undefined) throw new GatefoldError('not-found', 'no-webhook', 'no BOUNCE_WEBHOOK_SECRET is set');
  const headers = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, request.get(name) ?? '']),
  );
  try {
    return new Webhook(secret).verify(Buffer.isBuffer(request.body) ? request.body : '', headers);
  } catch {
    throw new GatefoldError('unauthenticated', 'webhook-signature', 'a webhook whose signature or time does not hold');
  }
}

function reportOf({ type, data }: Told): Report {
  const { messageId, returnPath, status, code } = data;
  const words = data.words || status || String(code ?? type);
  const which = {
    words,
    ...(messageId !== undefined && { messageId }),
    ...(returnPath !== undefined && { returnPath }),
  };
  if (type !== 'bounced') return { what: type, ...which };
  const kind = bounceKind(words, { ...(status !== undefined && { status }), ...(code !== undefined && { code }) });
  return { what: 'bounced', kind, ...which };
}
