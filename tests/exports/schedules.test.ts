import mongoose from 'mongoose';
import request, { type Agent } from 'supertest';
import { disableAccount, listAccounts, sendLetter } from '../../src/accounts/accounts';
import * as campaigns from '../../src/campaigns/campaigns';
import { handOver, putProfile, removeProfile } from '../../src/exports/exports';
import { standard } from '../../src/exports/profile.types';
import { nextTime } from '../../src/exports/schedules';
import type { Job } from '../../src/jobs/jobs';
import { listOutbox, readOutboxMessage } from '../../src/mail/mail';
import { ask, SLUG } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { testServices } from '../web/app';
import { importDraft, read, take } from './desk';
import { appOf, browserOf } from './people';

useStore();
const services = testServices();
const app = appOf(services);

const TUESDAY = new Date('2026-11-24T10:00:00Z');
const ADA = { email: 'ada@acme.example', sponsor: 'acme-cloud' };
const NED = { email: 'ned@northgate.example', sponsor: 'northgate' };

let profile: string;
beforeEach(async () => {
  await emptyStore();
  await mongoose.connection.collection('sessions').deleteMany({});
  services.clock.now = TUESDAY;
  await importDraft();
  const look = { ...standard('csv'), timeZone: 'Europe/London' };
  profile = (await putProfile({ ...look, sponsor: 'acme-cloud', name: 'CRM', by: ADA.email })).id;
});

const csrfOf = (html: string): string => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

async function post(agent: Agent, path: string, fields: Record<string, string> = {}, from = '/portal/schedules') {
  const { text } = await agent.get(from);
  return agent
    .post(path)
    .type('form')
    .send({ ...fields, _csrf: csrfOf(text) });
}

const schedule = (agent: Agent, more: Record<string, string> = {}) =>
  post(agent, '/portal/schedules', { campaign: SLUG, profile, every: 'day', hour: '8', ...more });

const at = (text: string) => {
  services.clock.now = new Date(text);
};
const JOB: Job = { kind: 'hand-over', key: 'all', payload: {}, attempts: 0, firstAt: TUESDAY } as unknown as Job;
const look = () => handOver(JOB, services);

interface LetterRow {
  _id: string;
  kind: string;
  key: string;
  payload: {
    account: string;
    notice: { subject: string; paragraphs: string[]; button: { label: string; path: string } };
  };
}
const letters = async (): Promise<LetterRow[]> =>
  (await mongoose.connection.collection<LetterRow>('jobs').find({ kind: 'letter' }).toArray()).sort((a, b) => (a._id < b._id ? -1 : 1)); // biome-ignore format: one line

test.each([
  ['day', 8, 'Europe/London', '2026-11-24T10:00:00Z', '2026-11-25T08:00:00.000Z'],
  ['day', 11, 'Europe/London', '2026-11-24T10:00:00Z', '2026-11-24T11:00:00.000Z'],
  ['week', 8, 'Europe/Berlin', '2026-11-24T10:00:00Z', '2026-11-30T07:00:00.000Z'],
  ['month', 0, 'Asia/Kolkata', '2026-11-30T19:00:00Z', '2026-12-31T18:30:00.000Z'],
  // Clocks go forward from 1:00 to 2:00 in London, and back again in October.
  ['day', 1, 'Europe/London', '2026-03-28T10:00:00Z', '2026-03-29T01:00:00.000Z'],
  ['day', 8, 'Europe/London', '2026-10-24T10:00:00Z', '2026-10-25T08:00:00.000Z'],
] as const)('%s at %d in %s, after %s, is %s', (every, hour, timeZone, now, expected) => {
  expect(nextTime({ every, hour, timeZone }, new Date(now)).toISOString()).toBe(expected);
});

test('whoever asked is told how many new leads there are, without the leads, and the link takes them behind the sign-in', async () => {
  const ada = await browserOf(app(), 'sponsor-member', ADA);
  expect((await schedule(ada)).status).toBe(303);
  expect((await ada.get('/portal/schedules')).text).toContain('every day at 08:00, Europe/London');
  await ask();
  await ask({ email: 'two@b.example' });
  await look();
  expect(await letters()).toEqual([]);

  at('2026-11-25T08:00:30Z');
  await Promise.all([look(), look()]);
  const [letter, ...more] = await letters();
  expect(more).toEqual([]);
  expect(letter?.payload.notice.subject).toBe('2 new leads: Locks and keys');

  // The message itself, as it lands in a mailbox.
  await sendLetter({ ...JOB, kind: 'letter', key: letter?.key ?? '', payload: letter?.payload ?? {} } as Job, { ...services, site: campaigns.site }); // biome-ignore format: one line
  const [file] = await listOutbox(services.config.dataDir);
  const message = await readOutboxMessage(services.config.dataDir, file?.name ?? '');
  const text = `${message?.subject} ${message?.text} ${message?.html}`;
  for (const secret of ['jane', 'acme-homes', 'two@b.example']) expect(text).not.toContain(secret);
  const [, path = ''] = /https?:\/\/[^/\s]+(\/portal\/schedules\/\S+)/.exec(message?.text ?? '') ?? [];

  const stranger = await request(app()).get(path).expect(303);
  expect(stranger.headers['location']).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
  const { headers } = await ada.get(path).expect(303);
  expect(headers['location']).toBe(`/portal/campaigns/${SLUG}/downloads?profile=${profile}&range=new`);
  const page = await ada.get(String(headers['location'])).expect(200);
  expect(page.text).toContain(`value="${profile}" selected`);
  expect(page.text).toContain('value="new" checked');

  const ned = await browserOf(app(), 'sponsor-admin', NED);
  await ned.get(path).expect(404);
  await ada.get(path.replace(/.$/, (last) => (last === '0' ? '1' : '0'))).expect(404);
  at('2026-12-02T08:00:31Z');
  expect((await ada.get(path).expect(410)).text).toContain('This link is over');
});

