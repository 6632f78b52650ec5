import mongoose from 'mongoose';
import type { Agent } from 'supertest';
import request from 'supertest';
import * as deliveries from '../../src/deliveries/deliveries';
import * as exports_ from '../../src/exports/exports';
import * as leads from '../../src/leads/leads';
import * as ledger from '../../src/ledger/ledger';
import { listOutbox, readOutboxMessage } from '../../src/mail/mail';
import { startWorker } from '../../src/worker';
import { appOf, browserOf } from '../exports/people';
import { eventually } from '../support/server';
import { useStore } from '../support/store';
import { importCampaign, SLUG, testServices } from './app';

jest.setTimeout(60_000);
useStore();
const services = testServices();
const app = appOf(services);
const SECRET = 'only-a-test@staff.example';
const READER = 'real-reader@acme-homes.example';
/** Where a test shows, with a mark: what was sent, and its own page. */
const ITS_OWN = /^\/staff\/(outbox|deliveries|people|audit|leads\/[0-9A-Z-]{14})/;

let marketer: Agent;
let sponsor: Agent;
const csrfOf = (html: string): string => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

beforeAll(async () => {
  await importCampaign(services.config.dataDir);
  marketer = await browserOf(app(), 'admin');
  sponsor = await browserOf(app(), 'sponsor-admin', { sponsor: 'acme-cloud' });
});

async function send(path: string, fields: Record<string, string>): Promise<request.Response> {
  const { text } = await marketer.get(`/staff/campaigns/${SLUG}/preview`).expect(200);
  return marketer
    .post(`/staff/campaigns/${SLUG}/${path}`)
    .type('form')
    .send({ ...fields, _csrf: csrfOf(text) });
}

/** Sends a form to its end as a reader does, and returns when everything that is owed for both was done. */
async function aReaderAndATest(): Promise<{ test: string; thanks: string }> {
  const page = await request(app()).get(`/w/${SLUG}`);
  const token = /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  services.clock.now = new Date(services.clock.now.getTime() + 5000);
  const form = { firstName: 'Rea', country: 'GB', 'q.units': 'gt1000', 'consent.acme-cloud': 'yes', token };
  await request(app())
    .post(`/w/${SLUG}`)
    .type('form')
    .send({ ...form, email: READER })
    .expect(303);
  const { headers } = await send('test', { email: SECRET, firstName: 'Tess', lastName: 'Ting' });
  const worker = startWorker(services);
  const done = async () => {
    const all = await deliveries.pageOfDeliveries({ state: 'sent' }, { limit: 9 });
    const waiting = await leads.unsettled(SLUG, 1);
    return all.length === 2 && waiting.length === 0 && all;
  };
  const sent = await eventually('both deliveries', done).finally(() => worker.stop());
  return { test: sent.find(({ to }) => to === SECRET)?.request ?? '', thanks: String(headers['location']) };
}

