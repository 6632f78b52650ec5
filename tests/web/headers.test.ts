import { Router } from 'express';
import request from 'supertest';
import { useStore } from '../support/store';
import { pages, testServices } from './app';

useStore();
const plain = testServices();
const behindHttps = testServices({ PUBLIC_URL: 'https://papers.doors.example' });
const hello = Router().get('/', (_request, response) => void response.send('hello'));

test('every answer forbids what is inline, from elsewhere, framed or guessed', async () => {
  const { headers } = await request(pages(plain, hello)).get('/');
  const policy = new Map(
    String(headers['content-security-policy'])
      .split(';')
      .map((directive) => directive.trim().split(' '))
      .map(([name = '', ...values]) => [name, values.join(' ')]),
  );
  expect(Object.fromEntries(policy)).toMatchObject({
    'default-src': "'self'",
    'frame-ancestors': "'none'",
    'form-action': "'self'",
    'object-src': "'none'",
    'base-uri': "'none'",
  });
  expect(headers['content-security-policy']).not.toMatch(/unsafe|http:|\*/);
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBe('strict-origin-when-cross-origin');
  expect(headers['x-powered-by']).toBeUndefined();
});

test.each([
  ['http', plain, false],
  ['https', behindHttps, true],
])('%s: HSTS and upgraded requests only behind https', async (_name, services, https) => {
  const { headers } = await request(pages(services, hello)).get('/');
  expect('strict-transport-security' in headers).toBe(https);
  expect(/upgrade-insecure-requests/.test(headers['content-security-policy'] ?? '')).toBe(https);
});

test('an error page carries them too', async () => {
  const { headers } = await request(pages(plain, hello)).get('/nowhere');
  expect(headers['content-security-policy']).toContain("default-src 'self'");
});
