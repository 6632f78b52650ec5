import { connect } from 'node:net';
import fc from 'fast-check';
import type { Reader } from '../support/cast';
import { CLOUD, cloudForm, post, ripeToken } from '../support/form';
import { eventually, startServer, type TestServer } from '../support/server';
import { type SmtpSink, startSmtp } from '../support/smtp';

jest.setTimeout(180_000);

const JANE: Reader = {
  firstName: 'Jane',
  lastName: 'Doe',
  email: 'jane@naughty.example',
  company: 'Acme',
  country: 'GB',
};

let smtp: SmtpSink;
let server: TestServer;
let token: string;
let address = 0;

beforeAll(async () => {
  smtp = await startSmtp();
  // Each request comes from an address of its own, so that the limit per address is out of the way.
  server = await startServer({ SMTP_URL: smtp.url, TRUST_PROXY: '1' });
  token = await ripeToken(server.url, CLOUD);
});

afterAll(async () => {
  await server?.cleanUp();
  await smtp?.close();
});

function from(): Record<string, string> {
  address += 1;
  return { 'x-forwarded-for': `10.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}` };
}

function raw(body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  const type = { 'content-type': 'application/x-www-form-urlencoded', ...from(), ...headers };
  return fetch(`${server.url}/w/${CLOUD}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: type,
    redirect: 'manual',
  });
}

const form = (more: Record<string, string> = {}): string => cloudForm(JANE, token, more).toString();

test.each([
  ['operators in names', () => `email[$ne]=&${form().replace('email=', 'other=')}`, 422],
  ['a repeated address', () => `${form()}&email=eve%40evil.example`, 422],
  ['a NUL', () => form({ firstName: 'Ja\0ne' }), 422],
  ['a line break in a name', () => form({ firstName: 'Jane\r\nBcc: eve@evil.example' }), 422],
  ['a line break in the address', () => form({ email: 'jane@naughty.example\r\nBcc: eve@evil.example' }), 422],
  ['two addresses in one', () => form({ email: 'jane@naughty.example,eve@evil.example' }), 422],
  ['an answer that was not offered', () => form({ 'q.units': 'all' }), 422],
  ['a country that is none', () => form({ country: 'XX' }), 422],
  ['text over the limit', () => form({ company: 'x'.repeat(201) }), 422],
  ['a forged token', () => form({ token: 'abc.def' }), 422],
  ['a token that is an object', () => `${form({ token: '' })}&token[a]=b`, 422],
  ['nothing', () => '', 422],
  ['bytes that are not UTF-8', () => Buffer.concat([Buffer.from(`${form()}&x=`), Buffer.from([0xff, 0xfe])]), 400],
  ['percent-encoded bytes that are not UTF-8', () => `${form()}&company=%ff%fe`, 400],
  ['a broken percent sign', () => `${form()}&x=%zz`, 400],
  ['a body of a megabyte', () => `${form()}&x=${'y'.repeat(1_000_000)}`, 413],
  ['a flood of fields', () => `${form()}&${'a=b&'.repeat(5000)}`, 400],
  ['__proto__', () => `${form({ firstName: '' })}&__proto__[firstName]=x&constructor.prototype.lastName=y`, 422],
])('%s is answered with a page and not an accident', async (_name, body, status) => {
  const answer = await raw(body());
  expect(answer.status).toBe(status);
  expect(await answer.text()).toContain('</html>');
});

test('a stale page keeps what was typed and gives a fresh token', async () => {
  const answer = await raw(form({ token: 'abc.def', firstName: 'Zebedee' }));
  const html = await answer.text();
  expect(html).toContain('value="Zebedee"');
  expect(html).toContain('value="jane@naughty.example"');
  expect(/name="token" value="([^"]+)"/.exec(html)?.[1]).not.toBe('abc.def');
});

test.each([
  ['application/json', '{"email":"jane@naughty.example"}'],
  ['multipart/form-data; boundary=x', '--x--'],
  ['text/plain', 'email=jane'],
  ['', 'email=jane'],
])('the content type %p is refused', async (type, body) => {
  expect((await raw(body, { 'content-type': type })).status).toBe(415);
});

test.each([
  '/w/%00',
  '/w/..%2f..%2fetc%2fpasswd',
  '/w/%E0%A4%A',
  '/d/',
  '/d/x',
  `/w/${CLOUD}/thanks`,
  `/w/${CLOUD}/thanks?t[]=1`,
  `/w/${CLOUD}/thanks?t=1&t=2`,
  '/topics/%F0%9F%8D%95',
  '/assets/../package.json',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/staff/outbox/..%2f..%2fsecret.key',
  '/setup/x',
  '/articles/nope',
  `/${'x'.repeat(5000)}`,
])('GET %s is no accident', async (path) => {
  const answer = await fetch(`${server.url}${path}`, { redirect: 'manual', headers: from() });
  expect(answer.status).toBeLessThan(500);
  expect(answer.status).not.toBe(200);
});

test('over a thousand odd strings, in every field, get 4xx or work, and never 5xx', async () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 220 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.constantFrom(
      '=cmd()',
      '<script>alert(1)</script>',
      '{{7*7}}',
      `\${7*7}`,
      '\u202Egpj.exe',
      '%s%n',
      "';--",
      '../../x',
      '👩‍👩‍👧‍👦',
    ),
  );
  const usual = { arbitrary: fc.constant('Jane'), weight: 4 };
  const field = fc.oneof(usual, { arbitrary: odd, weight: 1 });
  const some = fc.record({
    firstName: field,
    lastName: field,
    company: field,
    jobTitle: field,
    utm_source: odd,
    ref: odd,
    phone: fc.oneof({ arbitrary: fc.constant(''), weight: 4 }, { arbitrary: odd, weight: 1 }),
    'q.sites': fc.oneof({ arbitrary: fc.constant(''), weight: 4 }, { arbitrary: odd, weight: 1 }),
    email: fc.oneof(
      { weight: 4, arbitrary: fc.nat().map((n) => `odd${n}@naughty.example`) },
      { weight: 1, arbitrary: odd },
    ),
  });
  const statuses = new Map<number, number>();
  for (const values of fc.sample(some, { numRuns: 400, seed: 20261124 })) {
    const wellFormed = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.toWellFormed()]));
    const { status } = await raw(form(wellFormed));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect([...statuses.keys()].sort()).toEqual([303, 422]);
  expect(statuses.get(303)).toBeGreaterThan(50);
});

test('every mail that came of it has one recipient and no header that was typed', async () => {
  await post(server.url, CLOUD, cloudForm({ ...JANE, email: 'last@naughty.example' }, token));
  await eventually(
    'the last mail',
    async () => smtp.received.some(({ to }) => to.includes('last@naughty.example')),
    90,
  );
  for (const { to, mail } of smtp.received) {
    expect(to).toHaveLength(1);
    expect(mail.bcc).toBeUndefined();
    expect(mail.cc).toBeUndefined();
  }
});

test('too many posts from one address are 429 with Retry-After, and another address is not held up', async () => {
  const flood = { 'x-forwarded-for': '192.0.2.7' };
  const statuses: number[] = [];
  let refused: Response | undefined;
  for (let n = 0; n < 61; n += 1) {
    const answer = await raw(form({ token: 'x' }), flood);
    statuses.push(answer.status);
    if (answer.status === 429) refused = answer;
  }
  expect(statuses.slice(0, 60)).not.toContain(429);
  expect(statuses[60]).toBe(429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await raw(form({ token: 'x' }), { 'x-forwarded-for': '192.0.2.8' })).status).toBe(422);
});

test('half a request and a hang-up harm nobody', async () => {
  const { port, hostname } = new URL(server.url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /w/${CLOUD} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nemail=`,
      );
      socket.destroy();
    });
    socket.on('close', () => resolve());
  });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});
