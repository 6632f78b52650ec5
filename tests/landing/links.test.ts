import { text } from 'node:stream/consumers';
import type { Express } from 'express';
import request from 'supertest';
import { listAudit } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import { CampaignModel } from '../../src/campaigns/campaign.model';
import {
  deliver,
  fetchesOf,
  followUp,
  listDeliveries,
  pageOfSuppressions,
  sendAgain,
} from '../../src/deliveries/deliveries';
import { run } from '../../src/exports/exports';
import { JobModel } from '../../src/jobs/job.model';
import * as jobs from '../../src/jobs/jobs';
import { findLead, findRequest, type LeadRequest, prove } from '../../src/leads/leads';
import { settle } from '../../src/ledger/ledger';
import { person, signIn } from '../accounts/browser';
import { ask, useDesk } from '../deliveries/desk';
import { tokenIn } from '../web/app';
import { SLUG } from './app';

const { services, sink, deps, work } = useDesk();
let app: Express;
beforeAll(() => {
  app = createApp(services);
});

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const later = (ms: number) => {
  services.clock.now = new Date(services.clock.now.getTime() + ms);
};
const HOUR = 3_600_000;
const open = (path: string, userAgent = BROWSER) => request(app).get(path).set('User-Agent', userAgent);
/** Paths of every link in the last mail, from its text and its HTML. */
function linksIn(mail = sink().received.at(-1)?.mail): string[] {
  const all = `${mail?.text} ${mail?.html}`.match(/https?:\/\/[^\s"<>]+/g) ?? [];
  return [...new Set(all.map((link) => new URL(link).pathname))];
}
const linkTo = (what: 'd' | 'v' | 'u') => linksIn().find((path) => path.startsWith(`/${what}/`)) ?? '';
/** Does what the worker would do for whoever asked again. */
async function sendWhatIsAsked(): Promise<void> {
  for (const { key, payload } of await JobModel.find({ kind: 'again' }).lean()) {
    expect(await sendAgain({ key, payload }, services)).toEqual({ state: 'done' });
  }
  for (const { payload, state } of await JobModel.find({ kind: 'deliver' }).lean()) {
    if (state === 'due') await deliver({ payload, attempts: 0 }, deps());
  }
  await JobModel.updateMany({}, { $set: { state: 'done' } });
}

const consent = (given: boolean): LeadRequest['consents'][number] => ({
  key: 'publisher',
  version: 1,
  text: 'Send me news.',
  given,
  how: 'checkbox',
  page: '/w/x',
  at: services.now(),
});

test('a scanner opens every link of both mails: nothing is proved, taken back or counted, and all still works', async () => {
  const followUps = [{ afterDays: 2, subject: 'More', body: 'Dear {{name}}, more.', consent: 'publisher' }];
  await CampaignModel.updateOne({ _id: SLUG }, { $set: { 'mail.followUps': followUps } });
  const { ref, lead } = await ask(services, {}, { consents: [consent(true)] });
  await work(ref);
  const links = linksIn();
  later(2 * 24 * HOUR);
  await followUp({ payload: { lead, index: 0 }, attempts: 0 }, deps());
  links.push(...linksIn());
  expect(['d', 'v', 'u', 'me', 'privacy'].filter((one) => !links.some((link) => link.startsWith(`/${one}`)))).toEqual(
    [],
  );
  for (const path of links) {
    for (const userAgent of ['Mozilla/5.0 (compatible; Barracuda Sentinel bot)', '', BROWSER]) {
      const got = await open(path, userAgent).expect(200);
      expect(got.headers['set-cookie']).toBeUndefined();
    }
    await request(app).head(path).expect(200);
  }
  const after = await findLead(lead);
  expect([after?.verifiedAt, after?.current.consents.map(({ given }) => given)]).toEqual([undefined, [true]]);
  expect(await pageOfSuppressions({}, { limit: 9 })).toEqual([]);
  expect((await listDeliveries(lead)).map(({ state }) => state)).toEqual(['sent', 'sent']);
  // A mail went this moment: nobody has read it yet, whatever opens its links calls itself.
  expect(await fetchesOf(ref)).toEqual({ page: 0, mail: 0 });
  await request(app)
    .post(links.find((path) => path.startsWith('/v/')) ?? '')
    .expect(200);
  await request(app).post(linkTo('u')).type('form').send({ 'List-Unsubscribe': 'One-Click' }).expect(200);
  expect((await findRequest(ref))?.provedAt).toEqual(services.now());
  expect((await findLead(lead))?.current.consents.map(({ given }) => given)).toEqual([false]);
});

test('what is opened within seconds of its mail, or ahead of its reader, is in no count; later it is', async () => {
  const { ref } = await ask(services);
  await work(ref);
  await open(linkTo('d')).expect(200);
  later(6000);
  await open(linkTo('d')).set('Sec-Purpose', 'prefetch;prerender').expect(200);
  expect(await fetchesOf(ref)).toEqual({ page: 0, mail: 0 });
  await open(linkTo('d')).expect(200);
  expect(await fetchesOf(ref)).toEqual({ page: 0, mail: 1 });
});

describe('links that staff take back', () => {
  test('say so, wherever they stand; the new ones work; both are written down; others may not', async () => {
    const { ref, lead } = await ask(services);
    await work(ref);
    const [old, proof] = [linkTo('d'), linkTo('v')];
    const page = `/w/${SLUG}/thanks?t=${services.links.readerToken(ref, 'page', services.now())}`;
    const staff = request.agent(app);
    await signIn(staff, await person('marketer'));
    const [delivery] = await listDeliveries(lead);
    const show = `/staff/deliveries/${delivery?.id}`;
    const csrf = tokenIn((await staff.get(show)).text);
    await open(page).expect(200);
    for (const what of ['revoke', 'reissue']) {
      await request(app)
        .post(`${show}/${what}`)
        .expect(303)
        .expect('location', /sign-in/);
      await staff.post(`${show}/${what}`).type('form').send({}).expect(403);
    }
    await open(old).expect(200);
    await staff.post(`${show}/reissue`).type('form').send({ _csrf: csrf }).expect(303);
    for (const path of [old, proof, page]) {
      const { text: html } = await open(path).expect(410);
      expect(html).toContain('This link was taken back.');
      expect(html).toContain('Send a new link');
      expect(html).not.toContain('ada@acme.example');
    }
    await request(app).head(old).expect(410);
    await request(app).post(proof).expect(410);
    await sendWhatIsAsked();
    expect(sink().received).toHaveLength(2);
    await open(linkTo('d')).expect(200);
    await open(linkTo('v')).expect(200);
    expect((await staff.get(show)).text).toContain('Taken back');
    expect((await listAudit(9)).map(({ action }) => action)).toContain('gave out new links');
    const analyst = request.agent(app);
    await signIn(analyst, await person('analyst'));
    await analyst.post(`${show}/revoke`).type('form').send({ _csrf: csrf }).expect(403);
  });
});

describe('the reader’s own page', () => {
  const own = async (more: Parameters<typeof ask>[2] = {}) => {
    const asked = await ask(services, { country: 'GB', phone: '+44 20 7946 0018', q: { units: 'lt1000' } }, more);
    await work(asked.ref);
    const path = linksIn().find((link) => link.startsWith('/me/')) ?? '';
    return { ...asked, path };
  };
  const post = (path: string, body: object) => request(app).post(path).type('form').send(body);
  const sponsors = { ...consent(true), key: 'acme-cloud', sponsor: 'acme-cloud', text: 'ACME may write.' };

  test('shows what is held, what was agreed to, and which sponsors received it; for links from the mailbox alone', async () => {
    const { lead, path, ref } = await own({
      consents: [sponsors],
      client: { ip: '192.0.2.9', userAgent: '<Firefox>' },
      attribution: { utmSource: 'news' },
    });
    expect((await open(path).expect(200)).text).toContain('Nobody outside');
    await settle(lead, services.now());
    const taken = { campaign: SLUG, sponsor: 'acme-cloud', format: 'csv', actor: 'cara@acme.example' } as const;
    const { stream } = await run(taken);
    await text(stream);
    const page = await open(path)
      .expect(200)
      .expect('cache-control', 'no-store')
      .expect('referrer-policy', 'no-referrer');
    for (const held of [
      'ada@acme.example',
      'Harrow',
      'United Kingdom',
      'ACME may write.',
      '192.0.2.9',
      '&lt;Firefox&gt;',
      'news',
      ref,
    ]) {
      expect(page.text).toContain(held);
    }
    expect(page.text).not.toContain('Nobody outside');
    expect(page.text).not.toContain('cara@');
    const byPage = services.links.readerToken(ref, 'page', services.now());
    await open(`/me/${byPage}`).expect(404);
    await post(`/me/${byPage}/withdraw`, { consent: 'acme-cloud' }).expect(404);
    await open('/me/forged.token').expect(404);
    const other = await ask(services, { email: 'bob@acme.example', lastName: 'Bobson' });
    const theirs = services.links.readerToken(other.ref, 'mail', services.now());
    expect((await open(`/me/${theirs}`).expect(200)).text).not.toContain('Harrow');
  });

  test('a consent is taken back: sponsors and follow-ups stop, the evidence stays', async () => {
    const { lead, path, ref } = await own({ consents: [sponsors, consent(true)] });
    await post(`${path}/withdraw`, { consent: 'acme-cloud' }).expect(303).expect('location', `${path}?done=withdrawn`);
    await post(`${path}/withdraw`, { consent: 'publisher' }).expect(303);
    await post(`${path}/withdraw`, { consent: 'unknown' }).expect(303);
    expect((await findLead(lead))?.current.consents.map(({ given }) => given)).toEqual([false, false]);
    expect((await pageOfSuppressions({}, { limit: 9 })).map(({ who, purpose }) => [who, purpose])).toEqual([
      ['ada@acme.example', 'publisher'],
    ]);
    expect((await findRequest(ref))?.consents.map(({ given }) => given)).toEqual([true, true]);
    expect((await open(path)).text).toContain('Taken back');
  });

  test('answers are corrected: proved, a new copy comes, consents stand; mistakes are kept and told', async () => {
    const { lead, path, ref } = await own({ consents: [sponsors] });
    const wrong = await post(`${path}/correct`, { phone: 'call <me>', country: 'XX' }).expect(422);
    expect(wrong.text).toContain('error-summary');
    expect(wrong.text).toContain('call &lt;me&gt;');
    await post(`${path}/correct`, { phone: '020 7946 0999', email: 'thief@evil.example' }).expect(303);
    const now = await findLead(lead);
    expect(now).toMatchObject({ email: 'ada@acme.example', verifiedAt: services.now() });
    expect(now?.current).toMatchObject({
      answers: { phoneE164: '+442079460999', country: 'GB' },
      consents: [{ given: true }],
    });
    expect(now?.current.ref).not.toBe(ref);
    expect((await findRequest(ref))?.answers.phone).toBe('+44 20 7946 0018');
    await work(now?.current.ref ?? '');
    expect(sink().received.at(-1)).toMatchObject({ to: ['ada@acme.example'] });
  });
});

describe('send it again', () => {
  const askAgain = (body: object) => request(app).post('/again').type('form').send(body);

  test('the answer is the same for a known address, an unknown one and one that came back', async () => {
    const { ref } = await ask(services);
    await work(ref);
    const gone = await ask(services, { email: 'gone@acme.example' });
    sink().mood = { code: 550, text: '5.1.1 nobody', at: 'rcpt' };
    await work(gone.ref);
    sink().mood = 'accept';
    later(HOUR);
    const answers = [];
    for (const email of ['Ada@ACME.example', 'nobody@acme.example', 'gone@acme.example']) {
      const { status, headers, text } = await askAgain({ email });
      const { date: _, etag: __, ...same } = headers;
      answers.push({ status, same, text });
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 303, same: { location: '/again/sent' } });
    await sendWhatIsAsked();
    expect(sink().received.map(({ to }) => to)).toEqual([['ada@acme.example'], ['ada@acme.example']]);
    expect((await listDeliveries(ref)).at(-1)).toMatchObject({ by: 'its reader', n: 1 });
    // No address stays in the jobs that are done.
    expect(JSON.stringify(await JobModel.find({ kind: 'again' }).lean())).not.toContain('acme');
    const { text: html } = await open('/again/sent').expect(200);
    expect(html).toContain('If that address has asked');
  });

  test('the newest request of each paper, once however often it is asked for, and not just after a mail', async () => {
    const first = await ask(services);
    await work(first.ref);
    later(HOUR);
    const repeat = await ask(services, { firstName: 'Adele' });
    await work(repeat.ref);
    await askAgain({ email: 'ada@acme.example' });
    await sendWhatIsAsked();
    expect(sink().received).toHaveLength(2);
    later(HOUR);
    for (let n = 0; n < 5; n += 1) await askAgain({ email: 'ada@acme.example' });
    await sendWhatIsAsked();
    expect(sink().received).toHaveLength(3);
    expect(sink().received.at(-1)?.mail.text).toContain(repeat.ref);
  });

  test('an expired link leads to a new one in the same mailbox, without anybody seeing whose', async () => {
    const { ref } = await ask(services);
    await work(ref);
    const old = linkTo('d');
    later(31 * 24 * HOUR);
    const { text: html } = await open(old).expect(410);
    const [, t = ''] = /name="t" value="([^"]+)"/.exec(html) ?? [];
    expect(old).toBe(`/d/${t}`);
    expect(html).not.toContain('ada@');
    await askAgain({ t, email: 'thief@evil.example' }).expect(303);
    await sendWhatIsAsked();
    expect(sink().received.map(({ to }) => to)).toEqual([['ada@acme.example'], ['ada@acme.example']]);
    await open(linkTo('d')).expect(200);
  });

  test('what is no address is told, and kept; a forged link is none', async () => {
    for (const email of ['', 'ada', 'ada@', `${'a'.repeat(300)}@acme.example`, 'a@b\r\nBcc: c@d']) {
      const { text: html } = await askAgain({ email }).expect(422);
      expect(html).toContain('name@example.com');
    }
    await askAgain({ t: 'forged.token' }).expect(422);
    expect(await jobs.summary()).toEqual([]);
  });

  test('before the button was pressed it is the button again; after a proof the copy', async () => {
    const { ref } = await ask(services, {}, { confirmFirst: true });
    await work(ref);
    later(HOUR);
    await askAgain({ email: 'ada@acme.example' });
    await sendWhatIsAsked();
    expect(sink().received.map(({ mail }) => mail.attachments.length)).toEqual([0, 0]);
    await prove(ref, services.now());
    later(HOUR);
    await askAgain({ email: 'ada@acme.example' });
    await sendWhatIsAsked();
    expect(sink().received.at(-1)?.mail.attachments).toHaveLength(1);
  });
});
