import type { Agent } from 'supertest';
import { findAccount, inviteUser, listAccounts, sendDigests, sendLetter, setDigest } from '../../src/accounts/accounts';
import { createMailer, listOutbox } from '../../src/mail/mail';
import { startWorker, type Worker } from '../../src/worker';
import { type Received, type SmtpSink, startSmtp } from '../support/smtp';
import { until } from '../support/until';
import { PASSWORD, person, send, signIn, usePeople } from './browser';

const { services, browser } = usePeople();
let smtp: SmtpSink;
let worker: Worker;

beforeAll(async () => {
  smtp = await startSmtp();
  const { config } = services;
  const from = 'Doors Weekly <papers@doors.example>';
  services.mailer = createMailer({ smtpUrl: smtp.url, dataDir: config.dataDir, from, limits: config.limits });
});

beforeEach(async () => {
  services.clock.now = new Date('2026-11-24T10:00:00Z');
  smtp.received.length = 0;
  worker = startWorker(services);
  services.nudge = () => worker.nudge();
});

afterEach(() => worker.stop());
afterAll(async () => {
  await services.mailer.close();
  await smtp.close();
});

/** The nth message that came in; waits for it. */
async function message(n = 1): Promise<Received> {
  await until(`message ${n}`, () => smtp.received.length >= n);
  const found = smtp.received[n - 1];
  if (!found) throw new Error('it was there a moment ago');
  return found;
}

const linkIn = ({ mail }: Received): string =>
  /http:\/\/localhost:3000(\/setup\/[\w-]+)/.exec(mail.text ?? '')?.[1] ?? '';

async function administrator(): Promise<Agent> {
  const agent = browser();
  await signIn(agent, await person('admin'));
  return agent;
}

async function invited(admin: Agent, email = 'nina@doors.example'): Promise<string> {
  const answer = await send(admin, '/staff/people', { email, name: 'Nina', role: 'analyst' });
  return String(answer.headers['location']).replace(/\?.*/, '');
}

test('an invitation comes by mail; its link works once, and another takes its place', async () => {
  const admin = await administrator();
  const page = await invited(admin);
  const first = await message();
  expect(first.to).toEqual(['nina@doors.example']);
  expect(first.mail.html).toContain(linkIn(first));
  await send(admin, page, {}, `${page}/invite`);
  const second = await message(2);
  expect((await browser().get(linkIn(first))).status).toBe(404);
  const nina = browser();
  expect((await send(nina, linkIn(second), { password: PASSWORD, name: 'Nina' })).headers['location']).toBe('/staff');
  expect((await browser().get(linkIn(second))).status).toBe(410);
  expect((await send(admin, page, {}, `${page}/revoke`)).status).toBe(409);
});

test('it is good for 72 hours, and for nobody once it is taken back', async () => {
  const admin = await administrator();
  const page = await invited(admin);
  const link = linkIn(await message());
  services.clock.now = new Date(services.clock.now.getTime() + 72 * 3_600_000);
  expect((await browser().get(link)).status).toBe(410);
  services.clock.now = new Date(services.clock.now.getTime() - 1000);
  expect((await browser().get(link)).status).toBe(200);
  services.clock.now = new Date('2026-11-24T10:00:00Z');
  expect((await send(admin, page, {}, `${page}/revoke`)).headers['location']).toBe('/staff/people?done=revoked');
  expect((await browser().get(link)).status).toBe(404);
  expect(await listAccounts()).toHaveLength(1);
});

test('a forgotten password: the same answer for an address that nobody has, and mail for the other only', async () => {
  const email = await person('marketer');
  const signedIn = browser();
  await signIn(signedIn, email);
  const unknown = await send(browser(), '/forgotten', { email: 'nobody@doors.example' });
  const known = await send(browser(), '/forgotten', { email: ' Marketer@Doors.example ' });
  expect([known.status, known.text.replace(/value="[^"]*"/g, '')]).toEqual([
    unknown.status,
    unknown.text.replace(/value="[^"]*"/g, ''),
  ]);
  const sent = await message();
  expect(sent.to).toEqual([email]);
  const next = browser();
  expect((await next.get(linkIn(sent))).text).toContain('Choose a new password');
  const answer = await send(next, linkIn(sent), { password: 'four words in a row' });
  expect(answer.headers['location']).toBe('/staff');
  expect((await signedIn.get('/staff')).status).toBe(303);
  expect((await signIn(browser(), email)).status).toBe(422);
  expect(smtp.received).toHaveLength(1);
});

