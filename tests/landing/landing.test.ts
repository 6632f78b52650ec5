import type { Express } from 'express';
import fc from 'fast-check';
import mongoose from 'mongoose';
import request from 'supertest';
import { createApp } from '../../src/app';
import * as campaigns from '../../src/campaigns/campaigns';
import { findLead, findRequest, listLeads } from '../../src/leads/leads';
import { useStore } from '../support/store';
import { importCampaign, SLUG, startAfresh, testServices } from './app';

useStore();
const services = testServices();
let house: Express;
const app = () => house;
/** With a limit of its own on posts, for tests that send more in a second than a person in an hour. */
const anotherApp = () => createApp({ ...services });
const { dataDir } = services.config;

const READER = {
  email: 'lukasz@wisla.example',
  firstName: 'Łukasz',
  company: 'Wisła Homes',
  country: 'GB',
  phone: '020 7946 0958',
  'q.units': 'lt1000',
};

/** Readers' pages are kept for a fifth of a second. */
const aMomentLater = () => {
  services.clock.now = new Date(services.clock.now.getTime() + 1000);
};

/** A token that was issued ten seconds ago. */
const ripe = () => services.links.formToken(SLUG, new Date(services.now().getTime() - 10_000));
const post = (fields: Record<string, string | string[]>, token: string = ripe()) =>
  request(app())
    .post(`/w/${SLUG}`)
    .type('form')
    .send({ ...READER, token, ...fields });

async function sent(
  fields: Record<string, string | string[]> = {},
): Promise<{ thanks: string; token: string; ref: string }> {
  const thanks = (await post(fields).expect(303)).headers['location'] ?? '';
  const token = new URL(thanks, 'http://x').searchParams.get('t') ?? '';
  const reading = services.links.readReaderToken(token, services.now());
  if (reading.state !== 'valid') throw new Error('the thank-you page has no token');
  return { thanks, token, ref: reading.token.request };
}

beforeAll(async () => {
  house = createApp(services);
  await importCampaign(dataDir);
});
beforeEach(() => startAfresh(services));

