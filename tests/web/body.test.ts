import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { formBody, readUrlEncoded } from '../../src/web/body';
import { useStore } from '../support/store';
import { pages, testServices } from './app';

useStore();

const app = pages(testServices(), readUrlEncoded, (request_, response) => {
  response.json({ prototype: Object.getPrototypeOf(request_.body), body: { ...request_.body } });
});

const FORM = 'application/x-www-form-urlencoded';
const asItIs = (body: unknown): string => body as string;
const post = (body: string | Buffer, type = FORM): request.Test =>
  request(app).post('/').set('Content-Type', type).serialize(asItIs).send(body);
const read = (text: string): unknown => ({ ...formBody(Buffer.from(text)) });

test.each<[string, Record<string, string | string[]>]>([
  ['', {}],
  ['&&', {}],
  ['a=1&b=2', { a: '1', b: '2' }],
  ['a', { a: '' }],
  ['a=', { a: '' }],
  ['=a', { '': 'a' }],
  ['a=b=c', { a: 'b=c' }],
  ['a+b=c+d', { 'a b': 'c d' }],
  ['a=%2B%26%3D%25', { a: '+&=%' }],
  ['a=%C5%81%C3%B3d%C5%BA', { a: 'Łódź' }],
  ['a=Łódź', { a: 'Łódź' }],
  ['a=1&a=2&a=3', { a: ['1', '2', '3'] }],
  ['email[$ne]=x', { 'email[$ne]': 'x' }],
  ['email%5B%24ne%5D=x', { 'email[$ne]': 'x' }],
  ['a.b=1&a[0]=2', { 'a.b': '1', 'a[0]': '2' }],
  ['a=%00', { a: '\0' }],
])('%p is read as it stands, flat', (text, body) => {
  expect(read(text)).toEqual(body);
});

test('names of Object’s own are names like any other, and nobody’s prototype', async () => {
  const answer = await post('__proto__=a&constructor=b&hasOwnProperty=c&__proto__[x]=d');
  expect(JSON.parse(answer.text)).toEqual({
    prototype: null,
    body: JSON.parse('{"__proto__":"a","constructor":"b","hasOwnProperty":"c","__proto__[x]":"d"}'),
  });
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

test.each<[string, Buffer | string]>([
  ['bytes that are not UTF-8', Buffer.from([0x61, 0x3d, 0xff])],
  ['a cut-off letter', Buffer.from([0x61, 0x3d, 0xc5])],
  ['Latin-1', Buffer.from('a=café', 'latin1')],
  ['an overlong slash', 'a=%C0%AF'],
  ['half a surrogate pair', 'a=%ED%A0%80'],
  ['a broken percent sign', 'a=%zz'],
  ['a cut-off percent sign', 'a=%C3%'],
  ['too many fields', 'a=1&'.repeat(1001)],
])('%s is refused with a page', async (_name, body) => {
  const answer = await post(body);
  expect(answer.status).toBe(400);
  expect(answer.text).toContain('The form did not arrive in a form that we can read.');
});

test('64 KB are read, one byte more is not', async () => {
  const most = `a=${'x'.repeat(64 * 1024 - 2)}`;
  expect((await post(most)).status).toBe(200);
  const answer = await post(`${most}x`);
  expect(answer.status).toBe(413);
  expect(answer.text).toContain('Shorten what you typed');
});

test('a small parcel with a megabyte inside is refused', async () => {
  const bomb = gzipSync(Buffer.from(`a=${'x'.repeat(1_000_000)}`));
  expect(bomb.length).toBeLessThan(2000);
  const answer = await post(bomb).set('Content-Encoding', 'gzip');
  expect(answer.status).toBe(413);
});

test.each([
  ['application/json', '{"a":1}'],
  ['multipart/form-data; boundary=x', '--x--'],
  ['text/plain', 'a=1'],
  ['application/x-www-form-urlencoded; charset=iso-8859-1', 'a=1'],
  ['application/x-www-form-urlencodedx', 'a=1'],
])('%s is not read', async (type, body) => {
  const answer = await post(body, type);
  expect(answer.status).toBe(415);
  expect(answer.text).toContain('This address takes a filled-in form.');
});

test.each(['application/x-www-form-urlencoded; charset=UTF-8', 'APPLICATION/X-WWW-FORM-URLENCODED;charset="utf-8"'])(
  '%s is read',
  async (type) => {
    expect((await post('a=1', type)).status).toBe(200);
  },
);

test('a packing that nobody knows is refused', async () => {
  expect((await post('a=1').set('Content-Encoding', 'zstd')).status).toBe(415);
});
