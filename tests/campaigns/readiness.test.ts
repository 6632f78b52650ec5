import type { Campaign } from '../../src/campaigns/campaign.types';
import { type Check, type Facts, isReady, names, readiness } from '../../src/campaigns/readiness';

const NOW = new Date('2026-11-25T12:00:00Z');
const campaign: Campaign = {
  slug: 'locks',
  title: 'Locks',
  introduction: 'What changed.',
  covered: ['One'],
  topics: [],
  status: 'draft',
  form: { version: 1, fields: [{ key: 'email', type: 'email', label: 'E-mail', required: true }] },
  consents: [{ key: 'acme', sponsor: 'acme', text: 'ACME Cloud may e-mail me.', version: 1 }],
  sponsors: ['acme'],
  addresses: { personal: 'accept', disposable: 'refuse' },
  mail: { subject: 'Your copy', body: 'Dear {{firstName}}' },
  stamp: { preset: 'footer', template: '{{name}} {{email}}' },
  upload: { file: 'f', bytes: 1 },
};
const facts: Facts = {
  campaign,
  contracts: [{ id: 'locks/acme', campaign: 'locks', sponsor: 'acme', cap: 10, filters: [], overflow: 'hold' }],
  sponsors: [{ slug: 'acme', name: 'ACME Cloud Ltd' }],
  site: {
    name: 'Doors',
    legalName: 'Doors Ltd',
    address: '1 Lane',
    contactEmail: 'a@doors.press',
    mailFrom: 'papers@doors.press',
    locale: 'en-GB',
    timezone: 'Europe/London',
    theme: {},
  },
  inspection: { verdict: 'stampable' },
  links: [{ url: 'https://doors.press/privacy', state: 'alive', found: 'it answers 200' }],
  senderTroubles: [],
  others: [],
  now: NOW,
};
const question = (label: string): Campaign['form'] => ({
  version: 1,
  fields: [{ key: 'q.size', type: 'select', label: 'Size', required: true, options: [{ code: 's', label }] }],
});
const missing = (checks: Check[]) => checks.filter(({ isMet }) => !isMet).map(({ key, level }) => `${level} ${key}`);

test('a whole campaign is ready, with every line met', () => {
  const checks = readiness(facts);
  expect(missing(checks)).toEqual([]);
  expect(isReady(checks)).toBe(true);
});

test.each<[string, Partial<Campaign>, Partial<Facts>, string]>([
  ['no PDF', { upload: undefined as never }, {}, 'must pdf'],
  ['a PDF that can’t be stamped', {}, { inspection: { verdict: 'refused', reason: 'It is encrypted.' } }, 'must pdf'],
  ['nothing covered', { covered: [] }, {}, 'must texts'],
  ['a sponsor without a consent', { consents: [] }, {}, 'must sponsor acme'],
  [
    'a consent that names nobody',
    { consents: [{ key: 'acme', sponsor: 'acme', text: 'Our partners may e-mail me.', version: 1 }] },
    {},
    'must sponsor acme',
  ],
  ['a close in the past', { closes: new Date('2026-11-25T11:00:00Z') }, {}, 'must dates'],
  ['a sender that is none', {}, { site: { ...facts.site, mailFrom: 'nobody' } }, 'must sender'],
  [
    'a sender of nobody’s',
    {},
    { site: { ...facts.site, mailFrom: 'papers@gatefold.example' } },
    'should sender domain',
  ],
  ['a name that nothing fills in', { mail: { subject: 'Hello {{frstName}}', body: 'x' } }, {}, 'must variables'],
  ['a neighbour that is not open', { related: ['gone'] }, {}, 'should links'],
  [
    'a page that is gone elsewhere',
    {},
    { links: [{ url: 'https://acme.example/x', state: 'gone', found: 'it answers 404' }] },
    'must outside links',
  ],
  [
    'an answer from elsewhere',
    {},
    { links: [{ url: 'https://acme.example/x', state: 'unknown', found: 'no answer in time' }] },
    'should outside links',
  ],
  ['a look at a link', {}, { links: [{ url: 'https://acme.example/x' }] }, 'should outside links'],
  ['a record of the sender’s domain', {}, { senderTroubles: ['SPF of doors.press: none.'] }, 'should sender verified'],
  ['no postal address', {}, { site: { ...facts.site, address: ' ' } }, 'should publisher'],
  [
    'a contract that is over',
    {},
    { contracts: facts.contracts.map((one) => ({ ...one, to: new Date('2026-01-01') })) },
    'should contract dates',
  ],
  [
    'a code that means something else elsewhere',
    { form: question('Small') },
    { others: [{ ...campaign, slug: 'other', form: question('Sixty') }] },
    'should codes',
  ],
])('%s is missing', (_name, change, more, expected) => {
  const checks = readiness({ ...facts, ...more, campaign: { ...campaign, ...change } });
  expect(missing(checks)).toEqual([expected]);
  expect(isReady(checks)).toBe(expected.startsWith('should'));
});

test.each([
  ['ACME cloud may e-mail me', 'ACME Cloud Ltd', true],
  ['Northgate  Access may call', 'Northgate Access', true],
  ['Selected partners may call', 'Northgate Access', false],
])('%j names %s: %p', (text, name, expected) => {
  expect(names(text, name)).toBe(expected);
});
