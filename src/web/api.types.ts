import type { Readable } from 'node:stream';
import type Joi from 'joi';
import type { ApiKey, ApiVerb } from '../accounts/accounts';
import type { Services } from './services';

/** One call of the API, checked: the key may make it, and everything that came fits the operation's schemas. */
export interface Call<Params = Record<string, string>, Query = object, Body = unknown> {
  key: ApiKey;
  /** `api:<name of the key>`, for the audit log and the log of disclosures. */
  actor: string;
  ip: string;
  params: Params;
  query: Query;
  body: Body;
  services: Services;
}

/** What a handler answers: a JSON body, or a stream of `type`. */
export interface Answer {
  /** Default: the status of the operation's answer. */
  status?: number;
  body?: unknown;
  /** More of the body, for this answer alone: secrets, which are not kept for repeats. */
  once?: object;
  stream?: { from: Readable; type: string; fileName: string };
  /** Where the next page is: goes into the body's `next` by the handler, and into a `Link` header by us (RFC 8288). */
  next?: string | undefined;
}

/**
 * One operation of the API, declared whole: the router checks by it, and the OpenAPI document is made of it. The
 * example is run by a test, so it can't go out of date.
 */
export interface Operation<Params = never, Query = never, Body = never> {
  /** `listLeads`; unique. */
  id: string;
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below `/api/v1`, as Express has it: `/campaigns/:slug`. */
  path: string;
  /** Heading in the document: `Campaigns`. */
  tag: string;
  summary: string;
  description?: string;
  verb: ApiVerb;
  /** Whether a sponsor's key may call it; a publisher's may call all. */
  sponsors: boolean;
  /** Only a sponsor's key has use for it. */
  sponsorsOnly?: boolean;
  params?: Joi.ObjectSchema<Params>;
  query?: Joi.ObjectSchema<Query>;
  body?: Joi.ObjectSchema<Body>;
  /** The schema of the body is for the document: the handler needs what only it knows to judge by. */
  judgedByHandler?: true;
  /** The body is a file of this media type, handed to `handle` as a Buffer. */
  upload?: { type: string; maxBytes: number };
  answer: { status: number; description: string; schema?: Joi.Schema; types?: string[] };
  example: { params?: Record<string, string>; query?: Record<string, string>; body?: unknown; answer?: unknown };
  handle(call: Call<Params, Query, Body>): Promise<Answer>;
}

/** Operations with their types forgotten, as lists of them are. */
// biome-ignore lint/suspicious/noExplicitAny: each operation checks its own values before its own handler sees them
export type AnyOperation = Operation<any, any, any>;
