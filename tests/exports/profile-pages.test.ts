import mongoose from 'mongoose';
import type { Agent } from 'supertest';
import { listDisclosures, listProfiles } from '../../src/exports/exports';
import { ask, SLUG, sponsor } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { testServices, tokenIn } from '../web/app';
import { importDraft } from './desk';
import { appOf, browserOf } from './people';

useStore();
const services = testServices();
const app = appOf(services);
beforeEach(async () => {
  await emptyStore();
  await mongoose.connection.collection('sessions').deleteMany({});
  await importDraft();
});

const ACME = { email: 'ada@acme.example', sponsor: 'acme-cloud' };
const DOWNLOADS = `/portal/campaigns/${SLUG}/downloads`;
const FORM = {
  name: 'CRM',
  format: 'csv',
  answers: 'codes',
  dates: 'iso',
  timeZone: 'UTC',
  between: 'semicolon',
  delimiter: 'comma',
  quotes: 'needed',
  which: 'chosen',
  'place.email': '2',
  'header.email': 'E-mail',
  'place.lead_id': '1',
  'place.text.1': '3',
  'header.text.1': 'Source',
  'empty.text.1': 'Paper',
};

async function post(agent: Agent, path: string, typed: object, page = path) {
  const { text } = await agent.get(page).expect(200);
  return agent
    .post(path)
    .type('form')
    .send({ _csrf: tokenIn(text), ...typed });
}

test('a sponsor’s administrator makes a profile, takes what is new by it, and the same again', async () => {
  await ask();
  const agent = await browserOf(app(), 'sponsor-admin', ACME);
  expect((await post(agent, '/portal/profiles/new', FORM)).status).toBe(303);
  const [profile] = await listProfiles('acme-cloud');
  const taken = await post(agent, DOWNLOADS, { profile: profile?.id, range: 'new' });
  expect(taken.text).toMatch(/^lead_id,E-mail,Source\r\n[0-9A-Z-]{14},jane@acme-homes\.example,Paper\r\n$/);
  expect(taken.headers['content-disposition']).toMatch(
    /acme-cloud_CRM_new-no-1_\d{4}-\d\d-\d\d_ada-at-acme\.example\.csv/,
  );
  expect((await post(agent, DOWNLOADS, { profile: profile?.id, range: 'new' })).text).toBe('lead_id,E-mail,Source\r\n');
  const again = await post(agent, `${DOWNLOADS}/again`, { profile: profile?.id, number: '1' }, DOWNLOADS);
  expect(again.text).toBe(taken.text);
  expect((await agent.get(DOWNLOADS).expect(200)).text).toContain('no. 1 again');
  const opened = await agent.get(`/portal/profiles/${profile?.id}`).expect(200);
  expect(opened.text).toMatch(/name="header.email"[^>]*value="E-mail"/);
  await post(agent, `/portal/profiles/${profile?.id}/remove`, {}, '/portal/profiles');
  expect(await listProfiles('acme-cloud')).toEqual([]);
});

test('each preset opens as a filled-in form that can be saved as it is', async () => {
  const agent = await browserOf(app(), 'sponsor-admin', ACME);
  for (const preset of ['salesforce', 'hubspot']) {
    const { text } = await agent.get(`/portal/profiles/new?preset=${preset}`).expect(200);
    const inputs = [...text.matchAll(/<input class="input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"/g)];
    const selects = [...text.matchAll(/<select [^>]*name="(\w+)">.*?<option value="([\w-]+)" selected>/g)];
    const typed = Object.fromEntries([...inputs, ...selects].map(([, name, value]) => [name, value]));
    const saved = await agent
      .post('/portal/profiles/new')
      .type('form')
      .send({ ...typed, which: 'chosen', _csrf: tokenIn(text) });
    expect(saved.status).toBe(303);
  }
  expect((await listProfiles('acme-cloud')).map(({ name }) => name)).toEqual(['HubSpot contacts', 'Salesforce leads']);
});

test.each<[string, object, RegExp]>([
  ['no name', { name: '' }, /Enter a name/],
  ['a zone that is none', { timeZone: 'Mars/Olympus' }, /Enter a time zone such as Europe\/London/],
  ['no column', { 'place.email': '', 'place.lead_id': '', 'place.text.1': '' }, /at least one column/],
  ['a place that is none', { 'place.email': 'first' }, /place of email as a number/],
  ['two headers alike', { 'header.lead_id': 'E-mail' }, /Two columns have the header “E-mail”/],
  ['a format that is none', { format: 'pdf' }, /Choose one of the list/],
])('with %s the form comes back, and nothing typed is lost', async (_, wrong, said) => {
  const agent = await browserOf(app(), 'sponsor-admin', ACME);
  const answer = await post(agent, '/portal/profiles/new', { ...FORM, ...wrong });
  expect(answer.status).toBe(422);
  expect(answer.text).toMatch(said);
  expect(answer.text).toMatch(/name="empty.text.1"[^>]*value="Paper"/);
  expect(await listProfiles('acme-cloud')).toEqual([]);
});