/** Every page and file that links lead to from `start`, by address. */
async function walk(agent: Agent, start: string): Promise<Map<string, string>> {
  const seen = new Map<string, string>();
  for (const queue = [start]; queue.length > 0; ) {
    const path = queue.pop() ?? start;
    if (seen.has(path) || /sign-out|sample\.pdf|\.xlsx/.test(path)) continue;
    const { text = '', body } = await agent.get(path);
    seen.set(path, text || String(body));
    const links = [...(text ?? '').matchAll(/href="((?:\/(?:staff|portal)|\?)[^"#]*)"/g)];
    for (const [, href = ''] of links) {
      const url = new URL(href.replaceAll('&amp;', '&'), `http://x${path}`);
      queue.push(url.pathname + url.search);
    }
  }
  return seen;
}

test('a test goes the whole way, and no figure, export, ledger, list or sponsor ever sees it', async () => {
  const { test, thanks } = await aReaderAndATest();

  const thanked = await request(app()).get(thanks).expect(200);
  expect(thanked.text).toContain(SECRET);
  const link = /href="(\/d\/[^"]+)"/.exec(thanked.text)?.[1] ?? '';
  await request(app()).get(link).expect(200).expect('Content-Type', /pdf/);

  expect(await leads.countLeads({})).toBe(1);
  expect(await leads.listLeads({}, { limit: 9 })).toMatchObject([{ email: READER }]);
  expect(await ledger.settlementsOf(test)).toEqual([]);
  expect(await ledger.summary(SLUG, 'acme-cloud')).toMatchObject({ billable: 1, rejected: 0 });
  expect(await deliveries.deliveriesSummary()).toEqual({ sent: 1 });

  const pages = [...(await walk(marketer, '/staff')), ...(await walk(sponsor, '/portal'))];
  const showing = (what: string) => pages.filter(([, text]) => text.includes(what)).map(([path]) => path);
  for (const trace of [SECRET, test, 'Tess']) {
    expect(showing(trace).filter((path) => !ITS_OWN.test(path))).toEqual([]);
  }
  // The walk sees what it has to: the reader is where readers are.
  expect(showing(READER)).toEqual(expect.arrayContaining([`/staff/exports/${SLUG}/leads.csv`, '/staff/leads']));
  expect(showing(READER).some((path) => path.startsWith('/portal'))).toBe(true);

  for (const who of [{}, { sponsor: 'acme-cloud' }]) {
    const { stream } = await exports_.run({ campaign: SLUG, format: 'ndjson', actor: 'test', ...who });
    const text = (await stream.toArray()).join('');
    expect([text.includes(READER), text.includes(SECRET)]).toEqual([true, false]);
  }
});

test('its button proves nothing to the ledger, a correction is a test again, and a real form is a real lead', async () => {
  const ref = (await send('test', { email: READER })).headers['location']?.split('t=')[1] ?? '';
  const reading = services.links.readReaderToken(decodeURIComponent(ref), services.now());
  if (reading.state !== 'valid') throw new Error(reading.state);
  const { request: first } = reading.token;
  await request(app())
    .post(`/v/${services.links.readerToken(first, 'mail', services.now())}`)
    .expect(200);
  expect(await leads.findLead(first)).toMatchObject({ test: true, verifiedAt: services.now() });
  await ledger.settle(first, services.now());
  expect(await ledger.settlementsOf(first)).toEqual([]);
  const corrected = await leads.correct(first, 'other@staff.example', 'business', services.now());
  expect(await leads.findLead(corrected.lead)).toMatchObject({ test: true, email: 'other@staff.example' });
  // The reader of the test above is as they were: a test with their address is none of their requests.
  expect(await leads.countLeads({})).toBe(1);
  const [reader] = await leads.listLeads({}, { limit: 1 });
  expect(await leads.requestsOf(reader?.id ?? '')).toHaveLength(1);
});

test('a form that readers could not send can’t be sent as a test, and comes back as theirs would', async () => {
  const answer = await send('preview', { email: 'nobody', firstName: 'Ada' });
  expect(answer.status).toBe(422);
  expect(answer.text).toContain('Enter an e-mail address in the correct format');
  expect(answer.text).toContain('value="Ada"');
});

test('a message is shown light and dark, whatever the browser’s own look is', async () => {
  const page = await marketer.get(`/staff/campaigns/${SLUG}/mail/copy`).expect(200);
  for (const [look, media] of [
    ['light', 'not all'],
    ['dark', 'all'],
  ]) {
    expect(page.text).toContain(`/mail/copy/html?look=${look}"`);
    const { text } = await marketer.get(`/staff/campaigns/${SLUG}/mail/copy/html?look=${look}`).expect(200);
    expect([text.includes(`@media ${media} {`), text.includes('prefers-color-scheme')]).toEqual([true, false]);
    expect(text).toContain(`<meta name="color-scheme" content="${look}">`);
  }
});

