import { join } from 'node:path';
import ejs from 'ejs';
import type { Field } from '../../src/campaigns/campaign.types';
import { formView } from '../../src/campaigns/form-view';

const FIELDS: Field[] = [
  { key: 'email', type: 'email', label: 'E-mail', required: true },
  { key: 'country', type: 'country', label: 'Country', required: false },
  { key: 'q.homes', type: 'number', label: 'Homes', required: true, help: 'Roughly' },
  {
    key: 'q.plans',
    type: 'checkbox',
    label: 'Plans',
    required: true,
    options: [
      { code: 'a', label: 'A' },
      { code: 'b', label: 'B <i>' },
    ],
  },
];
const CAMPAIGN = {
  form: { version: 1, fields: FIELDS },
  consents: [{ key: 'acme', sponsor: 'acme', text: 'ACME may write to me.', version: 1 }],
};

test('a fresh form is empty, unticked and says what may be left out', () => {
  const view = formView(CAMPAIGN, 'en-GB');
  expect(view.fields.map(({ id, optional, value }) => [id, optional, value])).toEqual([
    ['f-email', false, ''],
    ['f-country', true, ''],
    ['f-q-homes', false, ''],
    ['f-q-plans', false, ''],
  ]);
  expect(view.consents[0]).toMatchObject({ name: 'consent.acme', chosen: false });
  expect(view.fields[1]?.options).toHaveLength(249);
  expect(view.hidden.map(({ name }) => name)).toEqual([
    'utm_source',
    'utm_medium',
    'utm_campaign',
    'utm_term',
    'utm_content',
    'ref',
  ]);
});

test('a mistaken form keeps what was typed and ties each message to its field', async () => {
  const typed = { email: '"><script>', country: 'IE', 'q.plans': ['b'], 'consent.acme': 'yes', ref: 'articles/x' };
  const view = formView(CAMPAIGN, 'en-GB', typed, [
    { key: 'email', message: 'Enter it' },
    { key: 'q.homes', message: 'How many?' },
  ]);
  expect(view.errors).toEqual([
    { id: 'f-email', message: 'Enter it' },
    { id: 'f-q-homes', message: 'How many?' },
  ]);
  const html = await ejs.renderFile(join(__dirname, '../../views/landing/form.ejs'), {
    form: view,
    paper: { href: '/w/x' },
    sponsors: [{ slug: 'acme', name: 'ACME', privacyUrl: 'https://acme.example/privacy' }],
    site: { name: 'Site' },
    token: 'T',
    honeypot: 'trap',
    preview: false,
  });
  expect(html).toContain('value="&#34;&gt;&lt;script&gt;"');
  expect(html).toMatch(/id="f-email"[^>]*aria-describedby="f-email-error" aria-invalid="true"/);
  expect(html).toMatch(/id="f-q-homes"[^>]*aria-describedby="f-q-homes-hint f-q-homes-error" aria-invalid="true"/);
  expect(html).toMatch(/value="IE" selected/);
  expect(html).toMatch(/id="f-q-plans-2" name="q.plans" type="checkbox" value="b" checked/);
  expect(html).toMatch(/name="consent.acme" type="checkbox" value="yes" checked/);
  expect(html).toContain('name="ref" value="articles/x"');
  expect(html).toContain('B &lt;i&gt;');
});
