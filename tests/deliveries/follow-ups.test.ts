import request from 'supertest';
import { createApp } from '../../src/app';
import { CampaignModel } from '../../src/campaigns/campaign.model';
import { followUp, listDeliveries, recordReport, suppress } from '../../src/deliveries/deliveries';
import * as jobs from '../../src/jobs/jobs';
import { type ConsentEvidence, findLead, type LeadRequest, withdraw } from '../../src/leads/leads';
import { SettlementModel } from '../../src/ledger/ledger.model';
import { createMailer } from '../../src/mail/mail';
import { SLUG } from '../landing/app';
import { newKey, verifyDkim } from '../mail/dkim';
import { ask, useDesk } from './desk';

const { services, sink, deps, work } = useDesk();
const DAY = 86_400_000;
const news = (given: boolean): ConsentEvidence => ({
  key: 'news',
  version: 1,
  text: 'Send me news about locks & keys.',
  given,
  how: 'checkbox',
  page: '/w/locks-and-keys',
  at: new Date('2026-11-24T10:00:00Z'),
});
const FOLLOW_UPS = [
  { afterDays: 3, subject: '{{firstName}}, did it help?', body: 'Dear {{name}},\n\nhere is more.', consent: 'news' },
  { afterDays: 10, subject: 'One more', body: 'The last one.', consent: 'news' },
];

beforeEach(async () => {
  await CampaignModel.updateOne({ _id: SLUG }, { $set: { 'mail.followUps': FOLLOW_UPS } });
});

/** A form with a consent, its copy delivered. */
async function delivered(given = true, more: Parameters<typeof ask>[2] = {}): Promise<LeadRequest> {
  const asked = await ask(services, {}, { consents: [news(given)], ...more });
  await work(asked.ref);
  return asked;
}

const later = (days: number) => {
  services.clock.now = new Date(services.clock.now.getTime() + days * DAY);
};
const run = (lead: string, index = 0) => followUp({ payload: { lead, index }, attempts: 0 }, deps());
const jobOf = (lead: string, index = 0) => jobs.find('follow-up', `${lead}:${index}`);
const subjects = () => sink().received.map(({ mail }) => mail.subject);

test('wanted once the copy went out, each at its day, once for a lead however often its reader asks', async () => {
  const asked = await delivered();
  expect(await jobOf(asked.lead)).toMatchObject({
    state: 'due',
    dueAt: new Date(services.clock.now.getTime() + 3 * DAY),
    payload: { lead: asked.lead, index: 0 },
  });
  expect(await jobOf(asked.lead, 1)).toMatchObject({ dueAt: new Date(services.clock.now.getTime() + 10 * DAY) });
  await delivered();
  expect((await jobs.summary()).find(({ kind }) => kind === 'follow-up')?.count).toBe(2);
  // Not before its day, even if the job comes early.
  expect(await run(asked.lead)).toMatchObject({ state: 'again', counts: false });
  later(3);
  expect(await run(asked.lead)).toEqual({ state: 'done' });
  expect(await run(asked.lead)).toEqual({ state: 'done' });
  expect(subjects()).toEqual(['Your copy', 'Your copy', 'Ada, did it help?']);
  expect((await listDeliveries(asked.lead)).filter(({ kind }) => kind === 'follow-up')).toMatchObject([
    { n: 1001, state: 'sent', to: 'ada@acme.example' },
  ]);
});

test('says what was agreed to, and carries the way out: both headers, each on one line, under the signature', async () => {
  const asked = await delivered();
  later(3);
  const mailer = createMailer({
    ...services.config,
    smtpUrl: sink().url,
    from: 'Doors Weekly <p@doors.example>',
    dkim: newKey(),
  });
  await followUp({ payload: { lead: asked.lead, index: 0 }, attempts: 0 }, { ...deps(), mailer });
  await mailer.close();
  const [copy, received] = sink().received;
  const raw = received?.raw ?? Buffer.alloc(0);
  const lines = raw.toString().split('\r\n');
  const link = /^List-Unsubscribe: <(http:\/\/localhost:3000\/u\/[\w.-]+)>$/.exec(
    lines.find((line) => line.startsWith('List-Unsubscribe:')) ?? '',
  )?.[1];
  expect(lines).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  expect(lines).toContain('Auto-Submitted: auto-generated');
  const { verified, signed } = verifyDkim(raw);
  expect(verified).toBe(true);
  expect(signed).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']));
  for (const body of [received?.mail.text ?? '', String(received?.mail.html)]) {
    expect(body.replaceAll('&amp;', '&')).toContain('Send me news about locks & keys.');
    expect(body).toContain(link ?? 'no link');
  }
  expect(copy?.raw.toString()).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(copy?.raw.toString()).not.toMatch(/^List-Unsubscribe/im);
});

