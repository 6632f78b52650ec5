import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { assetUrl } from '../../src/web/assets';
import { useStore } from '../support/store';
import { pages, testServices } from './app';

useStore();
const app = pages(testServices());
const CSS = assetUrl('css/gatefold.css');

test('the address of an asset has the hash of its content, and may be kept for good', async () => {
  expect(CSS).toMatch(/^\/assets\/css\/gatefold\.css\?v=[\w-]{12}$/);
  const answer = await request(app).get(CSS);
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'text/css; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
  });
});

test.each(['/assets/css/gatefold.css', '/assets/css/gatefold.css?v=old'])(
  '%s may be kept for minutes',
  async (path) => {
    expect((await request(app).get(path)).headers['cache-control']).toBe('public, max-age=300');
  },
);

test('a style sheet names its fonts by their content, too, and they are there', async () => {
  const { text } = await request(app).get(CSS);
  const named = [...text.matchAll(/url\("([^"]+)"\)/g)].map(([, url]) => url ?? '');
  expect(named.length).toBeGreaterThanOrEqual(4);
  for (const url of named) {
    expect(url).toMatch(/^\/assets\/fonts\/web\/[\w-]+\.woff2\?v=[\w-]{12}$/);
    const font = await request(app).get(url);
    expect([font.status, font.type]).toEqual([200, 'font/woff2']);
    expect(font.headers['cache-control']).toContain('immutable');
  }
});

test('what a browser has already is not sent again, in any of the ways to say so', async () => {
  const first = await request(app).get(CSS);
  const etag = String(first.headers['etag']);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await request(app).get(CSS).set('If-None-Match', known);
    expect([again.status, again.text]).toEqual([304, '']);
  }
  expect((await request(app).get(CSS).set('If-None-Match', '"other"')).status).toBe(200);
});

test('it is sent as small as the browser can read it, and each form has an ETag of its own', async () => {
  const plain = readFileSync(join(__dirname, '../../assets/js/pages.js'));
  const path = assetUrl('js/pages.js');
  const etags = new Set<unknown>();
  for (const encoding of ['identity', 'gzip', 'br']) {
    const answer = await request(app)
      .get(path)
      .set('Accept-Encoding', encoding)
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(Buffer.from(chunk, 'latin1')));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      });
    expect(answer.headers['content-encoding']).toBe(encoding === 'identity' ? undefined : encoding);
    // The client unpacks what it asked for.
    expect(answer.body).toEqual(plain);
    if (encoding !== 'identity') expect(Number(answer.headers['content-length'])).toBeLessThan(plain.length * 0.6);
    etags.add(answer.headers['etag']);
  }
  expect(etags.size).toBe(3);
});

test('HEAD tells the length and sends nothing', async () => {
  const answer = await request(app).head(CSS).set('Accept-Encoding', 'identity');
  expect(answer.status).toBe(200);
  expect(Number(answer.headers['content-length'])).toBeGreaterThan(5000);
});

test.each([
  '/assets/nothing.css',
  '/assets/../package.json',
  '/assets/%2e%2e/package.json',
  '/assets/fonts/stamping/index.json',
  '/assets/css',
  '/assets/',
])('%s is not served', async (path) => {
  expect((await request(app).get(path)).status).toBe(404);
});

test('nobody writes to it', async () => {
  expect((await request(app).post(CSS)).status).toBe(404);
});

test('a view that names an asset that is not there fails at once', () => {
  expect(() => assetUrl('css/gone.css')).toThrow('no asset css/gone.css');
});