test('days that are none are said so, and nothing leaves', async () => {
  const agent = await browserOf(app(), 'sponsor-member', ACME);
  for (const [from, to] of [
    ['', ''],
    ['2026-11-25', '2026-11-24'],
    ['2026-02-31', '2026-03-01'],
    ['x', '2026-03-01'],
  ]) {
    const answer = await post(agent, DOWNLOADS, { profile: 'standard.csv', range: 'days', from, to });
    expect([answer.status, answer.text.includes('Enter two days')]).toEqual([422, true]);
  }
  expect(await listDisclosures(SLUG)).toEqual([]);
});

test('members take leads and change no profile; forms need the token of their session', async () => {
  const member = await browserOf(app(), 'sponsor-member', ACME);
  const admin = await browserOf(app(), 'sponsor-admin', { ...ACME, email: 'ann@acme.example' });
  await post(admin, '/portal/profiles/new', FORM);
  const [profile] = await listProfiles('acme-cloud');
  const csrf = tokenIn((await member.get(DOWNLOADS)).text);
  for (const path of ['new', profile?.id, `${profile?.id}/remove`])
    await member
      .post(`/portal/profiles/${path}`)
      .type('form')
      .send({ ...FORM, _csrf: csrf })
      .expect(403);
  for (const path of [DOWNLOADS, `${DOWNLOADS}/again`, '/portal/profiles/new'])
    await admin
      .post(path)
      .type('form')
      .send({ ...FORM, profile: 'standard.csv' })
      .expect(403);
  expect((await listProfiles('acme-cloud')).map(({ name }) => name)).toEqual(['CRM']);
  expect(await listDisclosures(SLUG)).toEqual([]);
});

test('the publisher has profiles of its own; analysts look on', async () => {
  await ask();
  await sponsor('northgate');
  const marketer = await browserOf(app(), 'marketer');
  await post(marketer, '/staff/handover/profiles/new', { ...FORM, 'place.status': '4' });
  const [profile] = await listProfiles(undefined);
  const { text } = await post(marketer, `/staff/exports/${SLUG}`, { profile: profile?.id, range: 'new' });
  expect(text).toContain('jane@acme-homes.example,Paper,active');
  const analyst = await browserOf(app(), 'analyst');
  const csrf = tokenIn((await analyst.get(`/staff/exports/${SLUG}`).expect(200)).text);
  await analyst.post(`/staff/exports/${SLUG}`).type('form').send({ _csrf: csrf, profile: 'standard.csv' }).expect(403);
  await analyst
    .post('/staff/handover/profiles/new')
    .type('form')
    .send({ _csrf: csrf, ...FORM })
    .expect(403);
  const agent = await browserOf(app(), 'sponsor-admin', ACME);
  await agent.get('/staff/handover/profiles').expect(403);
  await agent.get(`/portal/profiles/${profile?.id}`).expect(404);
});

test('the publisher’s newsletter is a preset of the staff site, with the consent chosen and its proof in columns', async () => {
  const marketer = await browserOf(app(), 'marketer');
  const NEW = '/staff/handover/profiles/new';
  expect((await marketer.get('/staff/handover/profiles')).text).toContain('Publisher’s newsletter');
  const { text } = await marketer.get(`${NEW}?preset=newsletter`).expect(200);
  expect(text).toMatch(/<option value="publisher" selected>Only who agreed to publisher: “/);
  expect(text).toContain('value="consent_version"');
  expect((await post(marketer, NEW, { ...FORM, name: 'News', consent: 'publisher' })).status).toBe(303);
  expect(await listProfiles(undefined)).toMatchObject([{ name: 'News', consent: 'publisher' }]);
  const wrong = await post(marketer, NEW, { ...FORM, name: 'Other', consent: 'acme-cloud' });
  expect([wrong.status, wrong.text.includes('Choose one of the list')]).toEqual([422, true]);

  const agent = await browserOf(app(), 'sponsor-admin', ACME);
  expect((await agent.get('/portal/profiles')).text).not.toContain('newsletter');
  expect((await agent.get('/portal/profiles/new?preset=newsletter').expect(200)).text).not.toContain('Only who agreed');
  expect((await post(agent, '/portal/profiles/new', { ...FORM, consent: 'publisher' })).status).toBe(422);
});
