import { Writable } from 'node:stream';
import { Router } from 'express';
import pino from 'pino';
import request from 'supertest';
import { pages, testServices } from './app';

const lines: Record<string, unknown>[] = [];
const log = pino(
  { level: 'info' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  }),
);
const any = Router().use((_request, response) => void response.send('ok'));
const app = pages(testServices({}, log), any);
beforeEach(() => lines.splice(0));

test.each([
  ['/w/paper', '/w/paper'],
  ['/d/SECRET', '/d/…'],
  ['/v/SECRET', '/v/…'],
  ['/me/SECRET/more', '/me/…'],
  ['/u/SECRET', '/u/…'],
  ['/setup/SECRET', '/setup/…'],
  ['/w/paper/thanks?t=SECRET', '/w/paper/thanks'],
  ['/w/paper?email=SECRET%40doors.example', '/w/paper'],
])('GET %s is logged as %s, and nothing of the token or query is', async (path, logged) => {
  await request(app).get(path).set('Cookie', 'gatefold=SECRET').set('Referer', 'https://x.example/?SECRET');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    req: { method: 'GET', path: logged, id: expect.any(String) },
    res: { status: 200 },
  });
  expect(JSON.stringify(lines)).not.toContain('SECRET');
});

test('each request has an id of its own', async () => {
  for (const path of ['/a', '/b']) await request(app).get(path);
  const ids = lines.map((line) => (line['req'] as { id: string }).id);
  expect(new Set(ids).size).toBe(2);
});
