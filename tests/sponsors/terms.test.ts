import fc from 'fast-check';
import Joi from 'joi';
import { type Terms, termsFile, termsSchema } from '../../src/sponsors/sponsors';

const schema = termsSchema(() =>
  Joi.string()
    .isoDate()
    .custom((text: string) => new Date(text)),
);
const read = (terms: object) => schema.validate(terms, { abortEarly: false, errors: { label: false } });
const write = (terms: Terms) => termsFile(terms, (at) => at.toISOString());

const WRITTEN = {
  cap: 200,
  price: '45.50 GBP',
  from: '2026-01-01T00:00:00.000Z',
  to: '2027-01-01T00:00:00.000Z',
  pacing: { day: 10, week: 40, month: 120 },
  perCompanyDomain: 4,
  filters: [{ field: 'country', in: ['GB', 'IE'] }],
  businessOnly: true,
  provedOnly: true,
  domains: [
    { name: 'competitors', exclude: ['rival.example'] },
    { name: 'accounts', include: ['big.example', 'xn--bcher-kva.example'] },
  ],
  duplicates: { scope: 'sponsor', days: 90, match: 'mailbox' },
  returns: { days: 14, percent: 10 },
  overflow: 'next',
};

test('terms are read, kept in minor units, and written as they were', () => {
  const { value, error } = read(WRITTEN);
  expect(error).toBeUndefined();
  expect(value.price).toEqual({ amount: 4550, currency: 'GBP' });
  expect(write(value)).toEqual(WRITTEN);
});

test('domains are told by their names alone, however they are written', () => {
  const { value } = read({
    domains: [{ name: 'c', exclude: ['@Rival.Example', '*.BÜCHER.example', 'www.a.example'] }],
  });
  expect(value.domains).toEqual([{ name: 'c', exclude: ['rival.example', 'xn--bcher-kva.example', 'a.example'] }]);
});

test.each([
  [{ price: '45.505 GBP' }, 'price', 'takes an amount and its currency'],
  [{ price: '45.50' }, 'price', 'takes an amount and its currency'],
  [{ price: '-1 GBP' }, 'price', 'takes an amount and its currency'],
  [{ price: '1 XQQ' }, 'price', 'takes an amount and its currency'],
  [{ price: '1.5 JPY' }, 'price', 'takes an amount and its currency'],
  [{ domains: [{ name: 'c', exclude: ['jane@acme.example'] }] }, 'domains.0.exclude.0', 'takes domains such as'],
  [{ domains: [{ name: 'c', exclude: ['acme'] }] }, 'domains.0.exclude.0', 'takes domains such as'],
  [{ domains: [{ name: 'c' }] }, 'domains.0', 'needs a list'],
  [{ domains: [{ name: 'c', include: ['a.example'], exclude: ['b.example'] }] }, 'domains.0', 'not both'],
  [{ pacing: {} }, 'pacing', 'at least 1 key'],
  [{ pacing: { hour: 1 } }, 'pacing.hour', 'not allowed'],
  [{ duplicates: { scope: 'world' } }, 'duplicates.scope', 'must be one of'],
  [{ returns: { days: 14, percent: 101 } }, 'returns.percent', 'less than or equal to 100'],
  [{ perCompanyDomain: 0 }, 'perCompanyDomain', 'greater than or equal to 1'],
])('%j is refused at %s', (terms, path, words) => {
  const [problem] = read(terms).error?.details ?? [];
  expect(problem?.path.join('.')).toBe(path);
  expect(problem?.message).toContain(words);
});

test('any price comes back to the penny, in any currency', () => {
  const currency = fc.constantFrom('GBP', 'EUR', 'JPY', 'BHD');
  fc.assert(
    fc.property(fc.nat(99_999_999), currency, (amount, code) => {
      const terms: Terms = { cap: null, price: { amount, currency: code }, filters: [], overflow: 'hold' };
      expect(read(write(terms)).value.price).toEqual(terms.price);
    }),
  );
});
