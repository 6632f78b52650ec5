import type { Express } from 'express';
import request from 'supertest';
import { createApp } from '../../src/app';
import * as campaigns from '../../src/campaigns/campaigns';
import { findRequest } from '../../src/leads/leads';
import { CAMPAIGN_YAML, folderWith } from '../campaigns/folder';
import { useStore } from '../support/store';
import { importCampaign, SLUG, testServices } from './app';

/** What a page gains, and a form that asks one thing only of some readers. */
const MORE = `address: keys-and-doors
formerAddresses: [ old-keys ]
body: |
  ## Why now
  Doors **change**. <script>alert(1)</script>
thanks: See you at our [webinar](https://example.com/webinar).
search: { title: Keys for all, description: What holders of keys must know., noindex: true }
related: [ another-paper ]
`;
const ASKED = `  - key: q.vms
    type: radio
    label: What do you use?
    why: It decides which checklist you get.
    required: true
    options: [ { code: none, label: None }, { code: nvr, label: A recorder }, { code: cloud, label: The cloud } ]
  - { key: q.vendor, type: text, label: Whose is it?, required: true, showIf: { field: q.vms, is: [ nvr, cloud ] } }
consents:`;

const whole = (yaml: string): string => `${yaml.replace('consents:', ASKED)}${MORE}`;

useStore();
const services = testServices();
let app: Express;
beforeAll(async () => {
  await importCampaign(services.config.dataDir, whole);
  app = createApp(services);
});
/** Readers' pages and campaigns are kept for a fifth of a second. */
beforeEach(() => {
  services.clock.now = new Date(services.clock.now.getTime() + 1000);
});

const READER = { email: 'lukasz@wisla.example', firstName: 'Łukasz', country: 'GB', 'q.units': 'lt1000' };
const post = (fields: Record<string, string>, address = 'keys-and-doors') =>
  request(app)
    .post(`/w/${address}`)
    .type('form')
    .send({ ...READER, token: services.links.formToken(SLUG, new Date(services.now().getTime() - 10_000)), ...fields });

test.each([
  ['/w/old-keys?utm_source=a%26b', '/w/keys-and-doors?utm_source=a%26b'],
  [`/w/${SLUG}`, '/w/keys-and-doors'],
  ['/articles/old-keys', '/articles/keys-and-doors'],
  [`/articles/${SLUG}?x=1`, '/articles/keys-and-doors?x=1'],
])('%s leads on to %s for good', async (from, to) => {
  await request(app).get(from).expect(301).expect('Location', to);
  await request(app).get(to).expect(200);
});

test('the page has its text, safe, and what search engines and previews of links are told', async () => {
  const { text } = await request(app).get('/w/keys-and-doors').expect(200);
  expect(text).toContain('<h2>Why now</h2>');
  expect(text).toContain('Doors <strong>change</strong>.');
  expect(text).not.toContain('<script>alert');
  expect(text).toContain('<title>Keys for all · ');
  expect(text).toContain('<meta name="robots" content="noindex">');
  expect(text).toContain('<link rel="canonical" href="http://localhost:3000/w/keys-and-doors">');
  expect(text).toContain('<meta property="og:description" content="What holders of keys must know.">');
  expect(text).toContain('It decides which checklist you get.');
  expect(text).toContain('Only if you chose “A recorder” or “The cloud” for “What do you use?”.');
});

test('a token of before the move opens the thank-you page, which says what staff wrote', async () => {
  const { headers } = await post({ 'q.vms': 'none' }, 'old-keys').expect(303);
  const thanks = String(headers['location']);
  const { text } = await request(app).get(thanks).expect(200);
  expect(text).toContain('<a href="https://example.com/webinar" rel="noopener">webinar</a>');
  const [, token = ''] = thanks.split('t=');
  await request(app).get(`/w/old-keys/thanks?t=${token}`).expect(200);
  await request(app).get(`/d/${token}`).expect(200);
});

function requestBehind(answer: request.Response): ReturnType<typeof findRequest> {
  const token = new URL(String(answer.headers['location']), 'http://x').searchParams.get('t') ?? '';
  const reading = services.links.readReaderToken(token, services.now());
  return findRequest(reading.state === 'valid' ? reading.token.request : '');
}

