import type { Express } from 'express';
import request from 'supertest';
import { createApp } from '../../src/app';
import * as campaigns from '../../src/campaigns/campaigns';
import { capture } from '../../src/leads/leads';
import { useStore } from '../support/store';
import { importCampaign, SLUG, startAfresh, testServices } from './app';

useStore();
const services = testServices();
const get = (token: string) => request(app).get(`/d/${token}`).buffer(true).parse(binary);

function binary(answer: request.Response, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  const stream = answer as unknown as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => done(null, Buffer.concat(chunks)));
}

let app: Express;
let token: string;

async function readersToken(email: string): Promise<string> {
  const campaign = await campaigns.findCampaign(SLUG);
  if (!campaign) throw new Error('no campaign');
  const { master, fileName } = campaigns.publishedWhitepaper(campaign);
  const { ref } = await capture({
    campaign: SLUG,
    formVersion: 1,
    whitepaper: { master, fileName },
    answers: { email, firstName: 'Ada', q: {} },
    consents: [],
    attribution: {},
    addressClass: 'business',
    suspicions: [],
    client: { ip: '', userAgent: '' },
    at: services.now(),
  });
  return services.links.readerToken(ref, 'page', services.now());
}

beforeAll(async () => {
  app = createApp(services);
  await importCampaign(services.config.dataDir);
});
beforeEach(async () => {
  await startAfresh(services);
  token = await readersToken('ada@acme.example');
});

test('the whole copy, its description, and the same bytes again', async () => {
  const whole = await get(token).expect(200);
  expect(whole.headers).toMatchObject({
    'content-type': 'application/pdf',
    'content-disposition': `inline; filename="${SLUG}.pdf"`,
    'accept-ranges': 'bytes',
    'content-length': String(whole.body.length),
  });
  expect(whole.headers['set-cookie']).toBeUndefined();
  expect(whole.body.subarray(0, 5).toString()).toBe('%PDF-');
  expect((await get(token)).body.equals(whole.body)).toBe(true);
  const head = await request(app).head(`/d/${token}`).expect(200);
  expect([head.headers['etag'], head.headers['content-length']]).toEqual([
    whole.headers['etag'],
    whole.headers['content-length'],
  ]);
});

test('another reader’s copy is another file', async () => {
  const other = await get(await readersToken('bob@acme.example'));
  expect(other.headers['etag']).not.toBe((await get(token)).headers['etag']);
});

test('ranges: a part, the end, none, and a part of what is no longer there', async () => {
  const { body, headers } = await get(token);
  const part = await get(token).set('range', 'bytes=10-19').expect(206);
  expect(part.body.equals(body.subarray(10, 20))).toBe(true);
  expect(part.headers['content-range']).toBe(`bytes 10-19/${body.length}`);
  expect((await get(token).set('range', 'bytes=-7').expect(206)).body.equals(body.subarray(-7))).toBe(true);
  const beyond = await get(token).set('range', `bytes=${body.length}-`).expect(416);
  expect(beyond.headers['content-range']).toBe(`bytes */${body.length}`);
  await get(token)
    .set('range', 'bytes=10-19')
    .set('if-range', headers['etag'] ?? '')
    .expect(206);
  await get(token).set('range', 'bytes=10-19').set('if-range', '"other"').expect(200);
  await get(token)
    .set('if-none-match', headers['etag'] ?? '')
    .expect(304);
});

test('fifty full downloads; HEAD, continuations and unchanged copies are free', async () => {
  const { etag = '' } = (await get(token)).headers;
  for (let n = 2; n <= 50; n += 1) await get(token).expect(200);
  const used = await request(app).get(`/d/${token}`).expect(410).expect('content-type', /html/);
  expect(used.headers).not.toHaveProperty('content-disposition');
  await get(token).set('range', 'bytes=5-').expect(206);
  await get(token).set('if-none-match', etag).expect(304);
  await request(app).head(`/d/${token}`).expect(200);
});

test('a link ends after thirty days; what was never signed is not found', async () => {
  await request(app).get('/d/nonsense').expect(404);
  await request(app).get(`/d/${token}x`).expect(404);
  services.clock.now = new Date('2026-12-24T10:00:01Z');
  await request(app).get(`/d/${token}`).expect(410);
});
