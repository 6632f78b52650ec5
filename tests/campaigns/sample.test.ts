import request from 'supertest';
import { createApp } from '../../src/app';
import * as campaigns from '../../src/campaigns/campaigns';
import { countLeads } from '../../src/leads/leads';
import { pagePicture, trace } from '../../src/stamping/stamping';
import { browserOf } from '../exports/people';
import { importCampaign, SLUG, testServices } from '../landing/app';
import { pageTexts } from '../support/pdf-text';
import { useStore } from '../support/store';

useStore();
const services = testServices();
const SAMPLE = `/staff/campaigns/${SLUG}/sample.pdf`;
const PICTURE = `/staff/campaigns/${SLUG}/sample.webp`;
const TRIAL = '/staff/sample.webp';
const app = () => createApp(services);
beforeAll(() => importCampaign(services.config.dataDir));

test('any name, on every page, by the code that serves readers; nothing is counted', async () => {
  const agent = await browserOf(app(), 'analyst');
  const name = 'Nguyễn Thị Ánh';
  const { body, headers } = await agent.get(SAMPLE).query({ name, company: '<b>' }).buffer(true).expect(200);
  expect(headers['content-type']).toBe('application/pdf');
  expect(headers['cache-control']).toBe('no-store');
  const pages = await pageTexts(body);
  expect(pages.length).toBeGreaterThan(1);
  for (const text of pages) expect(text).toContain(name);
  expect((await trace(body))?.ref).toBe('0000-0000-0000');
  expect(await countLeads({})).toBe(0);
  for (const odd of ['x'.repeat(5000), '\u202eevil', '\0', ')(\\<>&"']) {
    await agent.get(SAMPLE).query({ name: odd, email: odd }).buffer(true).expect(200);
  }
  expect((await agent.get(`/staff/campaigns/${SLUG}`).expect(200)).text).toContain(`action="${SAMPLE}"`);
});

const picture = async (agent: Awaited<ReturnType<typeof browserOf>>, path: string, query: object) => {
  const { body, headers } = await agent.get(path).query(query).buffer(true).expect(200);
  expect(headers).toMatchObject({ 'content-type': 'image/webp', 'cache-control': 'no-store' });
  return body as Buffer;
};
/** What a draft's stamp would be, in the editor's words. */
const trial = async (more: object) => {
  const upload = (await campaigns.findCampaign(SLUG))?.upload?.file;
  return { upload, preset: 'footer', template: 'For {{name}} · {{email}}', ...more };
};

test('any page as a picture of that very copy, and the page that shows it says so', async () => {
  const agent = await browserOf(app(), 'analyst', { email: 'pictures@doors.example' });
  const who = { name: 'Δημήτρης', email: 'd@example.org', company: '' };
  const { body: copy } = await agent.get(SAMPLE).query(who).buffer(true).expect(200);
  const drawn = await picture(agent, PICTURE, { ...who, page: 2 });
  expect(drawn.equals((await pagePicture(copy, 2, 1000)).bytes)).toBe(true);
  const last = (await pageTexts(copy)).length;
  expect(
    (await picture(agent, PICTURE, { ...who, page: 99 })).equals((await pagePicture(copy, last, 1000)).bytes),
  ).toBe(true);
  const { text } = await agent
    .get(`/staff/campaigns/${SLUG}`)
    .query({ ...who, page: 2 })
    .expect(200);
  expect(text).toContain(`alt="Page 2 of the copy of ${who.name}"`);
  const [, shown = ''] = /<img class="sample__page" src="([^"]+)"/.exec(text) ?? [];
  expect(drawn.equals(await picture(agent, shown.replaceAll('&amp;', '&'), {}))).toBe(true);
});

test('a stamp that is only typed is shown, too, and what is wrong with it is said', async () => {
  const agent = await browserOf(app(), 'marketer', { email: 'trials@doors.example' });
  const [one, other] = [
    await picture(agent, TRIAL, await trial({})),
    await picture(agent, TRIAL, await trial({ colour: '#ff0000' })),
  ];
  expect(one.equals(other)).toBe(false);
  expect(one.equals(await picture(agent, TRIAL, await trial({})))).toBe(true);
  await agent
    .get(TRIAL)
    .query(await trial({ margin: '900' }))
    .expect(422);
  await agent
    .get(TRIAL)
    .query(await trial({ template: 'For everybody' }))
    .expect(422);
  await agent
    .get(TRIAL)
    .query(await trial({ upload: '0'.repeat(64) }))
    .expect(404);
  await agent
    .get(TRIAL)
    .query(await trial({ upload: '../x' }))
    .expect(422);
  const form = await agent.get(`/staff/campaigns/${SLUG}/edit`).expect(200);
  expect(form.text).toMatch(/<img class="sample__page" src="\/staff\/sample\.webp\?upload=[0-9a-f]{64}&amp;title=/);
  const [, _csrf = ''] = /name="_csrf" value="([^"]+)"/.exec(form.text) ?? [];
  const { upload = '' } = await trial({});
  const typed = { _csrf, do: 'look', upload, 'stamp.preset': 'footer', 'stamp.template': '{{name}} {{email}}' };
  const look = (more: object) => agent.post(`/staff/campaigns/${SLUG}/edit`).field({ ...typed, ...more });
  const seen = await look({ 'sample.name': 'Ana & Bo', 'sample.page': '2' }).expect(200);
  expect(seen.text).toContain('alt="Page 2 of the copy of Ana &amp; Bo"');
  expect((await look({ 'stamp.size': '40' }).expect(200)).text).toContain(
    'Size: takes 4 to 12 points with the preset footer.',
  );
  const analyst = await browserOf(app(), 'analyst', { email: 'no-trials@doors.example' });
  await analyst
    .get(TRIAL)
    .query(await trial({}))
    .expect(403);
});

test('a paused campaign and one without a PDF', async () => {
  const agent = await browserOf(app(), 'marketer');
  await campaigns.pause(SLUG, 'test');
  await agent.get(SAMPLE).expect(200);
  await agent.get('/staff/campaigns/none/sample.pdf').expect(404);
});

test('readers and sponsors have no business here', async () => {
  for (const path of [SAMPLE, PICTURE, TRIAL]) await request(app()).get(path).expect(303);
  const sponsor = await browserOf(app(), 'sponsor-admin', { email: 's@acme.example', sponsor: 'acme-cloud' });
  for (const path of [SAMPLE, PICTURE, TRIAL]) await sponsor.get(path).expect(403);
});
