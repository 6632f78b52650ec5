import fc from 'fast-check';
import type { Campaign, Field } from '../../src/campaigns/campaign.types';
import { countries } from '../../src/campaigns/countries';
import { formSchema, readEmail, readForm } from '../../src/campaigns/form';

type Terms = Pick<Campaign, 'form' | 'consents' | 'addresses'>;

const OPTIONS = [
  { code: 'a', label: 'A' },
  { code: 'b', label: 'B' },
];
const own = (type: Field['type'], required = false): Field => ({
  key: `q.${type}`,
  type,
  label: `The ${type} {question}`,
  required,
  ...(['select', 'radio', 'checkbox'].includes(type) ? { options: OPTIONS } : {}),
});
const FIELDS: Field[] = [
  { key: 'email', type: 'email', label: 'E-mail', required: true },
  { key: 'firstName', type: 'text', label: 'First name', required: true },
  { key: 'lastName', type: 'text', label: 'Last name', required: false },
  { key: 'country', type: 'country', label: 'Country', required: false },
  { key: 'phone', type: 'phone', label: 'Phone', required: false },
  own('text'),
  own('email'),
  own('number'),
  own('select'),
  own('radio'),
  own('checkbox'),
];
const CONSENTS = [
  { key: 'publisher', text: 'News', version: 1 },
  { key: 'acme-cloud', sponsor: 'acme-cloud', text: 'Share', version: 1 },
];
const TERMS: Terms = {
  form: { version: 1, fields: FIELDS },
  consents: CONSENTS,
  addresses: { personal: 'accept', disposable: 'refuse' },
};
const GOOD = { email: 'jane@acme.example', firstName: 'Jane' };

function read(change: Record<string, unknown>, terms = TERMS) {
  return readForm(terms, { ...GOOD, ...change });
}
function answers(change: Record<string, unknown>, terms = TERMS) {
  const form = read(change, terms);
  if ('errors' in form) throw new Error(JSON.stringify(form.errors));
  return form.value;
}
function messages(change: Record<string, unknown>, terms = TERMS): Record<string, string> {
  const form = read(change, terms);
  return 'errors' in form ? Object.fromEntries(form.errors.map(({ key, message }) => [key, message])) : {};
}

describe('text', () => {
  test.each([
    ['trimmed', '  Jane\u00a0', 'Jane'],
    ['composed (NFC)', 'Z\u0307o\u0301lc\u0301', 'Żólć'],
    ['any script', 'Ωμέγα', 'Ωμέγα'],
    ['right to left', 'محمد علي', 'محمد علي'],
    ['emoji of several code points', '👩🏽‍🚀', '👩🏽‍🚀'],
    ['exactly 200 code points beyond the BMP', '𝒂'.repeat(200), '𝒂'.repeat(200)],
  ])('%s', (_name, typed, kept) => {
    expect(answers({ firstName: typed }).answers.firstName).toBe(kept);
  });

  test.each([
    ['NUL', 'Ja\u0000ne'],
    ['a line break', 'Jane\r\nBcc: x@y.example'],
    ['a tab inside', 'Jane\tDoe'],
    ['a C1 control', 'Jane\u0085Doe'],
    ['a line separator', 'Jane\u2028Doe'],
    ['a lone surrogate', 'Jane\ud800'],
    ['a noncharacter that XML forbids', 'Jane\uffff'],
    ['201 code points', 'x'.repeat(201)],
    ['nothing', ''],
    ['only blanks', ' \u2003 '],
    ['only what is invisible', '\u200b\u3164'],
    ['two values', ['Jane', 'Joan']],
  ])('refuses %s with words that name the field', (_name, typed) => {
    expect(messages({ firstName: typed })['firstName']).toMatch(/your first name/);
  });

  test('an optional answer left blank is left out', () => {
    expect(answers({ lastName: '  ' }).answers).not.toHaveProperty('lastName');
  });
});