describe('not sent', () => {
  const expectNothing = async (asked: LeadRequest) => {
    later(3);
    expect(await run(asked.lead)).toEqual({ state: 'done' });
    expect(subjects()).not.toContain('Ada, did it help?');
  };

  test('without the consent, and when it was taken back', async () => {
    await expectNothing(await delivered(false));
    const asked = await delivered(true, { answers: { email: 'bob@acme.example', firstName: 'Ada', q: {} } });
    expect(await withdraw(asked.lead, 'news', '/me', services.now())).toBe(true);
    await expectNothing(asked);
  });

  test('to a lead that a sponsor gave back', async () => {
    const { lead } = await delivered();
    later(3);
    await SettlementModel.create({
      _id: `c/${lead}`,
      contract: 'c',
      lead,
      decision: 'returned',
      rule: 'r',
      evidence: '',
      at: services.now(),
    });
    expect(await followUp({ payload: { lead, index: 0 }, attempts: 0 }, deps())).toEqual({ state: 'done' });
    expect(sink().received).toHaveLength(1);
  });

  test('after a bounce or a complaint of an earlier message', async () => {
    const asked = await delivered();
    const messageId = (await listDeliveries(asked.lead))[0]?.messageId ?? '';
    const about = { links: services.links, at: services.now() };
    await recordReport({ what: 'bounced', kind: 'soft', words: '552 full', messageId }, about);
    await expectNothing(asked);
  });

  test('to whom is on the list: for this purpose, for all follow-ups, or by domain', async () => {
    for (const [n, [who, purpose]] of (
      [
        ['r0@acme.example', 'news'],
        ['R1@ACME.example', 'follow-ups'],
        ['@r2.example', '*'],
      ] as const
    ).entries()) {
      const email = n === 2 ? 'r2@r2.example' : `r${n}@acme.example`;
      const asked = await delivered(true, { answers: { email, firstName: 'Ada', q: {} } });
      await suppress({ who, purpose, why: 'staff', at: services.now() });
      await expectNothing(asked);
      expect((await listDeliveries(asked.lead)).at(-1)).toMatchObject({ kind: 'follow-up', state: 'suppressed' });
    }
  });

  test('to quarantined leads and after a test', async () => {
    await expectNothing(await delivered(true, { suspicions: ['honeypot'] }));
    const test = await delivered(true, { test: true });
    expect(await jobOf(test.lead)).toBeNull();
  });

  test('when the campaign has it no more', async () => {
    const asked = await delivered();
    await CampaignModel.updateOne({ _id: SLUG }, { $unset: { 'mail.followUps': '' } });
    await expectNothing(asked);
  });
});

describe('unsubscribe', () => {
  const app = () => request(createApp(services));
  const link = (asked: LeadRequest) => `/u/${services.links.unsubscribeToken(asked.lead, 'news')}`;

  test('opening the link changes nothing; one click of a mail program takes the consent back for good', async () => {
    const asked = await delivered();
    const page = await app().get(link(asked)).expect(200);
    expect(page.text).toContain('ada@acme.example');
    expect(page.text).toContain('Send me news about locks &amp; keys.');
    expect((await findLead(asked.lead))?.current.consents[0]?.given).toBe(true);
    await app().post(link(asked)).type('form').send('List-Unsubscribe=One-Click').expect(200);
    expect((await findLead(asked.lead))?.current.consents).toEqual([
      { ...news(true), given: false, how: 'withdrawn', page: 'http://localhost:3000/u/', at: services.now() },
    ]);
    later(3);
    await run(asked.lead);
    // The same address in the same purpose, asked anew: the list holds until the reader or staff take it off.
    expect(subjects()).toEqual(['Your copy']);
    await app().post(link(asked)).type('form').send('').expect(200);
  });

  test('a mail program may post multipart, too; what is forged is not found', async () => {
    const asked = await delivered();
    await app().post(link(asked)).field('List-Unsubscribe', 'One-Click').expect(200);
    expect((await findLead(asked.lead))?.current.consents[0]?.how).toBe('withdrawn');
    await app()
      .post(`${link(asked)}x`)
      .type('form')
      .send('')
      .expect(404);
    await app().get('/u/nonsense').expect(404);
  });

  test('what is asked for still comes', async () => {
    const asked = await delivered();
    await app().post(link(asked)).type('form').send({ all: 'yes' }).expect(200);
    await delivered();
    expect(subjects()).toEqual(['Your copy', 'Your copy']);
  });

  test('a complaint keeps all follow-ups back', async () => {
    const asked = await delivered();
    const messageId = (await listDeliveries(asked.lead))[0]?.messageId ?? '';
    await recordReport({ what: 'complained', words: 'spam', messageId }, { links: services.links, at: services.now() });
    const other = await delivered();
    later(3);
    await run(other.lead);
    expect(subjects()).toEqual(['Your copy', 'Your copy']);
  });
});
