import express, { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import type Joi from 'joi';
import { auditedFrom } from '../accounts/accounts';
import { GatefoldError } from '../errors';
import type { Answer, AnyOperation, Call, Operation } from './api.types';
import { keyOf, requireKey } from './api-key';
import { onlyOnce } from './idempotency';
import { openApi } from './openapi';
import { InvalidCall, type WrongValue } from './problem';
import type { Services } from './services';

export type { AnyOperation, Call } from './api.types';
export { InvalidCall } from './problem';

const BODY_MAX = '1mb';

/** Declares an operation, with its types. */
export function operation<Params, Query, Body>(declared: Operation<Params, Query, Body>): AnyOperation {
  return declared;
}

/** `/api/v1`: every operation behind a key, and the document that describes them. */
export function apiRoutes(services: Services, operations: AnyOperation[]): Router {
  const router = Router();
  const document = openApi(operations, services.links.origin);
  router.use('/api', (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.get('/api/v1/openapi.json', (_request, response) => void response.json(document));
  for (const one of operations) {
    router[one.method](
      `/api/v1${one.path}`,
      requireKey(services, one),
      readBody(one),
      check(one),
      answering(services, one),
    );
  }
  return router;
}

/** RFC 9110, 15.5.16: a body of another type is 415, and a call without a body takes none. */
function readBody({ body, upload }: AnyOperation): RequestHandler {
  if (upload) return Router().use(takes(upload.type), express.raw({ type: upload.type, limit: upload.maxBytes }));
  if (body) return Router().use(takes('application/json'), express.json({ limit: BODY_MAX, type: 'application/json' }));
  return (_request, _response, next) => next();
}

function takes(type: string): RequestHandler {
  return (request, _response, next) => {
    if (request.is(type)) return next();
    const log = `a body as ${request.get('content-type') ?? 'nothing'}`;
    next(new GatefoldError('invalid-type', 'body-type', { log, reader: `This operation takes ${type}.` }));
  };
}

/** Everything that is wrong is told at once, each with its place. */
function check({ params, query, body, judgedByHandler }: AnyOperation): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const wrong: WrongValue[] = [];
    const read = (schema: Joi.ObjectSchema | undefined, value: unknown, where: WrongValue['in']): unknown => {
      if (!schema) return where === 'body' ? value : {};
      const result = schema.validate(value, { abortEarly: false, errors: { label: false } });
      for (const { path, message } of result.error?.details ?? [])
        wrong.push({ in: where, at: path.join('.'), message });
      return result.value;
    };
    response.locals['call'] = {
      params: read(params, request.params, 'path'),
      query: read(query, { ...request.query }, 'query'),
      body: read(judgedByHandler ? undefined : body, request.body, 'body'),
    };
    next(wrong.length > 0 ? new InvalidCall(wrong) : undefined);
  };
}

function answering(services: Services, one: AnyOperation): RequestHandler {
  return async (request, response) => {
    const key = keyOf(response);
    const { params, query, body } = response.locals['call'] as Pick<Call, 'params' | 'query' | 'body'>;
    const call: Call = { key, actor: `api:${key.name}`, ip: request.ip ?? '', params, query, body, services };
    const answer = await auditedFrom(call.ip, () => onlyOnce(request, key.id, services.now(), () => one.handle(call)));
    await send(request, response, one, answer);
  };
}

async function send(request: Request, response: Response, one: AnyOperation, answer: Answer): Promise<void> {
  response.status(answer.status ?? one.answer.status);
  if (answer.next !== undefined) response.links({ next: nextPage(request, answer.next) });
  if (!answer.stream) {
    if (answer.body === undefined) response.end();
    else response.json(answer.once ? { ...(answer.body as object), ...answer.once } : answer.body);
    return;
  }
  const { from, type, fileName } = answer.stream;
  response.attachment(fileName).set('Content-Type', type);
  await new Promise<void>((resolve, reject) => {
    from.once('error', reject);
    response.once('close', () => {
      // Whoever hung up takes no more.
      from.destroy();
      resolve();
    });
    from.pipe(response);
  });
}

function nextPage(request: Request, cursor: string): string {
  const query = new URLSearchParams({ ...(request.query as Record<string, string>), cursor });
  return `${request.path}?${query}`;
}

/**
 * The campaign that a call names, if its key reaches it.
 * @throws GatefoldError `unknown-campaign`, the same as for one that never was
 */
export function reachable({ key }: Pick<Call, 'key'>, slug: string): string {
  if (key.campaigns && !key.campaigns.includes(slug)) {
    throw new GatefoldError('not-found', 'unknown-campaign', `There is no campaign “${slug}”.`);
  }
  return slug;
}