describe('e-mail', () => {
  test.each(['jane@acme.example', "o'hara+x@sub.acme.test", 'нина@пример.example', `${'a'.repeat(64)}@x.example`])(
    'takes %s',
    (email) => expect(answers({ email }).answers.email).toBe(email),
  );

  test.each([
    'jane',
    'jane@acme',
    'jane@@acme.example',
    'ja ne@acme.example',
    'jane@acme..example',
    'jane@-acme.example',
    'jane@acme.example, joan@acme.example',
    '<jane@acme.example>',
    'jane@acme.example\u0000',
    'jane@acme.example\r\nBcc: joan@acme.example',
    'ja\u202ene@acme.example',
    'jane@[127.0.0.1]',
    `${'a'.repeat(65)}@x.example`,
    `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.example.example`,
    '',
  ])('refuses %j', (email) => {
    expect(Object.keys(messages({ email }))).toEqual(['email']);
  });

  test('a repeated address is a mistake, not a list', () => {
    expect(messages({ email: ['a@x.example', 'b@x.example'] })['email']).toMatch(/once/);
  });

  test('an object in place of an address is no address', () => {
    expect(messages({ email: { $ne: '' } })).toHaveProperty('email');
  });
});

describe('kinds of address', () => {
  test.each([
    ['jane@acme.example', 'business'],
    ['jane@GMail.com', 'personal'],
  ])('%s is %s', (email, kind) => expect(answers({ email }).addressClass).toBe(kind));

  test('throw-away mailboxes are refused unless the campaign takes them', () => {
    expect(messages({ email: 'x@mailinator.com' })['email']).toMatch(/throw-away/);
    const open: Terms = { ...TERMS, addresses: { personal: 'accept', disposable: 'accept' } };
    expect(answers({ email: 'x@mailinator.com' }, open).addressClass).toBe('disposable');
  });

  test('personal mailboxes are refused when the campaign says so', () => {
    const strict: Terms = { ...TERMS, addresses: { personal: 'refuse', disposable: 'refuse' } };
    expect(messages({ email: 'jane@gmail.com' }, strict)['email']).toMatch(/work e-mail/);
  });

  test('a corrected address follows the same rules', () => {
    expect(readEmail(TERMS, ' jane@acme.example ')).toEqual({ email: 'jane@acme.example', addressClass: 'business' });
    expect(readEmail(TERMS, 'x@mailinator.com')).toHaveProperty('errors.0.key', 'email');
    expect(readEmail(TERMS, undefined)).toHaveProperty('errors.0.key', 'email');
  });
});

describe('country, telephone, own questions', () => {
  test('a country is a code of ISO 3166-1', () => {
    expect(answers({ country: 'gb' }).answers.country).toBe('GB');
    expect(messages({ country: 'XX' })['country']).toMatch(/list/);
    expect(countries('en-GB')).toHaveLength(249);
    expect(countries('de')).toContainEqual({ code: 'DE', label: 'Deutschland' });
  });

  test.each([
    ['+44 20 7946 0958', undefined, '+442079460958'],
    ['020 7946 0958', 'GB', '+442079460958'],
    ['020 7946 0958', undefined, undefined],
    ['030 123456 ext. 12', 'DE', '+4930123456'],
  ])('telephone %s from %s', (phone, country, e164) => {
    const got = answers({ phone, ...(country ? { country } : {}) }).answers;
    expect([got.phone, got.phoneE164]).toEqual([phone, e164]);
  });

  test.each(['call me', '12', '=1+1', '-----'])('no telephone number: %s', (phone) => {
    expect(messages({ phone })['phone']).toMatch(/digits/);
  });

  test.each([
    ['q.number', '1200', 1200],
    ['q.number', ' -2.5 ', -2.5],
    ['q.select', 'a', 'a'],
    ['q.radio', 'b', 'b'],
    ['q.checkbox', 'a', ['a']],
    ['q.checkbox', ['b', 'a', 'b'], ['b', 'a']],
    ['q.email', 'x@y.example', 'x@y.example'],
  ])('%s = %j', (key, typed, kept) => {
    expect(answers({ [key]: typed }).answers.q).toEqual({ [key.slice(2)]: kept });
  });

  test.each([
    ['q.number', '1,200'],
    ['q.number', '1e9'],
    ['q.number', 'NaN'],
    ['q.select', 'c'],
    ['q.radio', ['a', 'b']],
    ['q.checkbox', ['a', 'c']],
    ['q.email', 'x'],
  ])('refuses %s = %j', (key, typed) => {
    expect(Object.keys(messages({ [key]: typed }))).toEqual([key]);
  });

  test('a required choice of several wants one at least, and its label may hold braces', () => {
    const terms: Terms = { ...TERMS, form: { version: 1, fields: [...FIELDS.slice(0, 2), own('checkbox', true)] } };
    const wanted = 'Choose at least one answer to “The checkbox {question}”';
    expect(messages({}, terms)).toEqual({ 'q.checkbox': wanted });
    for (const none of [[], '', ['', '']])
      expect(messages({ 'q.checkbox': none }, terms)).toEqual({ 'q.checkbox': wanted });
    expect(answers({ 'q.checkbox': ['', 'a'] }, terms).answers.q).toEqual({ checkbox: ['a'] });
  });
});

