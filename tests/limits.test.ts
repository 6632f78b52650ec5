import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressClass, useAddressLists } from '../src/campaigns/addresses';
import { ConfigError, LIMITS, readLimits } from '../src/limits';

const DOCS = readFileSync(join(__dirname, '../docs/reference/settings.md'), 'utf8');
const settings = Object.values(LIMITS);

test('every clock, limit and list has a row in the reference, with its default', () => {
  const rows = DOCS.split('\n').flatMap((line) => {
    const [, names = '', defaults = ''] = /^\| (.*?) \| (.*?) \|/.exec(line) ?? [];
    const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '');
    return quoted(names).map((name, i) => [name, quoted(defaults)[i] ?? ''] as const);
  });
  const documented = Object.fromEntries(rows);
  expect(settings.map(({ name }) => [name, documented[name]])).toEqual(
    settings.map(({ name, fallback }) => [name, fallback]),
  );
});

test('the contract’s figures are the defaults', () => {
  expect(readLimits({})).toMatchObject({
    jobLease: 10_000,
    mailRetries: [15_000, 30_000, 60_000, 120_000, 300_000, 900_000],
    mailRetryEvery: 3_600_000,
    mailRetryFor: 48 * 3_600_000,
    mailsPerDay: 5,
    attachedMax: 7_000_000,
    linkLife: 30 * 86_400_000,
    linkDownloads: 50,
    postsPerMinute: 60,
    postsPerHour: 600,
    formAgeMin: 3000,
    formAgeMax: 86_400_000,
  });
});

test.each([
  ['JOB_LEASE', '31s', 'a time from 1s to 30s'],
  ['JOB_LEASE', '10', 'a time from 1s to 30s'],
  ['DELIVERIES_AT_ONCE', '0', 'a whole number from 1 to 100'],
  ['DELIVERIES_AT_ONCE', 'many', 'a whole number from 1 to 100'],
  ['MAIL_RETRIES', '15s soon', 'one or more times, such as 15s 30s 1m'],
  ['MAIL_ATTACHMENT_MAX', '51MB', 'a size up to 50MB'],
  ['MAIL_DOMAIN_LIMITS', 'gmail.com=lots', 'rules such as gmail.com,googlemail.com=4:120'],
  ['PERSONAL_DOMAINS', 'not/a/domain', 'domains with spaces between them'],
])('%s=%s stops the start with one line', (name, value, takes) => {
  const read = () => readLimits({ [name]: value });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(`${name}=${value} can't be used: it takes ${takes}`);
  expect(read).not.toThrow(/\n/);
});

test('rules for domains are read as they are written', () => {
  expect(readLimits({ MAIL_DOMAIN_LIMITS: 'Gmail.com,googlemail.com=4:120 *=2' }).mailDomainLimits).toEqual([
    { domains: ['gmail.com', 'googlemail.com'], atOnce: 4, perMinute: 120 },
    { domains: ['*'], atOnce: 2, perMinute: 0 },
  ]);
  expect(readLimits({ MAIL_DOMAIN_LIMITS: 'none' }).mailDomainLimits).toEqual([]);
});

test('the publisher’s own domains go before the bundled lists', () => {
  const BUNDLED = readLimits({});
  expect(['a@gmail.com', 'a@mailinator.com', 'a@acme.example'].map(addressClass)).toEqual([
    'personal',
    'disposable',
    'business',
  ]);
  useAddressLists(
    readLimits({
      PERSONAL_DOMAINS: 'town-mail.example',
      DISPOSABLE_DOMAINS: 'acme.example',
      BUSINESS_DOMAINS: 'gmail.com mailinator.com',
    }),
  );
  const classes = ['a@gmail.com', 'a@mailinator.com', 'a@acme.example', 'a@town-mail.example'].map(addressClass);
  useAddressLists(BUNDLED);
  expect(classes).toEqual(['business', 'business', 'disposable', 'personal']);
});
