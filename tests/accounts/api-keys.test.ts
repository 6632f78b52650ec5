import { type Express, Router } from 'express';
import mongoose from 'mongoose';
import request, { type Agent } from 'supertest';
import { addUser, findApiKey, listApiKeys, makeApiKey, type Role } from '../../src/accounts/accounts';
import { apiKeyRoutes } from '../../src/accounts/api-keys.routes';
import { sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { pagesWithPeople, testServices } from '../web/app';
import { PASSWORD, send, signIn } from './browser';

useStore();
const services = testServices({ TRUST_PROXY: '1' });
const held: { app?: Express } = {};
beforeAll(() => {
  const places = Router().get(['/staff', '/portal'], (_request, response) => void response.send('in'));
  held.app = pagesWithPeople(services, places, apiKeyRoutes(services));
});
beforeEach(async () => {
  await emptyStore();
  await mongoose.connection.collection('sessions').deleteMany({});
});

let networks = 0;
async function browserOf(role: Role, of?: string): Promise<Agent> {
  networks += 1;
  const email = `${role}.${of ?? 'us'}@doors.example`;
  await addUser({ email, role, password: PASSWORD, ...(of !== undefined && { sponsor: of }) });
  if (!held.app) throw new Error('the app is there from beforeAll on');
  const agent = request.agent(held.app).set('X-Forwarded-For', `198.51.100.${networks}`);
  await signIn(agent, email);
  return agent;
}

const shownKey = (html: string): string => /<code>(gatefold_[\w-]+)<\/code>/.exec(html)?.[1] ?? '';

test('an administrator makes a key, sees it once, gives it a new secret, and revokes it', async () => {
  const admin = await browserOf('admin');
  const made = await send(admin, '/staff/api-keys', {
    name: 'CRM',
    verb: ['leads:read', 'campaigns:read'],
    expires: '2027-01-01',
  });
  const text = shownKey(made.text);
  expect(await findApiKey(text, services.now())).toMatchObject({
    name: 'CRM',
    verbs: ['leads:read', 'campaigns:read'],
    createdBy: 'admin.us@doors.example',
    expiresAt: new Date('2027-01-01T00:00:00Z'),
  });
  expect((await admin.get('/staff/api-keys')).text).not.toContain(text);
  const [key] = await listApiKeys(null);
  const rotated = await send(admin, '/staff/api-keys', {}, `/staff/api-keys/${key?.id}/rotate`);
  const second = shownKey(rotated.text);
  expect(second).not.toBe(text);
  expect((await findApiKey(second, services.now()))?.id).toBe(key?.id);
  await send(admin, '/staff/api-keys', {}, `/staff/api-keys/${key?.id}/revoke`);
  expect(await findApiKey(second, services.now())).toBeNull();
  expect((await admin.get('/staff/api-keys')).text).toContain('revoked');
});

test('a mistake keeps what was typed and says what is wrong', async () => {
  const admin = await browserOf('admin');
  const answer = await send(admin, '/staff/api-keys', { name: 'A <b> name' });
  expect(answer.status).toBe(422);
  expect(answer.text).toContain('value="A &lt;b&gt; name"');
  expect(answer.text).toContain('Choose what the key may do from the list.');
  expect(await listApiKeys(null)).toEqual([]);
});

test('a sponsor’s administrator makes keys for the own sponsor only, and never with the publisher’s verbs', async () => {
  await sponsor('acme');
  const cara = await browserOf('sponsor-admin', 'acme');
  const page = await cara.get('/portal/api-keys');
  expect(page.text).not.toContain('campaigns:write');
  const refused = await send(cara, '/portal/api-keys', { name: 'Mine', verb: 'campaigns:write' });
  expect(refused.status).toBe(422);
  const made = await send(cara, '/portal/api-keys', { name: 'Mine', verb: 'leads:read', sponsor: 'northgate' });
  expect(await findApiKey(shownKey(made.text), services.now())).toMatchObject({
    sponsor: 'acme',
    verbs: ['leads:read'],
  });
  const stranger = await send(cara, '/portal/api-keys', { name: 'X', verb: 'leads:read', campaign: 'not-theirs' });
  expect(stranger.status).toBe(422);
});

test('keys of others are neither shown nor changed', async () => {
  const [ours, theirs] = await Promise.all([
    makeApiKey({ name: 'of the publisher', verbs: ['leads:read'], createdBy: 'x' }, services.now()),
    makeApiKey({ name: 'of northgate', verbs: ['leads:read'], createdBy: 'x', sponsor: 'northgate' }, services.now()),
  ]);
  const cara = await browserOf('sponsor-admin', 'acme');
  const page = await cara.get('/portal/api-keys');
  for (const name of ['of the publisher', 'of northgate']) expect(page.text).not.toContain(name);
  for (const { key } of [ours, theirs]) {
    for (const verb of ['rotate', 'revoke']) {
      expect((await send(cara, '/portal/api-keys', {}, `/portal/api-keys/${key.id}/${verb}`)).status).toBe(404);
    }
  }
  for (const { text } of [ours, theirs]) expect(await findApiKey(text, services.now())).not.toBeNull();
});

test.each([
  ['marketer', undefined, '/staff/api-keys'],
  ['analyst', undefined, '/staff/api-keys'],
  ['sponsor-admin', 'acme', '/staff/api-keys'],
  ['sponsor-member', 'acme', '/portal/api-keys'],
  ['admin', undefined, '/portal/api-keys'],
] as const)('a %s is refused at %s%s', async (role, of, path) => {
  const agent = await browserOf(role, of);
  expect((await agent.get(path)).status).toBe(403);
  expect((await agent.post(path).type('form').send({ name: 'x', verb: 'leads:read' })).status).toBe(403);
  if (!held.app) throw new Error('the app is there from beforeAll on');
  expect((await request(held.app).get(path)).status).toBe(303);
});