describe('consents, attribution, the rest', () => {
  test('only the word yes gives consent', () => {
    const given = (value: unknown) => answers({ 'consent.publisher': value }).consentsGiven;
    expect(given('yes')).toEqual({ publisher: true, 'acme-cloud': false });
    for (const other of ['on', 'YES', 'true', '', ['yes', 'no'], undefined])
      expect(given(other)['publisher']).toBe(false);
  });

  test('attribution is cut and cleaned, never refused', () => {
    const attribution = answers({ utm_source: 'x'.repeat(500), utm_term: 'a\u0000b', ref: ['one', 'two'] }).attribution;
    expect(attribution).toEqual({ utmSource: 'x'.repeat(200), utmTerm: 'ab', ref: 'one' });
  });

  test('what the form does not ask is not kept, not even as typed', () => {
    const body = {
      ...GOOD,
      firstName: '',
      company: 'ACME',
      'q.other': '1',
      __proto__: { lastName: 'x' },
      constructor: 'y',
    };
    const form = readForm(TERMS, body);
    expect(form).toMatchObject({ typed: { email: GOOD.email, firstName: '' } });
    expect(Object.keys((form as { typed: object }).typed).sort()).toEqual(['email', 'firstName']);
    expect(answers({ company: 'ACME', 'q.other': '1' }).answers).toEqual({ ...GOOD, q: {} });
  });

  test('the schema alone gives the same verdicts as the reader of forms', () => {
    const { value, error } = formSchema(TERMS).validate({ ...GOOD, unknown: 1 });
    expect([error, value]).toEqual([undefined, { ...GOOD, 'consent.publisher': false, 'consent.acme-cloud': false }]);
  });
});

test('a thousand odd strings in every field never throw, and what passes is clean', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 260 }),
    fc.string({ unit: 'grapheme', maxLength: 210 }),
    fc.constantFrom(
      '=cmd()',
      '<script>',
      '{{name}}',
      '{#label}',
      '$ne',
      '\ud800',
      '../../etc/passwd',
      '%00',
      '\u202eevil',
    ),
    fc.array(fc.string(), { maxLength: 3 }),
  );
  const form = fc.record(Object.fromEntries(FIELDS.map(({ key }) => [key, odd])));
  let passed = 0;
  fc.assert(
    fc.property(form, fc.constantFrom('good', 'odd'), (body, kind) => {
      const read = readForm(TERMS, kind === 'good' ? { ...GOOD, 'q.text': body['q.text'] } : body);
      if ('errors' in read) return read.errors.every(({ key, message }) => key in TERMS_KEYS && message.length > 0);
      passed += 1;
      const text = String(read.value.answers.q['text'] ?? 'x');
      return text === text.normalize('NFC').trim() && [...text].length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(text);
    }),
    { numRuns: 1000, seed: 20261124 },
  );
  expect(passed).toBeGreaterThan(100);
});

const TERMS_KEYS = Object.fromEntries(FIELDS.map(({ key }) => [key, true]));
