import request from 'supertest';
import * as accounts from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import * as campaigns from '../../src/campaigns/campaigns';
import { importCampaign, SLUG, testServices } from '../landing/app';
import { useStore } from '../support/store';
import { CAMPAIGN_YAML, folderWith } from './folder';

useStore();
const services = testServices();
const PAGE = `/staff/campaigns/${SLUG}`;
const PASSWORD = 'a long enough password';

type Agent = ReturnType<typeof request.agent>;

const csrfOf = (html: string): string => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

async function signedIn(role: accounts.Role): Promise<Agent> {
  const email = `${role}@doors.example`;
  await accounts.addUser({ email, name: role, role, password: PASSWORD });
  const agent = request.agent(createApp(services));
  const { text } = await agent.get('/sign-in').expect(200);
  await agent
    .post('/sign-in')
    .type('form')
    .send({ email, password: PASSWORD, _csrf: csrfOf(text) })
    .expect(303);
  return agent;
}

async function press(agent: Agent, verb: string, page = PAGE): Promise<request.Response> {
  const { text } = await agent.get(page).expect(200);
  return agent
    .post(`${page}/${verb}`)
    .type('form')
    .send({ _csrf: csrfOf(text) });
}

beforeAll(() => importCampaign(services.config.dataDir));

test('strangers are asked to sign in', async () => {
  for (const path of ['/staff/campaigns', PAGE]) {
    const { headers } = await request(createApp(services)).get(path).expect(303);
    expect(headers['location']).toMatch(/^\/sign-in/);
  }
  await request(createApp(services)).post(`${PAGE}/close`).expect(303);
  expect((await campaigns.findCampaign(SLUG))?.status).toBe('open');
});

test('a marketer sees what a campaign is made of, pauses and publishes it', async () => {
  const agent = await signedIn('marketer');
  expect((await agent.get('/staff/campaigns').expect(200)).text).toContain(`href="${PAGE}"`);
  const { text } = await agent.get(PAGE).expect(200);
  for (const shown of ['Locks and keys', 'q.units', 'ACME Cloud', '200', 'version 1']) expect(text).toContain(shown);
  expect((await press(agent, 'pause')).status).toBe(303);
  expect((await campaigns.findCampaign(SLUG))?.status).toBe('paused');
  expect((await press(agent, 'publish')).status).toBe(303);
  expect((await campaigns.findCampaign(SLUG))?.status).toBe('open');
  expect(await accounts.listAudit()).toContainEqual(
    expect.objectContaining({ actor: 'marketer@doors.example', action: 'paused campaign', subject: SLUG }),
  );
  expect((await press(agent, 'toString')).status).toBe(404);
  await agent.post(`${PAGE}/close`).type('form').send({}).expect(403);
});

test('a campaign that can’t be published says why on its page', async () => {
  const yaml = CAMPAIGN_YAML.replace('slug: locks-and-keys', 'slug: no-paper').replace('status: open', 'status: draft');
  const folder = folderWith({ 'campaign.yaml': yaml, 'whitepaper.pdf': 'not a PDF' });
  await campaigns.importCampaign(folder, { actor: 'test', dataDir: services.config.dataDir });
  const agent = await signedIn('admin');
  const answer = await press(agent, 'publish', '/staff/campaigns/no-paper');
  expect(answer.status).toBe(422);
  expect(answer.text).toMatch(/role="alert"[\s\S]*This PDF can’t be stamped|role="alert"[\s\S]*can&#39;t be stamped/);
  expect((await campaigns.findCampaign('no-paper'))?.status).toBe('draft');
});

test('an analyst looks and changes nothing', async () => {
  const agent = await signedIn('analyst');
  const { text } = await agent.get(PAGE).expect(200);
  expect(text).not.toContain(`action="${PAGE}/pause"`);
  expect((await press(agent, 'pause')).status).toBe(403);
});
