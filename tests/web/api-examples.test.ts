import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { Express } from 'express';
import request from 'supertest';
import { API_VERBS, type ApiVerb, makeApiKey, SPONSOR_VERBS } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import { testServices } from '../landing/app';
import { useStore } from '../support/store';
import { campaignZip, seedBillable, seedDestination, seedExamples, seedLead, smallPdf } from './api-world';

/** Each example of the OpenAPI document is run as it stands there, and the answer is held to the document's schema. */

useStore();
const services = testServices();

type Schema = Record<string, unknown>;
interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  example?: string;
}
interface Described {
  operationId: string;
  'x-verb': ApiVerb;
  'x-sponsors': boolean;
  'x-sponsors-only': boolean;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema; example?: object }> };
  responses: Record<string, { content?: Record<string, { schema: Schema; example?: unknown }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Described>>;
  components: object;
}

let app: Express;
let document: Document;
const keys = { publisher: '', sponsor: '' };

beforeAll(async () => {
  app = createApp(services);
  document = (await request(app).get('/api/v1/openapi.json').expect(200)).body;
  await seedExamples(services.config.dataDir);
  const by = { createdBy: 'ada@doors.example' };
  const verbs = Object.keys(API_VERBS) as ApiVerb[];
  keys.publisher = (await makeApiKey({ name: 'all', verbs, ...by }, services.now())).text;
  const sponsors = { name: 'theirs', verbs: SPONSOR_VERBS, sponsor: 'acme-cloud', ...by };
  keys.sponsor = (await makeApiKey(sponsors, services.now())).text;
});

const secrets = services.config.secretKeys;

/** What has to be so before an example can go well. */
const BEFORE: Record<string, () => Promise<unknown>> = {
  acceptLead: () => seedLead({ status: 'quarantined' }),
  rejectLead: () => seedLead({ status: 'quarantined' }),
  getLead: () => seedLead({ status: 'active' }),
  returnLead: () => seedBillable(),
  acceptReturn: () => seedBillable({ returned: true }),
  rejectReturn: () => seedBillable({ returned: true }),
  disposeLead: () => seedBillable(),
  ...Object.fromEntries(
    ['get', 'remove', 'pause', 'resume'].map((verb) => [`${verb}Destination`, () => seedDestination(secrets)]),
  ),
  rotateDestinationSecret: () => seedDestination(secrets),
  listMessages: () => seedDestination(secrets),
  replayMessages: () => seedDestination(secrets),
};

const operations = (): { path: string; method: string; one: Described }[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ path, method, one })),
  );

test('the document is OpenAPI 3.1, by the schema of those who made it', () => {
  expect(document.openapi).toBe('3.1.0');
  const judge = join(__dirname, '../support/openapi-check.mjs');
  execFileSync(process.execPath, [judge], { input: JSON.stringify(document) });
});

test('each example goes through as it stands, and the answer is what the document says', async () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  const wrong: string[] = [];
  for (const { path, method, one } of operations()) {
    await BEFORE[one.operationId]?.();
    const [status = ''] = Object.keys(one.responses);
    const answer = await run(path, method, one);
    if (String(answer.status) !== status) {
      wrong.push(`${one.operationId}: ${answer.status} instead of ${status}: ${answer.text}`);
      continue;
    }
    const { schema, example } = one.responses[status]?.content?.['application/json'] ?? {};
    if (!schema) continue;
    const fits = ajv.compile({ ...schema, components: document.components });
    if (!fits(answer.body)) wrong.push(`${one.operationId}: ${JSON.stringify(fits.errors)}`);
    if (example !== undefined && !fits(example))
      wrong.push(`${one.operationId}, example: ${JSON.stringify(fits.errors)}`);
  }
  expect(wrong).toEqual([]);
});

test('each operation refuses a stranger, a key without its verb, and a sponsor where it is the publisher’s', async () => {
  const other = Object.keys(API_VERBS) as ApiVerb[];
  const wrong: string[] = [];
  for (const { path, method, one } of operations()) {
    const expectStatus = async (status: number, key: string | null, who: string) => {
      const answer = await run(path, method, one, key);
      if (answer.status !== status) wrong.push(`${one.operationId}: ${who} got ${answer.status}`);
    };
    await expectStatus(401, null, 'a stranger');
    const verbs = other.filter((verb) => verb !== one['x-verb']);
    const weak = await makeApiKey({ name: 'weak', verbs, createdBy: 'ada@doors.example' }, services.now());
    await expectStatus(403, weak.text, 'a key without the verb');
    if (!one['x-sponsors']) await expectStatus(403, keys.sponsor, 'a sponsor');
  }
  expect(wrong).toEqual([]);
});

async function run(path: string, method: string, one: Described, key: string | null = keyFor(one)) {
  const value = (name: string) => encodeURIComponent(one.parameters?.find((p) => p.name === name)?.example ?? '');
  const query = Object.fromEntries(
    (one.parameters ?? []).flatMap((p) => (p.in === 'query' && p.example !== undefined ? [[p.name, p.example]] : [])),
  );
  const url = `/api/v1${path.replace(/\{(\w+)\}/g, (_, name: string) => value(name))}`;
  const call = request(app)[method as 'get'](url).query(query);
  if (key !== null) call.set('Authorization', `Bearer ${key}`);
  const [[type, content] = []] = Object.entries(one.requestBody?.content ?? {});
  if (type === 'application/pdf') return call.type(type).send(await smallPdf());
  if (type === 'application/zip') return call.type(type).send(await campaignZip());
  return content ? call.type('application/json').send(JSON.stringify(content.example ?? {})) : call;
}

/** Sponsors’ operations are run with a sponsor’s key: it may do less, so what works with it works. */
const keyFor = (one: Described): string => (one['x-sponsors-only'] ? keys.sponsor : keys.publisher);
