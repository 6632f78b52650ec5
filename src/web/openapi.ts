import type Joi from 'joi';
import type { AnyOperation } from './api.types';

type Schema = Record<string, unknown>;

const PROBLEM = { $ref: '#/components/responses/Problem' };

/** The OpenAPI 3.1 document of these operations; its schemas are made from the Joi schemas that calls are checked by. */
export function openApi(operations: AnyOperation[], origin: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of operations) {
    const path = one.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.method]: operationOf(one) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatefold',
      version: '1',
      description:
        'Campaigns, leads, the ledger and exports. A key acts for the publisher or for one sponsor, reaches the campaigns it was made for, and does what its verbs allow. Lists come in pages: pass `next` as `cursor`, or follow the `Link` header. POST may carry an `Idempotency-Key`; its repeats within 24 hours get the first answer.',
    },
    servers: [{ url: `${origin}/api/v1` }],
    security: [{ key: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: COMPONENTS,
  };
}

function operationOf(one: AnyOperation): object {
  const { id, tag, summary, description, verb, sponsors, sponsorsOnly = false } = one;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    'x-verb': verb,
    'x-sponsors': sponsors,
    'x-sponsors-only': sponsorsOnly,
    ...parametersOf(one),
    ...requestBodyOf(one),
    responses: { [one.answer.status]: answerOf(one), '4XX': PROBLEM, '5XX': PROBLEM },
  };
}

function parametersOf({ params, query, method, example }: AnyOperation): { parameters?: object[] } {
  const parameters: object[] = [
    ...eachOf(params).map(([name, schema]) => ({
      name,
      in: 'path',
      required: true,
      schema,
      ...shown(example.params?.[name]),
    })),
    ...eachOf(query).map(([name, schema, required]) => ({
      name,
      in: 'query',
      required,
      schema,
      ...shown(example.query?.[name]),
    })),
  ];
  if (method === 'post') parameters.push({ $ref: '#/components/parameters/IdempotencyKey' });
  return parameters.length > 0 ? { parameters } : {};
}

const shown = (value: unknown) => (value === undefined ? {} : { example: value });

function eachOf(schema: Joi.ObjectSchema | undefined): [string, Schema, boolean][] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema) as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, one]) => [name, one, required.includes(name)]);
}

function requestBodyOf({ body, upload, example }: AnyOperation): object {
  if (upload) {
    return {
      requestBody: { required: true, content: { [upload.type]: { schema: { type: 'string', format: 'binary' } } } },
    };
  }
  if (!body) return {};
  const content = { 'application/json': { schema: jsonSchema(body), example: example.body ?? {} } };
  return { requestBody: { required: true, content } };
}

function answerOf({ answer, example }: AnyOperation): object {
  const { description, schema, types } = answer;
  const headers = { 'RateLimit-Policy': HEADER, RateLimit: HEADER };
  if (schema) {
    const json = { schema: jsonSchema(schema), ...shown(example.answer) };
    return { description, headers, content: { 'application/json': json } };
  }
  if (!types) return { description, headers };
  const content = Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]));
  return { description, headers, content };
}

const HEADER = { $ref: '#/components/headers/RateLimit' };

/** Joi's own rendering (Standard JSON Schema), 2020-12 as OpenAPI 3.1 has it. */
function jsonSchema(schema: Joi.Schema): Schema {
  const standard = (schema as unknown as { '~standard': { jsonSchema: { input(options: object): Schema } } })[
    '~standard'
  ];
  return standard.jsonSchema.input({ target: 'draft-2020-12' });
}

const text = { type: 'string' };

const COMPONENTS = {
  securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key from “API keys”, shown once.' } },
  headers: {
    RateLimit: { description: 'Calls a minute of this key, and what is left of them.', schema: text },
  },
  parameters: {
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'The same for each repeat of one call: it is done once.',
      schema: { type: 'string', minLength: 1, maxLength: 128 },
    },
  },
  responses: {
    Problem: {
      description: 'What went wrong (RFC 9457).',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
  schemas: {
    Problem: {
      type: 'object',
      required: ['type', 'title', 'status', 'detail', 'code'],
      properties: {
        type: { type: 'string', format: 'uri' },
        title: text,
        status: { type: 'integer' },
        detail: text,
        code: { type: 'string', description: 'Stable: programs may act on it.' },
        wayOut: text,
        errors: {
          type: 'array',
          items: {
            type: 'object',
            required: ['in', 'at', 'message'],
            properties: { in: { enum: ['path', 'query', 'body'] }, at: text, message: text },
          },
        },
      },
    },
  },
};
