import mongoose from 'mongoose';
import request, { type Agent } from 'supertest';
import { disableAccount, listAccounts } from '../../src/accounts/accounts';
import { listDisclosures } from '../../src/exports/exports';
import { ask, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { testServices } from '../web/app';
import { importDraft } from './desk';
import { appOf, browserOf } from './people';

useStore();
const services = testServices();
const app = appOf(services);

/** Two campaigns: one of ACME Cloud, one of Northgate. */
beforeEach(async () => {
  await emptyStore();
  await mongoose.connection.collection('sessions').deleteMany({});
  await importDraft();
  await importDraft((yaml) =>
    yaml.replace('slug: locks-and-keys', 'slug: doors').replaceAll('acme-cloud', 'northgate'),
  );
});

const ACME = { email: 'ada@acme.example', sponsor: 'acme-cloud' };
const NORTHGATE = { email: 'ned@northgate.example', sponsor: 'northgate' };
const FORMATS = ['csv', 'xlsx', 'ndjson'];
const page = (slug: string) => `/portal/campaigns/${slug}`;
const file = (slug: string, format = 'csv') => `${page(slug)}/leads.${format}`;

test('anonymous visitors are sent to sign in, and nothing is taken', async () => {
  await ask();
  for (const path of ['/portal', page(SLUG), ...FORMATS.map((format) => file(SLUG, format))]) {
    const { headers } = await request(app()).get(path).expect(303);
    expect(headers['location']).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
  }
  expect(await listDisclosures(SLUG)).toEqual([]);
});

test.each(['admin', 'marketer', 'analyst'] as const)('%ss have no business on the portal', async (role) => {
  const agent = await browserOf(app(), role);
  for (const path of ['/portal', page(SLUG), file(SLUG)]) await agent.get(path).expect(403);
  expect(await listDisclosures(SLUG)).toEqual([]);
});

test.each(['sponsor-admin', 'sponsor-member'] as const)('a %s has no business on the staff site', async (role) => {
  const { lead } = await ask();
  const agent = await browserOf(app(), role, ACME);
  const staff = [
    '/staff',
    '/staff/leads',
    `/staff/leads/${lead}`,
    '/staff/quarantine',
    '/staff/campaigns',
    `/staff/exports/${SLUG}`,
    `/staff/exports/${SLUG}/leads.csv`,
  ];
  for (const path of staff) await agent.get(path).expect(403);
  expect(await listDisclosures(SLUG)).toEqual([]);
});

describe('another sponsor’s campaign', () => {
  const asked = (agent: Agent, path: string) => agent.get(path).expect(404);
  const plain = (html: string) => html.replace(/value="[^"]*"/g, '').replaceAll('doors', SLUG);

  test.each(['', ...FORMATS.map((format) => `/leads.${format}`)])('is not there: %s', async (end) => {
    await sponsor('northgate', {}, 'doors');
    await ask({ campaign: 'doors', yes: ['northgate'], firstName: 'Secret' });
    const agent = await browserOf(app(), 'sponsor-admin', ACME);
    const { text } = await asked(agent, page('doors') + end);
    const unknown = await asked(agent, page('no-such') + end);
    expect(plain(text)).toBe(plain(unknown.text).replaceAll('no-such', SLUG));
    expect(await listDisclosures('doors')).toEqual([]);
  });

  test('is not listed, and its leads are nowhere', async () => {
    await sponsor('northgate', {}, 'doors');
    await ask({ campaign: 'doors', yes: ['acme-cloud', 'northgate'], firstName: 'Secret' });
    const agent = await browserOf(app(), 'sponsor-admin', ACME);
    for (const path of ['/portal', page(SLUG), file(SLUG)]) {
      const { text } = await agent.get(path).expect(200);
      expect(text).not.toContain('Secret');
      expect(text).not.toContain(page('doors'));
    }
  });
});

test('a lead that agreed to another sponsor of the same campaign is not theirs', async () => {
  await sponsor('northgate');
  await ask({ email: 'both@a.example', yes: ['acme-cloud', 'northgate'], firstName: 'Both' });
  await ask({ email: 'one@b.example', yes: ['northgate'], firstName: 'Northgates' });
  const [acme, northgate] = [
    await browserOf(app(), 'sponsor-admin', ACME),
    await browserOf(app(), 'sponsor-member', NORTHGATE),
  ];
  const [theirs, others] = [await acme.get(file(SLUG)).expect(200), await northgate.get(file(SLUG)).expect(200)];
  expect([theirs.text.includes('Both'), theirs.text.includes('Northgates')]).toEqual([true, false]);
  expect([others.text.includes('Both'), others.text.includes('Northgates')]).toEqual([true, true]);
  expect((await acme.get(page(SLUG)).expect(200)).text).not.toContain('Northgates');
});

test('a sponsor’s campaign: its figures, its newest leads, its downloads, hostile names as text', async () => {
  await ask({ firstName: '<script>alert(1)</script>', company: '"><img src=x>' });
  await ask({ email: 'no@x.example', yes: [] });
  const agent = await browserOf(app(), 'sponsor-member', ACME);
  await agent.get(file(SLUG)).expect(200);
  const { text } = await agent.get(page(SLUG)).expect(200);
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(text).not.toMatch(/<script>alert|<img src=x/);
  expect(text).toMatch(/<dt>Leads<\/dt><dd>1<\/dd>/);
  expect(text).toContain('ada@acme.example');
  expect(text).not.toContain('no@x.example');
  expect((await agent.get('/portal').expect(200)).text).toContain(`href="${page(SLUG)}"`);
});

test.each([
  ['csv', /^text\/csv; charset=utf-8/],
  ['xlsx', /spreadsheetml\.sheet$/],
  ['ndjson', /^application\/x-ndjson/],
])(
  'a download of %s is a file of its own name, kept by nobody, logged with the account’s address',
  async (format, type) => {
    await ask();
    const agent = await browserOf(app(), 'sponsor-member', ACME);
    const { headers } = await agent.get(file(SLUG, format)).buffer(true).expect(200);
    expect(headers['content-type']).toMatch(type);
    expect(headers['content-disposition']).toMatch(
      new RegExp(
        `^attachment; filename="?${SLUG}_acme-cloud_all-no-1_\\d{4}-\\d\\d-\\d\\d_ada-at-acme.example\\.${format}"?$`,
      ),
    );
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(await listDisclosures(SLUG)).toMatchObject([
      { actor: ACME.email, sponsor: 'acme-cloud', format, rows: 1, state: 'complete' },
    ]);
  },
);

test('asking for the head of a download takes nothing, and so does an unknown format', async () => {
  await ask();
  const agent = await browserOf(app(), 'sponsor-admin', ACME);
  await agent.head(file(SLUG)).expect(405);
  for (const format of ['pdf', 'CSV', 'csv.exe', '__proto__']) await agent.get(file(SLUG, format)).expect(404);
  expect(await listDisclosures(SLUG)).toEqual([]);
});

test('who is disabled, or whose contract ended, is out at the next click', async () => {
  const agent = await browserOf(app(), 'sponsor-admin', ACME);
  await agent.get(page(SLUG)).expect(200);
  await importDraft((yaml) => yaml.replaceAll('acme-cloud', 'northgate'));
  await agent.get(page(SLUG)).expect(404);
  const [account] = await listAccounts();
  await disableAccount(account?.id ?? '', services.now());
  await agent.get('/portal').expect(303);
});
