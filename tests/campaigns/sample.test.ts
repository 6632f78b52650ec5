import request from 'supertest';
import { createApp } from '../../src/app';
import * as campaigns from '../../src/campaigns/campaigns';
import { countLeads } from '../../src/leads/leads';
import { trace } from '../../src/stamping/stamping';
import { browserOf } from '../exports/people';
import { importCampaign, SLUG, testServices } from '../landing/app';
import { pageTexts } from '../support/pdf-text';
import { useStore } from '../support/store';

useStore();
const services = testServices();
const SAMPLE = `/staff/campaigns/${SLUG}/sample.pdf`;
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

test('a paused campaign and one without a PDF', async () => {
  const agent = await browserOf(app(), 'marketer');
  await campaigns.pause(SLUG, 'test');
  await agent.get(SAMPLE).expect(200);
  await agent.get('/staff/campaigns/none/sample.pdf').expect(404);
});

test('readers and sponsors have no business here', async () => {
  await request(app()).get(SAMPLE).expect(303);
  const sponsor = await browserOf(app(), 'sponsor-admin', { email: 's@acme.example', sponsor: 'acme-cloud' });
  await sponsor.get(SAMPLE).expect(403);
});
