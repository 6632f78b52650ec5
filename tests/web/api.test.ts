import Joi from 'joi';
import mongoose from 'mongoose';
import request from 'supertest';
import { type ApiVerb, makeApiKey, type NewApiKey, revokeApiKey, rotateApiKey } from '../../src/accounts/accounts';
import { GatefoldError } from '../../src/errors';
import { apiRoutes, operation, reachable } from '../../src/web/api';
import { emptyStore, useStore } from '../support/store';
import { pages, testServices } from './app';

useStore();
const services = testServices({ TRUST_PROXY: '1' });
beforeEach(emptyStore);

const done: unknown[] = [];
let trouble: GatefoldError | undefined;

/** Operations of the test's own, so that what every operation has in common is seen by itself. */
const app = pages(
  services,
  apiRoutes(services, [
    operation<{ slug: string }, { limit: number }, never>({
      id: 'look',
      method: 'get',
      path: '/things/:slug',
      tag: 'Things',
      summary: 'Looks',
      verb: 'leads:read',
      sponsors: true,
      params: Joi.object({ slug: Joi.string().required() }),
      query: Joi.object({ limit: Joi.number().integer().min(1).max(9).default(5) }),
      answer: { status: 200, description: 'A thing', schema: Joi.object() },
      example: { params: { slug: 'a' } },
      handle: async (call) => ({
        body: { slug: reachable(call, call.params.slug), limit: call.query.limit },
        next: 'n 1',
      }),
    }),
    operation<never, never, { name: string; kind?: string }>({
      id: 'do',
      method: 'post',
      path: '/things',
      tag: 'Things',
      summary: 'Does',
      verb: 'leads:write',
      sponsors: false,
      body: Joi.object({ name: Joi.string().required(), kind: Joi.valid('a', 'b') }),
      answer: { status: 201, description: 'Done', schema: Joi.object() },
      example: { body: { name: 'x' } },
      async handle({ body, actor }) {
        if (trouble) throw trouble;
        done.push(body);
        return { body: { n: done.length, actor } };
      },
    }),
  ]),
);

let networks = 0;
beforeEach(() => {
  done.length = 0;
  trouble = undefined;
  networks += 1;
  services.clock.now = new Date('2026-11-24T10:00:00Z');
});

async function keyWith(wanted: Partial<NewApiKey> = {}): Promise<{ id: string; text: string }> {
  const verbs: ApiVerb[] = wanted.sponsor === undefined ? ['leads:read', 'leads:write'] : ['leads:read'];
  const made = { name: 'CRM', verbs, createdBy: 'ada@doors.example', ...wanted };
  const { key, text } = await makeApiKey(made, services.now());
  return { id: key.id, text };
}

const get = (path: string, key?: string) => {
  const call = request(app).get(`/api/v1${path}`).set('X-Forwarded-For', `198.51.100.${networks}`);
  return key === undefined ? call : call.set('Authorization', `Bearer ${key}`);
};
const post = (key: string, body: unknown, name?: string) => {
  const call = request(app).post('/api/v1/things').set('Authorization', `Bearer ${key}`).type('application/json');
  if (name !== undefined) call.set('Idempotency-Key', name);
  return call.send(JSON.stringify(body));
};

