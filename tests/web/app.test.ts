import type { Express } from 'express';
import mongoose from 'mongoose';
import request from 'supertest';
import { createApp } from '../../src/app';
import { person, signIn } from '../accounts/browser';
import { emptyStore, useStore } from '../support/store';
import { testServices } from './app';

useStore();
const services = testServices();
let app: Express;
beforeAll(() => {
  app = createApp(services);
});
beforeEach(emptyStore);

test.each(['/', '/privacy', '/healthz', '/readyz', '/nowhere'])('%s sets no cookie', async (path) => {
  const answer = await request(app).get(path);
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test('a page is compressed, and not sent again to who has it', async () => {
  const page = await request(app).get('/privacy').set('Accept-Encoding', 'gzip');
  expect(page.headers['content-encoding']).toBe('gzip');
  const again = await request(app).get('/privacy').set('If-None-Match', String(page.headers['etag']));
  expect([again.status, again.text]).toEqual([304, '']);
});

test.each([
  '/staff',
  '/staff/design',
  '/staff/people',
  '/staff/sponsors',
  '/staff/campaigns',
  '/staff/leads',
  '/staff/quarantine',
  '/staff/deliveries',
  '/staff/outbox',
  '/portal',
])('%s asks a stranger to sign in, and is kept by no cache', async (path) => {
  const answer = await request(app).get(path);
  expect([answer.status, answer.headers['location']]).toEqual([303, `/sign-in?next=${encodeURIComponent(path)}`]);
  expect(answer.headers['cache-control']).toBe('no-store');
});

test('staff see the design language with every component, in the frame of the staff site', async () => {
  const agent = request.agent(app);
  await signIn(agent, await person('analyst'));
  const { status, text } = await agent.get('/staff/design');
  expect(status).toBe(200);
  for (const name of [
    'button--danger',
    'field--invalid',
    'error-summary',
    'notice--warning',
    'tag--open',
    'table',
    'definition-list',
    'card-grid',
    'promo',
    'steps',
    'pagination',
    'breadcrumbs',
  ]) {
    expect(text).toMatch(new RegExp(`class="[^"]*\\b${name}\\b`));
  }
  expect(text).toContain('aria-label="Staff"');
  expect(text).not.toMatch(/\sstyle=|<style/);
  expect(text).toContain('<meta name="robots" content="noindex">');
});

test('an analyst’s menu has no people, an administrator’s has', async () => {
  for (const [role, shown] of [
    ['analyst', false],
    ['admin', true],
  ] as const) {
    const agent = request.agent(app);
    await signIn(agent, await person(role));
    expect((await agent.get('/staff')).text.includes('href="/staff/people"')).toBe(shown);
  }
});

test('alive and ready; without a store alive, and not ready', async () => {
  const ask = async () => [(await request(app).get('/healthz')).status, (await request(app).get('/readyz')).status];
  expect(await ask()).toEqual([200, 200]);
  const { name } = mongoose.connection;
  await mongoose.disconnect();
  expect(await ask()).toEqual([200, 503]);
  await mongoose.connect(String(process.env['GATEFOLD_TEST_URI']), { dbName: name });
  expect(await ask()).toEqual([200, 200]);
});