test('the promo box is shown to staff before anybody else sees it, in its article or alone', async () => {
  const rows = mongoose.connection.collection<{ _id: string }>('campaigns');
  await rows.updateOne({ _id: SLUG }, { $set: { status: 'draft' } });
  const preview = async () => (await marketer.get(`/staff/campaigns/${SLUG}/promo`).expect(200)).text;
  const inArticle = await preview();
  expect(inArticle).toContain('class="promo stack"');
  expect(inArticle).toContain(`href="/staff/campaigns/${SLUG}/preview">Get the whitepaper`);
  expect(inArticle).toContain('Preview: the article');
  await rows.updateOne({ _id: SLUG }, { $unset: { article: '' } });
  const alone = await preview();
  expect(alone).toContain('class="promo stack"');
  expect(alone).toContain('This campaign has no article yet');
  await request(app()).get(`/staff/campaigns/${SLUG}/promo`).expect(303);
  await marketer.get('/staff/campaigns/none/promo').expect(404);
});

test('what staff see of a message is what the test brings, but for the reference and what is signed', async () => {
  const page = await marketer.get(`/staff/campaigns/${SLUG}/mail/copy`).expect(200);
  const [, email = ''] = /&lt;([^&]+@[^&]+)&gt;/.exec(page.text) ?? [];
  const shown = await marketer.get(`/staff/campaigns/${SLUG}/mail/copy/html`).expect(200);
  const { headers } = await send('test', { email });
  const [, t = ''] = /[?]t=(.+)$/.exec(String(headers['location'])) ?? [];
  const reading = services.links.readReaderToken(t, services.now());
  const payload = { request: reading.state === 'valid' ? reading.token.request : '' };
  expect(await deliveries.deliver({ payload, attempts: 0 }, services)).toEqual({ state: 'done' });
  const { dataDir } = services.config;
  const [file] = (await listOutbox(dataDir)).filter(({ to }) => to.includes(email));
  const got = await readOutboxMessage(dataDir, file?.name ?? '');
  const plain = (text = '') =>
    text
      .replace(/\r\n/g, '\n')
      .replaceAll(payload.request, '0000-0000-0000')
      .replace(/\/(d|v|me)\/[\w.-]+/g, '/$1/signed')
      .trim();
  expect(plain(shown.text.replace('<base target="_blank">', ''))).toBe(plain(got?.html));
  expect(plain(got?.text)).toContain('/me/signed');
  expect(page.text).toContain(got?.attachments[0]?.fileName ?? 'an attachment');
  // What it shows opens nothing.
  await request(app())
    .get(/\/d\/[\w.-]+/.exec(shown.text)?.[0] ?? '')
    .expect(404);
  expect((await marketer.get(`/staff/campaigns/${SLUG}/mail/confirmation`).expect(200)).text).toContain('Confirm your');
  for (const path of ['0', 'else', 'copy/else'])
    await marketer.get(`/staff/campaigns/${SLUG}/mail/${path}`).expect(404);
  for (const path of ['copy', 'copy/html']) {
    await sponsor.get(`/staff/campaigns/${SLUG}/mail/${path}`).expect(403);
    await request(app()).get(`/staff/campaigns/${SLUG}/mail/${path}`).expect(303);
  }
});

test('only admins and marketers send tests', async () => {
  const analyst = await browserOf(app(), 'analyst');
  for (const path of ['test', 'preview']) {
    await analyst.post(`/staff/campaigns/${SLUG}/${path}`).type('form').send({}).expect(403);
    await sponsor.post(`/staff/campaigns/${SLUG}/${path}`).type('form').send({}).expect(403);
    await request(app()).post(`/staff/campaigns/${SLUG}/${path}`).type('form').send({}).expect(303);
    await marketer.post(`/staff/campaigns/${SLUG}/${path}`).type('form').send({ email: SECRET }).expect(403);
  }
});
