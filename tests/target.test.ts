import { readLimits } from '../src/limits';
import { isPublic, targetOf } from '../src/target';
import { type DnsServer, startDns, type Zone } from './support/dns';

let dns: DnsServer;
beforeAll(async () => {
  dns = await startDns();
});
afterAll(() => dns.close());

const judge = (url: string, { zone = {}, listed = '' }: { zone?: Zone; listed?: string } = {}) => {
  dns.zone = zone;
  return targetOf(url, readLimits({ DNS_SERVERS: dns.address, WEBHOOK_PRIVATE_TARGETS: listed })).then(
    ({ addresses }) => addresses.map(({ address }) => address),
    (error: Error) => error.message,
  );
};

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.0.0.8',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '203.0.113.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '::7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'fc00::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '4000::1',
])('%s is not public', (address) => {
  expect(isPublic(address)).toBe(false);
});

test.each(['1.1.1.1', '93.184.216.34', '2606:4700:4700::1111', '::ffff:1.1.1.1'])('%s is', (address) => {
  expect(isPublic(address)).toBe(true);
});

test.each([
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://169.254.169.254/latest/meta-data',
])('%s is refused, however it is spelt', async (url) => {
  expect(await judge(url)).toMatch(/is not a public address/);
});

test('one bad address among good ones refuses the name, and so does none', async () => {
  const hook = 'https://hook.test/leads';
  expect(await judge(hook, { zone: { 'hook.test A': ['1.1.1.1'] } })).toEqual(['1.1.1.1']);
  expect(await judge(hook, { zone: { 'hook.test A': ['1.1.1.1', '10.0.0.1'] } })).toMatch(/not a public/);
  expect(await judge(hook, { zone: { 'hook.test A': ['1.1.1.1'], 'hook.test AAAA': ['::1'] } })).toMatch(
    /not a public/,
  );
  expect(await judge(hook)).toBe('hook.test has no address');
});

test('what is listed may be reached, without TLS as well, and nothing else', async () => {
  const zone = { 'hook.test A': ['10.1.2.3'] };
  expect(await judge('http://hook.test/', { zone, listed: '10.1.2.0/24' })).toEqual(['10.1.2.3']);
  expect(await judge('http://hook.test/', { zone, listed: '10.1.3.0/24' })).toMatch(/not a public/);
  expect(await judge('http://1.1.1.1/', { listed: '10.1.3.0/24' })).toMatch(/https/);
  expect(await judge('https://name:password@1.1.1.1/')).toMatch(/name or a password/);
  expect(await judge('ftp://1.1.1.1/')).toMatch(/not a web address/);
});