test.each<[string, Record<string, string>, string | undefined, string | undefined]>([
  ['is asked of whom it concerns', { 'q.vms': 'nvr' }, 'q.vendor', undefined],
  ['is not asked of others', { 'q.vms': 'none' }, undefined, undefined],
  ['keeps nothing that was answered in vain', { 'q.vms': 'none', 'q.vendor': 'Acme' }, undefined, undefined],
  ['keeps its answer', { 'q.vms': 'cloud', 'q.vendor': 'Acme' }, undefined, 'Acme'],
  ['waits for a valid answer', { 'q.vms': 'forged', 'q.vendor': 'Acme' }, 'q.vms', undefined],
])('a question with a condition %s', async (_name, fields, mistakeAt, kept) => {
  const answer = await post(fields);
  if (mistakeAt) {
    expect(answer.status).toBe(422);
    expect([...answer.text.matchAll(/href="#f-(q-\w+)"/g)].map(([, id]) => id)).toEqual([mistakeAt.replace('.', '-')]);
    return;
  }
  expect(answer.status).toBe(303);
  expect((await requestBehind(answer))?.answers.q['vendor']).toBe(kept);
});

test('all of it leaves and comes back by file', async () => {
  const { createdAt: _, revision: __, ...before } = (await campaigns.findCampaign(SLUG)) ?? {};
  const out = folderWith({});
  await campaigns.exportCampaign(SLUG, out);
  const { campaign } = await campaigns.importCampaign(out, { actor: 'test', dataDir: services.config.dataDir });
  const { createdAt: ___, revision, ...after } = campaign;
  expect(after).toEqual(before);
  expect(revision).toBe(2);
});

test('an address that leads to another campaign is not given away', async () => {
  const yaml = CAMPAIGN_YAML.replace('slug: locks-and-keys', 'slug: another-paper').replace('status: open\n', '');
  const take = (more: string) =>
    campaigns.importCampaign(folderWith({ 'campaign.yaml': `${yaml}${more}` }), {
      actor: 'test',
      dataDir: services.config.dataDir,
    });
  for (const taken of ['address: old-keys', 'address: locks-and-keys', 'formerAddresses: [ keys-and-doors ]']) {
    await expect(take(`${taken}\n`)).rejects.toMatchObject({ code: 'address-taken' });
  }
  await expect(
    campaigns.importCampaign(folderWith({ 'campaign.yaml': yaml.replace('another-paper', 'old-keys') }), {
      actor: 'test',
      dataDir: services.config.dataDir,
    }),
  ).rejects.toMatchObject({ code: 'address-taken' });
});

test.each([
  ['q.later', 'nvr', /form\[5\].showIf.field: has to be a question above this one: there is no q.later before it/],
  ['firstName', 'x', /has to be a question with answers to choose from, unlike firstName/],
  ['country', 'Atlantis', /country has no answer Atlantis/],
])('a condition on %s is %s: told', async (field, is, message) => {
  const yaml = CAMPAIGN_YAML.replace(
    '    required: true\n',
    `    required: true\n    showIf: { field: ${field}, is: [ ${is} ] }\n`,
  );
  await expect(
    campaigns.importCampaign(folderWith({ 'campaign.yaml': yaml }), {
      actor: 'test',
      dataDir: services.config.dataDir,
    }),
  ).rejects.toThrow(message);
});

test('a lead keeps the version of the form that it answered, whatever the form asks later', async () => {
  const first = await post({ 'q.vms': 'none', email: 'first@wisla.example' });
  const was = (await campaigns.findCampaign(SLUG))?.form;
  await importCampaign(services.config.dataDir, (yaml) => whole(yaml).replace('Whose is it?', 'Who made it?'));
  const second = await post({ 'q.vms': 'none', email: 'second@wisla.example' });
  const versions = [await requestBehind(first), await requestBehind(second)].map((one) => one?.formVersion);
  expect(versions).toEqual([was?.version, (was?.version ?? 0) + 1]);
  const kept = (await campaigns.versionsOf(SLUG)).find((one) => one.subject === 'form' && one.version === versions[0]);
  expect(kept?.content).toEqual(was?.fields);
});