test('who asks often gets three mails an hour, and the same answer', async () => {
  await person('analyst', 'often@doors.example');
  const agent = browser();
  const answers = [];
  for (let n = 0; n < 5; n += 1) answers.push(await send(agent, '/forgotten', { email: 'often@doors.example' }));
  expect(new Set(answers.map(({ status, text }) => `${status}${text.length}`)).size).toBe(1);
  await message(3);
  // One more for another address goes out after all that were asked for.
  await person('marketer', 'other@doors.example');
  await send(agent, '/forgotten', { email: 'other@doors.example' });
  await until('the other mail', () => smtp.received.some(({ to }) => to.includes('other@doors.example')));
  expect(smtp.received.filter(({ to }) => to.includes('often@doors.example'))).toHaveLength(3);
});

test('a letter that is sent twice is one message with one link; the next letter is another', async () => {
  await worker.stop();
  const account = await inviteUser({ email: 'nina@doors.example', name: 'Nina', role: 'analyst' });
  const site = async () => ({ name: 'Doors Weekly', locale: 'en-GB', theme: {} });
  const payload = { letter: 'invitation', account: account.id };
  const job = { kind: 'letter', key: `invitation:${account.id}`, payload, attempts: 0, firstAt: services.clock.now };
  await sendLetter(job, { ...services, site });
  await sendLetter({ ...job, attempts: 1 }, { ...services, site });
  await sendLetter({ ...job, firstAt: new Date('2026-11-24T11:00:00Z') }, { ...services, site });
  const [first, repeat, next] = smtp.received;
  expect([repeat?.mail.messageId, repeat?.mail.text]).toEqual([first?.mail.messageId, first?.mail.text]);
  expect(next?.mail.messageId).not.toBe(first?.mail.messageId);
  const statuses = [first, next].map(async (one) => (await browser().get(one ? linkIn(one) : '')).status);
  expect(await Promise.all(statuses)).toEqual([404, 200]);
});

test('whoever changes their address is told so at the old one', async () => {
  const agent = browser();
  const email = await person('marketer');
  await signIn(agent, email);
  await send(agent, '/account', { name: 'Ben', email: 'ben@doors.example' }, '/account/profile');
  const note = await message();
  expect([note.to, note.mail.text]).toEqual([[email], expect.stringContaining('ben@doors.example')]);
});

test('the digest counts new leads for each campaign and names nobody; who did not ask gets none', async () => {
  const email = await person('marketer');
  await person('admin');
  const account = (await listAccounts()).find((one) => one.email === email);
  const { now } = services.clock;
  await setDigest(account?.id ?? '', 'daily', now);
  const deps = {
    ...services,
    site: async () => ({ name: 'Doors Weekly', locale: 'en-GB', theme: {} }),
    newLeads: async (since: Date) => [
      { title: 'Locks & keys', count: since.toISOString() === '2026-11-24T06:00:00.000Z' ? 3 : 99 },
      { title: 'Nothing came in', count: 0 },
    ],
  };
  const job = { kind: 'digest', key: 'all', payload: {}, attempts: 0, firstAt: now };
  await sendDigests(job, deps);
  expect(smtp.received).toEqual([]);
  services.clock.now = new Date('2026-11-25T06:10:00Z');
  // Two workers at the same moment send one.
  await Promise.all([sendDigests(job, deps), sendDigests(job, deps)]);
  const sent = await message();
  expect([sent.to, sent.mail.subject]).toEqual([[email], '3 new leads']);
  expect(sent.mail.text).toContain('Locks & keys: 3');
  expect(sent.mail.text).not.toContain('Nothing came in');
  expect(smtp.received).toHaveLength(1);
  expect((await findAccount(account?.id ?? ''))?.digestAt).toEqual(new Date('2026-11-26T06:00:00Z'));
});

test('an outbox shows what opens an account to administrators only', async () => {
  await worker.stop();
  const { mailer } = services;
  services.mailer = createMailer({ dataDir: services.config.dataDir, from: 'papers@doors.example' });
  worker = startWorker(services);
  await inviteUser({ email: 'nina@doors.example', name: 'Nina', role: 'admin' });
  await until('the file', async () => (await listOutbox(services.config.dataDir)).length === 1);
  const [entry] = await listOutbox(services.config.dataDir);
  const paths = ['', '/html', '/raw'].map((part) => `/staff/outbox/${entry?.name}${part}`);
  for (const [role, status] of [
    ['admin', 200],
    ['marketer', 404],
    ['analyst', 404],
  ] as const) {
    const agent = browser();
    await signIn(agent, await person(role));
    for (const path of paths) expect([role, path, (await agent.get(path)).status]).toEqual([role, path, status]);
    expect((await agent.get('/staff/outbox')).text.includes('nina@doors.example')).toBe(role === 'admin');
  }
  services.mailer = mailer;
});