describe('pages to read', () => {
  test.each([
    ['/', 'Locks and keys'],
    ['/topics/access-control', 'Whitepapers on Access control'],
    [`/w/${SLUG}`, 'What’s covered in this whitepaper?'],
    [`/articles/${SLUG}`, 'Who holds the keys?'],
    ['/privacy', 'ACME Cloud'],
  ])('%s', async (path, text) => {
    const { text: html } = await request(app()).get(path).expect(200).expect('content-type', /html/);
    expect(html).toContain(text);
    expect(html).not.toMatch(/\bundefined\b|\[object/);
  });

  test.each(['/topics/none', '/w/none', '/articles/none', '/w/none/cover', '/w/%00', '/w/__proto__'])(
    '%s is 404',
    (path) => request(app()).get(path).expect(404),
  );

  test('the landing page asks for consent unticked, names the sponsor, and carries where the reader came from', async () => {
    const path = `/w/${SLUG}?utm_source=x%22y&ref=articles/a&email=a@b.example&consent.acme-cloud=yes`;
    const { text } = await request(app()).get(path).expect(200);
    expect(text).toMatch(/name="consent.acme-cloud" type="checkbox" value="yes" aria-describedby/);
    expect(text).not.toContain('checked');
    expect(text).toContain('href="https://acme-cloud.example/privacy"');
    expect(text).toContain('name="utm_source" value="x&#34;y"');
    expect(text).toContain('name="ref" value="articles/a"');
    expect(text).not.toContain('a@b.example');
    expect(text).toMatch(/name="phone"[^>]*autocomplete="tel"/);
  });

  test('the article is clean HTML around a promo box that says where it leads from', async () => {
    const { text } = await request(app()).get(`/articles/${SLUG}`).expect(200);
    expect(text).toContain(`href="/w/${SLUG}?ref=articles%2F${SLUG}&amp;utm_source=`);
    expect(text.indexOf('Keys are <strong>old</strong>')).toBeLessThan(text.indexOf('class="promo'));
    expect(text).not.toMatch(/<script>alert|href="javascript:/);
    await campaigns.close(SLUG, 'test');
    aMomentLater();
    const closed = await request(app()).get(`/articles/${SLUG}`).expect(200);
    expect(closed.text).not.toContain('class="promo');
  });

  test('the cover comes with its type and an ETag', async () => {
    const cover = await request(app()).get(`/w/${SLUG}/cover`).expect(200).expect('content-type', /svg/);
    await request(app())
      .get(`/w/${SLUG}/cover`)
      .set('if-none-match', cover.headers['etag'] ?? '')
      .expect(304);
  });
});

describe('a form filled in rightly', () => {
  test('is kept with its evidence and answered with the thank-you page', async () => {
    const nudges = services.nudged();
    const { ref, thanks } = await sent({ 'consent.acme-cloud': 'yes', utm_source: 'news', unknown: 'x' });
    const kept = await findRequest(ref);
    expect(kept).toMatchObject({
      campaign: SLUG,
      formVersion: 1,
      answers: { ...{ email: READER.email, firstName: 'Łukasz', phoneE164: '+442079460958' }, q: { units: 'lt1000' } },
      attribution: { utmSource: 'news' },
      suspicions: [],
      at: services.now(),
    });
    expect(kept?.consents.map(({ key, given, version, text, page }) => [key, given, version, text, page])).toEqual([
      ['publisher', false, 1, 'Send me news.', services.links.landing(SLUG)],
      ['acme-cloud', true, 1, 'ACME Cloud may contact me.', services.links.landing(SLUG)],
    ]);
    expect(services.nudged()).toBe(nudges + 1);
    const page = await request(app()).get(thanks).expect(200);
    expect(page.text).toContain(READER.email);
    expect(page.headers['cache-control']).toBe('no-store');
  });

  test('the same answer for new, known and suspect', async () => {
    const shape = async (fields: Record<string, string>) => {
      const { thanks } = await sent(fields);
      const page = await request(app()).get(thanks).expect(200);
      return page.text.replaceAll(/t=[\w.-]+|\/d\/[\w.-]+/g, '');
    };
    const first = await shape({});
    expect(await shape({ firstName: 'Mallory' })).toBe(first);
    expect(await shape({ confirm_contact: 'I am a robot' })).toBe(first);
  });

  test('a filled honeypot is quarantined, not dropped', async () => {
    const { ref } = await sent({ email: 'bot@acme.example', confirm_contact: 'x' });
    expect(await findLead(ref)).toMatchObject({ status: 'quarantined', suspicions: ['honeypot'] });
  });
});

describe('a form with mistakes', () => {
  test('is 422 with a summary that takes the focus, messages at the fields, and everything typed', async () => {
    const { text } = await post({
      email: 'nonsense',
      'q.units': '',
      'consent.publisher': 'yes',
      utm_source: 'kept',
    }).expect(422);
    expect(text).toMatch(/class="error-summary"[^>]*autofocus/);
    expect(text).toContain('<a href="#f-email">Enter an e-mail address in the correct format');
    expect(text).toMatch(/id="f-q-units"[^>]*aria-describedby="f-q-units-error"[^>]*aria-invalid="true"/);
    for (const kept of ['value="nonsense"', 'value="Łukasz"', 'value="GB" selected', 'value="kept"'])
      expect(text).toContain(kept);
    expect(text).toMatch(/name="consent.publisher" type="checkbox" value="yes" checked/);
    expect(await listLeads({ campaign: SLUG }, { limit: 10 })).toHaveLength(0);
  });

  test.each([
    ['too young', () => services.links.formToken(SLUG, new Date(services.now().getTime() - 1000)), 'very quick'],
    [
      'too old',
      () => services.links.formToken(SLUG, new Date(services.now().getTime() - 25 * 3_600_000)),
      'more than a day',
    ],
    [
      'of another campaign',
      () => services.links.formToken('other', new Date(services.now().getTime() - 10_000)),
      'whole',
    ],
    ['missing', () => '', 'whole'],
  ])('a token %s: 422, a fresh one, everything kept', async (_name, token, words) => {
    const { text } = await post({}, token()).expect(422);
    expect(text).toContain(words);
    expect(text).toContain('value="Łukasz"');
    const [, fresh = ''] = /name="token" value="([^"]+)"/.exec(text) ?? [];
    services.clock.now = new Date(services.now().getTime() + 5000);
    await post({}, fresh).expect(303);
  });

  test.each([
    ['a repeated email', 'email=a@b.example&email=c@d.example'],
    ['an operator for an email', 'email[$ne]=x'],
    ['invalid UTF-8', 'email=%ff%fe'],
    ['a NUL', 'email=a%00@b.example'],
    ['a header', 'email=a@b.example%0d%0aBcc:c@d.example'],
    ['nothing', ''],
  ])('%s is answered with 4xx and a page', async (_name, body) => {
    const answer = await request(app())
      .post(`/w/${SLUG}`)
      .type('form')
      .send(`${body}&token=${ripe()}&firstName=J&country=GB&q.units=lt1000`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).toContain('<!doctype html>');
    expect(await listLeads({ campaign: SLUG }, { limit: 10 })).toHaveLength(0);
  });

  test('another content type and a body that is too large: 4xx', async () => {
    const json = await request(app()).post(`/w/${SLUG}`).send({ email: 'a@b.example' });
    const large = await request(app())
      .post(`/w/${SLUG}`)
      .type('form')
      .send(`email=${'x'.repeat(70_000)}`);
    expect([json.status, large.status].every((status) => status >= 400 && status < 500)).toBe(true);
  });

  test('too many in a minute are told to wait', async () => {
    const server = anotherApp();
    const statuses: number[] = [];
    for (let n = 0; n <= 60; n += 1)
      statuses.push((await request(server).post(`/w/${SLUG}`).type('form').send('')).status);
    expect(statuses.slice(0, 60)).toEqual(Array(60).fill(422));
    expect(statuses[60]).toBe(429);
  });

  test('odd strings are refused or kept, never a failure', async () => {
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 220 }),
      fc.constantFrom('=cmd()', '{{name}}', '<%= 1 %>', '$where'),
    );
    const server = anotherApp();
    await fc.assert(
      fc.asyncProperty(odd, odd, async (firstName, company) => {
        const body = new URLSearchParams({ ...READER, firstName, company, token: ripe() }).toString();
        const { status } = await request(server).post(`/w/${SLUG}`).type('form').send(body);
        return [303, 422, 429].includes(status);
      }),
      { numRuns: 40, seed: 7 },
    );
  });
});