test('nothing new, no message; what was taken is not new', async () => {
  const ada = await browserOf(app(), 'sponsor-member', ADA);
  await schedule(ada);
  await ask();
  expect((await read(await take({ profile, range: { kind: 'new' } }))).rows).toHaveLength(1);
  at('2026-11-25T08:00:30Z');
  await look();
  expect(await letters()).toEqual([]);
  await ask({ email: 'three@c.example' });
  at('2026-11-26T08:00:30Z');
  await look();
  expect((await letters()).map(({ payload }) => payload.notice.subject)).toEqual(['1 new lead: Locks and keys']);
});

test('a run that was missed is made up for once, and those who look after it are told', async () => {
  const ada = await browserOf(app(), 'sponsor-member', ADA);
  await browserOf(app(), 'sponsor-admin', { email: 'cara@acme.example', sponsor: 'acme-cloud' });
  await browserOf(app(), 'sponsor-admin', NED);
  await browserOf(app(), 'admin');
  await schedule(ada);
  await ask();
  at('2026-11-28T15:00:00Z');
  await look();
  await look();
  const said = await letters();
  expect(said.filter(({ payload }) => payload.notice.subject.startsWith('1 new lead'))).toHaveLength(1);
  const late = said.filter(({ payload }) => payload.notice.subject.includes('ran late'));
  const people = new Map((await listAccounts({})).map(({ id, email }) => [id, email]));
  for (const one of await listAccounts({ sponsor: 'acme-cloud' })) people.set(one.id, one.email);
  expect(late.map(({ payload }) => people.get(payload.account)).sort()).toEqual(['ada@acme.example', 'admin@doors.example', 'cara@acme.example']); // biome-ignore format: one line
  expect((await ada.get('/portal/schedules')).text).toContain('29 November 2026');
});

test('what can’t run stops, says why, and tells who can mend it', async () => {
  const ada = await browserOf(app(), 'sponsor-admin', ADA);
  await schedule(ada);
  await removeProfile(profile, 'acme-cloud');
  at('2026-11-25T08:00:30Z');
  await look();
  expect((await letters()).map(({ payload }) => payload.notice.paragraphs[0])).toEqual(['Its export profile was removed.']); // biome-ignore format: one line
  expect((await ada.get('/portal/schedules')).text).toContain('stopped: Its export profile was removed.');
  at('2026-11-26T08:00:30Z');
  await look();
  expect(await letters()).toHaveLength(1);
});

test('whoever has no access any more is told nothing', async () => {
  const ada = await browserOf(app(), 'sponsor-member', ADA);
  await schedule(ada);
  await ask();
  const account = (await listAccounts({ sponsor: 'acme-cloud' })).find(({ email }) => email === ADA.email);
  await disableAccount(account?.id ?? '', services.now());
  at('2026-11-25T08:00:30Z');
  await look();
  expect(await letters()).toEqual([]);
});

test('wrong choices are told and kept; others can’t see or end it, and analysts make none', async () => {
  const ada = await browserOf(app(), 'sponsor-member', ADA);
  const wrong = await schedule(ada, { hour: '25', every: 'month' });
  expect(wrong.status).toBe(422);
  expect(wrong.text).toContain('Choose an hour from 0 to 23.');
  expect(wrong.text).toContain('value="month" checked');
  expect((await schedule(ada, { campaign: 'doors' })).status).toBe(422);
  await schedule(ada);
  const [, id = ''] = /schedules\/([\w-]+)\/remove/.exec((await ada.get('/portal/schedules')).text) ?? [];

  const ned = await browserOf(app(), 'sponsor-admin', NED);
  expect((await ned.get('/portal/schedules')).text).not.toContain(id);
  expect((await post(ned, `/portal/schedules/${id}/remove`, {}, '/portal/profiles/new')).status).toBe(404);
  const colleague = await browserOf(app(), 'sponsor-member', { ...ADA, email: 'col@acme.example' });
  expect((await post(colleague, `/portal/schedules/${id}/remove`)).status).toBe(403);
  const analyst = await browserOf(app(), 'analyst');
  const from = '/staff/handover/schedules';
  expect((await analyst.get(from)).text).toContain('Your account can look at schedules');
  expect((await post(analyst, from, { campaign: SLUG, profile, every: 'day', hour: '8' }, '/account')).status).toBe(
    403,
  );
  expect((await post(ada, `/portal/schedules/${id}/remove`)).status).toBe(303);
  expect((await ada.get('/portal/schedules')).text).toContain('None yet.');
});
