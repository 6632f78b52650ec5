import * as accounts from '../../src/accounts/accounts';
import * as campaigns from '../../src/campaigns/campaigns';
import { contractsOfCampaign } from '../../src/sponsors/sponsors';
import { appOf, browserOf } from '../exports/people';
import { importCampaign, SLUG, testServices } from '../landing/app';
import { useStore } from '../support/store';

useStore();
const services = testServices();
const { dataDir } = services.config;
const app = appOf(services);
const PAGE = `/staff/campaigns/${SLUG}`;
const csrfOf = (html: string): string => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
const status = async () => (await campaigns.findCampaign(SLUG))?.status;
const unnamed = (yaml: string) => yaml.replace('ACME Cloud may contact me.', 'Our partners may contact me.');

beforeEach(() => importCampaign(dataDir));

test('each step is one that its status leaves, and each is in the audit log', async () => {
  await expect(campaigns.archive(SLUG, 'ada')).rejects.toMatchObject({ code: 'campaign-status' });
  await campaigns.close(SLUG, 'ada');
  await campaigns.archive(SLUG, 'ada');
  expect(await campaigns.findCampaign(SLUG)).toMatchObject({ status: 'closed', archived: true });
  await campaigns.unarchive(SLUG, 'ada');
  await campaigns.reopen(SLUG, 'ada', dataDir);
  expect(await campaigns.findCampaign(SLUG)).toMatchObject({ status: 'open', archived: false });
  await expect(campaigns.reopen(SLUG, 'ada', dataDir)).rejects.toMatchObject({ code: 'campaign-status' });
  const entries = (await accounts.listAudit()).filter(({ actor }) => actor === 'ada');
  const done = entries.map(({ action }) => action);
  for (const did of ['closed', 'archived', 'unarchived', 'reopened']) expect(done).toContain(`${did} campaign`);
  const of = (did: string) => entries.find(({ action }) => action === `${did} campaign`);
  expect(of('closed')).toMatchObject({ before: { status: 'open' }, after: { status: 'closed' } });
  expect(of('archived')).toMatchObject({ before: { archived: false }, after: { archived: true } });
});

test('who publishes a campaign that names no sponsor is told what is missing, on the page and by the door', async () => {
  await campaigns.pause(SLUG, 'ada');
  await importCampaign(dataDir, (yaml) => unnamed(yaml).replace('status: open\n', ''));
  await expect(campaigns.publish(SLUG, 'ada', dataDir)).rejects.toMatchObject({ code: 'not-ready' });
  expect(await status()).toBe('paused');
  const agent = await browserOf(app(), 'marketer');
  const { text } = await agent.get(PAGE).expect(200);
  expect(text).toContain('Not ready to publish yet');
  expect(text).toContain(`href="${PAGE}/edit#consents" aria-label="Mend it: ACME Cloud is named in its own consent"`);
  expect(text).not.toContain(`action="${PAGE}/publish"`);
  const refused = await agent
    .post(`${PAGE}/publish`)
    .type('form')
    .send({ _csrf: csrfOf(text) });
  expect(refused.status).toBe(422);
  expect(refused.text).toContain('The words of its consent don’t name ACME Cloud.');
});

test('a duplicate is a draft with everything but dates and leads, at an address of its own', async () => {
  const agent = await browserOf(app(), 'admin');
  const { text } = await agent.get(PAGE).expect(200);
  const answer = await agent
    .post(`${PAGE}/duplicate`)
    .type('form')
    .send({ _csrf: csrfOf(text) })
    .expect(303);
  expect(answer.headers['location']).toBe(`${PAGE}-copy/edit`);
  const [original, copy] = await Promise.all([campaigns.findCampaign(SLUG), campaigns.findCampaign(`${SLUG}-copy`)]);
  expect(copy).toMatchObject({ status: 'draft', title: 'Copy of Locks and keys', cover: original?.cover });
  expect([copy?.upload, copy?.article, copy?.mail, copy?.form]).toEqual([
    original?.upload,
    original?.article,
    original?.mail,
    original?.form,
  ]);
  expect([copy?.opens, copy?.closes]).toEqual([undefined, undefined]);
  expect(await contractsOfCampaign(`${SLUG}-copy`)).toMatchObject([{ cap: 200, perCompanyDomain: 4 }]);
  expect((await campaigns.duplicate(SLUG, 'ada', dataDir)).slug).toBe(`${SLUG}-copy-2`);
});

test('what is archived is out of the list, and found in its own', async () => {
  await campaigns.close(SLUG, 'ada');
  await campaigns.archive(SLUG, 'ada');
  const agent = await browserOf(app(), 'analyst');
  expect((await agent.get('/staff/campaigns')).text).not.toContain(`href="${PAGE}"`);
  expect((await agent.get('/staff/campaigns?archived')).text).toContain(`href="${PAGE}"`);
  await agent.post(`${PAGE}/duplicate`).type('form').send({}).expect(403);
  await agent.post(`${PAGE}/unarchive`).type('form').send({}).expect(403);
});
