import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import mongoose from 'mongoose';
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

const agents = new Map<accounts.Role, Promise<Agent>>();

function signedIn(role: accounts.Role): Promise<Agent> {
  const agent = agents.get(role) ?? signIn(role);
  agents.set(role, agent);
  return agent;
}

async function signIn(role: accounts.Role): Promise<Agent> {
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

test('links to other sites are looked at by the button and before publishing, and one that is gone keeps a campaign closed', async () => {
  const gone = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/survey`;
  const rows = mongoose.connection.collection<{ _id: string }>('campaigns');
  await rows.updateOne({ _id: SLUG }, { $set: { body: `Take [the survey](${url}).` } });
  services.config = { ...services.config, limits: { ...services.config.limits, webhookPrivate: ['127.0.0.1'] } };
  const agent = await signedIn('admin');
  expect((await agent.get(PAGE)).text).toContain(`${url}: not looked at yet`);
  expect((await press(agent, 'links')).status).toBe(303);
  expect((await agent.get(PAGE)).text).toContain(`${url}: it answers 404.`);
  await campaigns.pause(SLUG, 'ada');
  const refused = await press(agent, 'publish');
  expect([refused.status, (await campaigns.findCampaign(SLUG))?.status]).toEqual([422, 'paused']);
  gone.removeAllListeners('request').on('request', (_request, response) => response.end('here again'));
  expect((await press(agent, 'publish')).status).toBe(303);
  expect((await campaigns.findCampaign(SLUG))?.status).toBe('open');
  gone.close();
  expect((await press(agent, 'links', '/staff/campaigns')).status).toBe(404);
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
  expect((await press(agent, 'links')).status).toBe(403);
});
