import { Router } from 'express';
import request from 'supertest';
import { networkOf } from '../../src/network';
import { limitPosts } from '../../src/web/limits';
import { useStore } from '../support/store';
import { pages, testServices } from './app';

useStore();

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['', ''],
])('%p counts as %p', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

const behindOneProxy = testServices({ TRUST_PROXY: '1' });
const open = testServices();

test('sixty posts a minute from one network, by whatever form; the next is told when to come back', async () => {
  const forms = Router();
  forms.post('/one', limitPosts(behindOneProxy), (_request, response) => void response.send('taken'));
  forms.post('/other', limitPosts(behindOneProxy), (_request, response) => void response.send('taken'));
  const app = pages(behindOneProxy, forms);
  const post = (path: string, from: string) => request(app).post(path).set('X-Forwarded-For', from);
  for (let n = 0; n < 60; n += 1) {
    // Whatever the sender puts in front, the proxy's word is the last one.
    const from = `10.0.0.${n}, 2001:db8::${n}`;
    expect((await post(n % 2 ? '/one' : '/other', from)).status).toBe(200);
  }
  const refused = await post('/one', '2001:db8::ffff');
  expect(refused.status).toBe(429);
  const wait = Number(refused.headers['retry-after']);
  expect(wait).toBeGreaterThanOrEqual(1);
  expect(wait).toBeLessThanOrEqual(60);
  expect(refused.text).toContain('what you typed is still there');
  expect((await post('/one', '2001:db8:0:1::1')).status).toBe(200);
});

test('without a proxy nobody can say that they are somebody else', async () => {
  const forms = Router().post('/', limitPosts(open), (_request, response) => void response.send('taken'));
  const app = pages(open, forms);
  const statuses: number[] = [];
  for (let n = 0; n <= 60; n += 1) {
    statuses.push((await request(app).post('/').set('X-Forwarded-For', `10.0.0.${n}`)).status);
  }
  expect(statuses.filter((status) => status === 429)).toHaveLength(1);
});