test('a key is a bearer token; without one, or with a wrong one, the answer is 401 and a problem', async () => {
  const { text } = await keyWith();
  await get('/things/a', text).expect(200, { slug: 'a', limit: 5 });
  const none = await get('/things/a').expect(401);
  expect(none.headers['www-authenticate']).toBe('Bearer realm="gatefold"');
  expect(none.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(none.body).toMatchObject({ type: 'urn:gatefold:problem:no-key', status: 401, code: 'no-key' });
  const wrong = await get('/things/a', `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`).expect(401);
  expect(wrong.headers['www-authenticate']).toContain('error="invalid_token"');
  // In an address it would end up in logs.
  await get(`/things/a?access_token=${text}`).expect(401);
});

test('the store keeps no key that could be used', async () => {
  const { text } = await keyWith();
  const rows = JSON.stringify(await mongoose.connection.collection('apikeys').find().toArray());
  expect(rows).not.toContain(text.split('_').at(-1));
});

test('a network that guesses keys is not looked up any more, and its good key is back after a minute', async () => {
  const { text } = await keyWith();
  for (let n = 0; n < 30; n += 1) await get('/things/a', `gatefold_${'x'.repeat(12)}_${'y'.repeat(43)}`).expect(401);
  await get('/things/a', text).expect(401);
  networks += 1;
  await get('/things/a', text).expect(200);
});

test('a revoked key, an expired one, and one narrowed to campaigns', async () => {
  const revoked = await keyWith();
  await revokeApiKey(revoked.id, null, services.now());
  await get('/things/a', revoked.text).expect(401);
  const expiring = await keyWith({ expiresAt: new Date('2026-11-25T00:00:00Z') });
  await get('/things/a', expiring.text).expect(200);
  services.clock.now = new Date('2026-11-25T00:00:00Z');
  await get('/things/a', expiring.text).expect(401);
  const narrow = await keyWith({ campaigns: ['a'] });
  await get('/things/a', narrow.text).expect(200);
  const answer = await get('/things/b', narrow.text).expect(404);
  expect(answer.body.code).toBe('unknown-campaign');
});

test('after a rotation both secrets work for 24 hours, then only the new one; revoking ends both', async () => {
  const old = await keyWith();
  const { text } = await rotateApiKey(old.id, null, services.now());
  await get('/things/a', old.text).expect(200);
  await get('/things/a', text).expect(200);
  services.clock.now = new Date(services.now().getTime() + 24 * 3_600_000);
  await get('/things/a', old.text).expect(401);
  await get('/things/a', text).expect(200);
  await revokeApiKey(old.id, null, services.now());
  await get('/things/a', text).expect(401);
});

test('another holder’s key can be neither rotated nor revoked', async () => {
  const theirs = await keyWith({ sponsor: 'acme-cloud' });
  for (const holder of [null, 'northgate']) {
    await expect(revokeApiKey(theirs.id, holder, services.now())).rejects.toThrow('There is no such key.');
    await expect(rotateApiKey(theirs.id, holder, services.now())).rejects.toThrow('There is no such key.');
  }
  await get('/things/a', theirs.text).expect(200);
});

test('the last use is kept, to the minute', async () => {
  const { id, text } = await keyWith();
  const lastUse = async () =>
    (await mongoose.connection.collection('apikeys').findOne({ _id: id as never }))?.['lastUsedAt'];
  await get('/things/a', text);
  const first = services.now();
  services.clock.now = new Date(first.getTime() + 30_000);
  await get('/things/a', text);
  expect(await lastUse()).toEqual(first);
  services.clock.now = new Date(first.getTime() + 61_000);
  await get('/things/a', text);
  expect(await lastUse()).toEqual(services.now());
});

test('everything that is wrong with a call is told at once, each with its place', async () => {
  const { text } = await keyWith();
  const answer = await post(text, { kind: 'c', other: 1 }).expect(422);
  expect(answer.body.errors.map(({ in: where, at }: { in: string; at: string }) => `${where} ${at}`).sort()).toEqual([
    'body kind',
    'body name',
    'body other',
  ]);
  const query = await get('/things/a?limit=99', text).expect(422);
  expect(query.body.errors).toEqual([{ in: 'query', at: 'limit', message: 'must be less than or equal to 9' }]);
  const form = await request(app)
    .post('/api/v1/things')
    .set('Authorization', `Bearer ${text}`)
    .type('form')
    .send('a=1');
  expect(form.status).toBe(415);
  const broken = request(app).post('/api/v1/things').set('Authorization', `Bearer ${text}`).type('application/json');
  expect((await broken.send('{"name":')).status).toBe(400);
  expect(done).toEqual([]);
});

test('a POST with an Idempotency-Key is done once, whatever is repeated; the name is the key’s own', async () => {
  const [one, two] = [await keyWith(), await keyWith()];
  const all = await Promise.all(Array.from({ length: 8 }, () => post(one.text, { name: 'x' }, 'k1')));
  expect(done).toHaveLength(1);
  for (const { status } of all) expect([201, 409]).toContain(status);
  const repeat = await post(one.text, { name: 'x' }, 'k1').expect(201);
  expect(repeat.body).toEqual({ n: 1, actor: 'api:CRM' });
  await post(two.text, { name: 'x' }, 'k1').expect(201);
  expect(done).toHaveLength(2);
  const mistake = await post(one.text, { name: 'y' }, 'k1').expect(422);
  expect(mistake.body.code).toBe('idempotency-mismatch');
  await post(one.text, { name: 'x' }, 'a b').expect(400);
});

test('a call that failed may be made again under its name, and so may one that died on the way', async () => {
  const { id, text } = await keyWith();
  trouble = new GatefoldError('conflict', 'no', 'Not now.');
  await post(text, { name: 'x' }, 'k').expect(409);
  trouble = undefined;
  await post(text, { name: 'x' }, 'k').expect(201);
  // What a killed process leaves behind: begun, without an answer.
  const calls = mongoose.connection.collection('apicalls');
  await calls.updateOne({ _id: `${id} k` as never }, { $unset: { answer: '' } });
  await post(text, { name: 'x' }, 'k').expect(409);
  services.clock.now = new Date(services.now().getTime() + 60_000);
  await post(text, { name: 'x' }, 'k').expect(201);
  expect(done).toHaveLength(2);
});

test('each answer says how many calls are left; the next is refused with when to come back; pages are linked', async () => {
  const { text } = await keyWith();
  const first = await get('/things/a?limit=3', text).expect(200);
  expect(first.headers['ratelimit-policy']).toBe('"minute";q=300;w=60');
  expect(first.headers['ratelimit']).toMatch(/^"minute";r=299;t=\d+$/);
  expect(first.headers['link']).toBe('</api/v1/things/a?limit=3&cursor=n+1>; rel="next"');
  for (let n = 1; n < 300; n += 1) await get('/things/a', text);
  const refused = await get('/things/a', text).expect(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(refused.body.code).toBe('too-many-calls');
});
