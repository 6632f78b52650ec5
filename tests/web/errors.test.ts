import { Writable } from 'node:stream';
import { Router } from 'express';
import pino from 'pino';
import request from 'supertest';
import { type ErrorKind, GatefoldError } from '../../src/errors';
import { useStore } from '../support/store';
import { pages, testServices } from './app';

useStore();

const lines: string[] = [];
const log = pino(
  { level: 'info' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);
const services = testServices({}, log);

const routes = Router();
routes.get(['/fails/:kind', '/api/v1/fails/:kind'], ({ params }) => {
  throw new GatefoldError(params.kind as ErrorKind, 'a-code', {
    log: 'what happened inside',
    reader: 'What <b>happened</b> to you.',
    wayOut: 'What you can do.',
  });
});
routes.get(['/breaks', '/api/v1/breaks'], async () => {
  throw new Error('secret detail of the inside');
});
routes.get('/half', (_request, response, next) => {
  response.set({
    'Content-Disposition': 'attachment; filename="x.pdf"',
    ETag: '"copy"',
    'Content-Range': 'bytes 0-1/2',
  });
  next(new GatefoldError('gone', 'link-old', 'This link is too old.'));
});
routes.get('/begun', (_request, response, next) => {
  response.set('Content-Length', '100').write('half of it');
  next(new Error('too late for a page'));
});
routes.get('/w/:slug', (_request, response) => void response.send('a paper'));
const app = pages(services, routes);
beforeEach(() => lines.splice(0));

test.each<[ErrorKind, number]>([
  ['invalid', 400],
  ['forbidden', 403],
  ['not-found', 404],
  ['conflict', 409],
  ['gone', 410],
  ['too-large', 413],
  ['invalid-type', 415],
  ['too-many', 429],
  ['unavailable', 503],
  ['internal', 500],
])('%s is %i, in the reader’s words, with a way out', async (kind, status) => {
  const answer = await request(app).get(`/fails/${kind}`);
  expect(answer.status).toBe(status);
  expect(answer.type).toBe('text/html');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.text).toContain('What &lt;b&gt;happened&lt;/b&gt; to you.');
  expect(answer.text).toContain('What you can do.');
  expect(answer.text).toMatch(/<a [^>]*href="\/"/);
  expect(answer.text).not.toContain('what happened inside');
  expect(answer.text).toMatch(/<h1>[A-Z][^<]+<\/h1>/);
});

test('an accident is a page without its inside, and a line of the log with it', async () => {
  const answer = await request(app).get('/breaks');
  expect(answer.status).toBe(500);
  expect(answer.text).toContain('We could not finish this.');
  expect(answer.text).not.toMatch(/secret detail|at .*\.ts|node_modules/);
  expect(lines.join('')).toContain('secret detail of the inside');
});

test('the API gets JSON (RFC 9457)', async () => {
  const gone = await request(app).get('/api/v1/fails/gone');
  expect([gone.status, gone.body]).toEqual([
    410,
    {
      type: 'urn:gatefold:problem:a-code',
      title: 'This is no longer here',
      status: 410,
      detail: 'What <b>happened</b> to you.',
      code: 'a-code',
      wayOut: 'What you can do.',
    },
  ]);
  const broken = await request(app).get('/api/v1/breaks');
  expect([broken.status, broken.body.type]).toEqual([500, 'urn:gatefold:problem:unexpected']);
  expect(broken.text).not.toContain('secret');
  expect(gone.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect((await request(app).get('/api/v1/nothing')).body.type).toBe('urn:gatefold:problem:no-page');
});

test('what a route had said about its file does not describe the error page', async () => {
  const { status, headers, text } = await request(app).get('/half');
  expect(status).toBe(410);
  expect(headers['content-disposition']).toBeUndefined();
  expect(headers['content-range']).toBeUndefined();
  expect(headers['etag']).not.toBe('"copy"');
  expect(text).toContain('This link is too old.');
});

test('an answer that has begun is broken off, not finished with a page', async () => {
  await expect(request(app).get('/begun')).rejects.toThrow();
  expect((await request(app).get('/w/x')).status).toBe(200);
});

test.each([
  ['/nowhere', 404],
  ['/w/%E0%A4%A', 400],
  ['/%', 404],
  ['/w/a/b/c', 404],
])('GET %s is %i', async (path, status) => {
  const answer = await request(app).get(path);
  expect([answer.status, answer.type]).toEqual([status, 'text/html']);
});

test('what nobody takes with this method is not here', async () => {
  expect((await request(app).post('/w/x')).status).toBe(404);
});
