import express, { type Express } from 'express';
import request from 'supertest';
import { PageCache } from '../../src/web/page-cache';

const clock = { now: new Date('2026-11-25T10:00:00.000Z') };
const later = (ms: number) => {
  clock.now = new Date(clock.now.getTime() + ms);
};
const LONG = 'A page that is worth compressing. '.repeat(50);
const asked = { times: 0 };
let app: Express;

beforeEach(() => {
  asked.times = 0;
  const pages = new PageCache(() => clock.now);
  app = express();
  app.get(/.*/, pages.keep);
  app.get('/page', (_request, response) => {
    asked.times += 1;
    response.type('html').send(`<p>${asked.times} ${LONG}</p>`);
  });
  app.get('/form', (_request, response) => {
    asked.times += 1;
    response.type('html').send(`<input type="hidden" name="token" value="${asked.times}">${LONG}`);
  });
  app.get('/gone', (_request, response) => {
    asked.times += 1;
    response.status(410).send(`gone ${asked.times}`);
  });
  app.use('/staff', pages.forget, (_request, response) => {
    response.send('changed');
  });
});

/** The client takes the encoding off again. */
const inEncoding = (encoding: string) => request(app).get('/page').set('accept-encoding', encoding);

test('many at once are one rendering', async () => {
  const texts = await Promise.all(Array.from({ length: 20 }, async () => (await request(app).get('/page')).text));
  expect(new Set(texts).size).toBe(1);
  expect(asked.times).toBe(1);
});

test('each encoding holds the same page', async () => {
  const plain = (await inEncoding('identity')).text;
  const br = await inEncoding('br');
  const gzip = await inEncoding('gzip');
  expect([br.headers['content-encoding'], gzip.headers['content-encoding']]).toEqual(['br', 'gzip']);
  expect(br.text).toBe(plain);
  expect(gzip.text).toBe(plain);
  expect(br.headers['etag']).not.toBe(gzip.headers['etag']);
  expect(br.headers['vary']).toBe('Accept-Encoding');
  expect(asked.times).toBe(1);
});

test('a head is the same without the page', async () => {
  const page = await inEncoding('gzip');
  const head = await request(app).head('/page').set('accept-encoding', 'gzip').expect(200);
  expect(head.headers['etag']).toBe(page.headers['etag']);
  expect(head.headers['content-length']).toBe(page.headers['content-length']);
});

test('a fifth of a second later it is made anew; what did not change is not sent again', async () => {
  const { headers } = await request(app).get('/form');
  later(1000);
  await request(app).get('/form').set('if-none-match', String(headers['etag'])).expect(304);
  expect(asked.times).toBe(2);
  later(3_600_000);
  await request(app).get('/form').set('if-none-match', String(headers['etag'])).expect(200);
});

test('who changed something sees it at once', async () => {
  await request(app).get('/page');
  await request(app).get('/staff/x');
  await request(app).get('/page');
  expect(asked.times).toBe(1);
  await request(app).post('/staff/x');
  await request(app).get('/page');
  expect(asked.times).toBe(2);
});

test('only pages are kept, and not without end', async () => {
  await request(app).get('/gone').expect(410);
  const { text } = await request(app).get('/gone').expect(410);
  expect(text).toBe('gone 2');
  for (let n = 0; n < 210; n += 1) await request(app).get(`/page?${n}`).expect(200);
  const before = asked.times;
  await request(app).get('/page?5');
  await request(app).get('/page?209');
  expect(asked.times).toBe(before + 1);
});