describe('a campaign that is not open', () => {
  test('paused and closed: 410 with other papers, on both ways', async () => {
    await importCampaign(dataDir, (yaml) =>
      yaml.replaceAll('locks-and-keys', 'other-doors').replace('Locks and keys', 'Other doors'),
    );
    await campaigns.pause(SLUG, 'test');
    aMomentLater();
    const paused = await request(app()).get(`/w/${SLUG}`).expect(410);
    expect(paused.text).toContain('href="/w/other-doors"');
    await post({}).expect(410);
    await campaigns.close(SLUG, 'test');
    aMomentLater();
    await request(app()).get(`/w/${SLUG}`).expect(410);
  });

  test('its dates decide too: 404 before, 410 after', async () => {
    services.clock.now = new Date('2025-12-31T23:59:59Z');
    await request(app()).get(`/w/${SLUG}`).expect(404);
    services.clock.now = new Date('2036-01-01T00:00:00Z');
    await request(app()).get(`/w/${SLUG}`).expect(410);
    expect((await request(app()).get('/')).text).not.toContain('Locks and keys');
  });

  test('a reader’s link outlives the close', async () => {
    const { token, thanks } = await sent();
    await campaigns.close(SLUG, 'test');
    await request(app()).get(`/d/${token}`).expect(200);
    await request(app()).get(thanks).expect(200);
  });
});

describe('the thank-you page', () => {
  test('a bad, foreign or mail token is 404', async () => {
    const { token, ref } = await sent();
    const mail = services.links.readerToken(ref, 'mail', services.now());
    for (const t of [
      '',
      'x',
      `${token}x`,
      mail,
      services.links.readerToken('AAAA-BBBB-CCCC', 'page', services.now()),
    ]) {
      await request(app()).get(`/w/${SLUG}/thanks`).query({ t }).expect(404);
    }
    await request(app()).get('/w/none/thanks').query({ t: token }).expect(404);
  });

  test('a wrong address is corrected; the page then shows what was just typed', async () => {
    const { thanks } = await sent();
    const wrong = await request(app()).post(thanks).type('form').send({ email: 'no address' }).expect(422);
    expect(wrong.text).toContain('value="no address"');
    const same = await request(app())
      .post(thanks)
      .type('form')
      .send({ email: ` ${READER.email}` })
      .expect(303);
    expect((await request(app()).get(same.headers['location'] ?? '')).text).toContain(READER.email);
    const right = await request(app()).post(thanks).type('form').send({ email: 'right@wisla.example' }).expect(303);
    const page = await request(app())
      .get(right.headers['location'] ?? '')
      .expect(200);
    expect(page.text).toContain('right@wisla.example');
    expect(page.text).not.toContain(READER.email);
  });
});

test('a busy form costs the store one insert each; the campaign is read once for all', async () => {
  const asked: string[] = [];
  const note = ({ commandName, command }: mongoose.mongo.CommandStartedEvent) =>
    asked.push(`${commandName} ${command[commandName]}`);
  const client = mongoose.connection.getClient();
  client.on('commandStarted', note);
  const token = ripe();
  await Promise.all(
    Array.from({ length: 8 }, (_, n) => post({ email: `reader${n}@wisla.example` }, token).expect(303)),
  );
  client.off('commandStarted', note);
  expect(asked.sort()).toEqual([...Array(asked.length - 8).fill('find campaigns'), ...Array(8).fill('insert leads')]);
  expect(asked.length - 8).toBeLessThan(8);
});

describe('the proof of a mailbox', () => {
  test('only the POST with a mail token proves; opening proves nothing', async () => {
    const { ref, token } = await sent();
    const mail = services.links.readerToken(ref, 'mail', services.now());
    await request(app()).get(`/v/${token}`).expect(404);
    await request(app()).post(`/v/${token}`).expect(404);
    await request(app())
      .get(`/v/${mail}`)
      .expect(200, /<button/);
    expect((await findLead(ref))?.verifiedAt).toBeUndefined();
    await request(app()).post(`/v/${mail}`).expect(200);
    expect((await findLead(ref))?.verifiedAt).toEqual(services.now());
    await request(app()).post('/v/nonsense').expect(404);
  });
});
