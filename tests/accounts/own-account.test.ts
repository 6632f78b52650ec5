import type { Agent } from 'supertest';
import { listAccounts, listAudit, listSessions } from '../../src/accounts/accounts';
import { tokenIn } from '../web/app';
import { PASSWORD, person, send, signIn, usePeople } from './browser';

const { services, browser } = usePeople();
const NEW = 'four words in a row';

beforeEach(() => {
  services.clock.now = new Date('2026-11-24T10:00:00Z');
});

async function signedIn(role: 'admin' | 'marketer' | 'sponsor-member' = 'marketer'): Promise<Agent> {
  const agent = browser();
  await signIn(agent, await person(role));
  return agent;
}

async function me(): Promise<{ id: string }> {
  const [account] = await listAccounts();
  if (!account) throw new Error('nobody is there');
  return account;
}

test('everybody has a page of their own, in the frame of their part of the house', async () => {
  expect((await (await signedIn()).get('/account')).text).toContain('>Staff</span>');
  expect((await (await signedIn('sponsor-member')).get('/account')).text).toContain('>Sponsor portal</span>');
  expect((await browser().get('/account')).headers['location']).toBe('/sign-in?next=%2Faccount');
});

test('sessions are listed, one ends, or all others do; nobody ends another person’s', async () => {
  const here = await signedIn();
  const there = browser();
  await signIn(there, 'marketer@doors.example');
  const elsewhere = browser();
  await signIn(elsewhere, 'marketer@doors.example');
  const { id } = await me();
  expect((await here.get('/account')).text.match(/End<span/g)).toHaveLength(2);
  // The one that has not been clicked in for longest is not the one that looks.
  const theirs = (await listSessions(id)).at(-1);
  const stranger = browser();
  await signIn(stranger, await person('analyst'));
  await send(stranger, '/account', {}, `/account/sessions/${theirs?.id}/end`);
  expect(await listSessions(id)).toHaveLength(3);
  await send(here, '/account', {}, `/account/sessions/${theirs?.id}/end`);
  expect(await listSessions(id)).toHaveLength(2);
  await send(here, '/account', {}, '/account/sessions/end-others');
  expect([(await here.get('/staff')).status, await listSessions(id)]).toEqual([200, [expect.anything()]]);
  expect([(await there.get('/staff')).status, (await elsewhere.get('/staff')).status]).toEqual([303, 303]);
});

test('signing out ends the session for whoever kept its cookie', async () => {
  const agent = await signedIn();
  await send(agent, '/account', {}, '/sign-out');
  expect(await listSessions((await me()).id)).toEqual([]);
});

test('a new password needs the old one, and ends every other session', async () => {
  const here = await signedIn();
  const there = browser();
  await signIn(there, 'marketer@doors.example');
  const wrong = await send(here, '/account', { current: 'not mine at all', password: NEW }, '/account/password');
  expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('That is not your password.')]);
  const short = await send(here, '/account', { current: PASSWORD, password: 'short' }, '/account/password');
  expect(short.status).toBe(422);
  const right = await send(here, '/account', { current: PASSWORD, password: NEW }, '/account/password');
  expect(right.headers['location']).toBe('/account?done=password');
  expect([(await here.get('/staff')).status, (await there.get('/staff')).status]).toEqual([200, 303]);
  expect((await signIn(browser(), 'marketer@doors.example')).status).toBe(422);
  expect((await signIn(browser(), 'marketer@doors.example', { password: NEW })).status).toBe(303);
});

test('name and address change, and both addresses are in the audit log', async () => {
  const agent = await signedIn();
  await person('analyst');
  const taken = await send(agent, '/account', { name: 'Ben', email: 'analyst@doors.example' }, '/account/profile');
  expect([taken.status, taken.text]).toEqual([422, expect.stringContaining('has an account already')]);
  const typed = { name: 'Ben', email: 'ben@doors.example' };
  expect((await send(agent, '/account', typed, '/account/profile')).status).toBe(303);
  expect((await signIn(browser(), 'ben@doors.example')).status).toBe(303);
  expect(await listAudit()).toContainEqual(
    expect.objectContaining({
      action: 'changed their profile',
      before: { name: '', email: 'marketer@doors.example' },
      after: typed,
    }),
  );
});

test('after a quarter of an hour a sensitive change asks for the password, and what was typed waits', async () => {
  const agent = await signedIn('admin');
  services.clock.now = new Date(services.clock.now.getTime() + 15 * 60_000);
  const typed = { email: 'new@doors.example', name: '<b>Nina & Co</b>', role: 'analyst' };
  const asked = await send(agent, '/staff/people', typed);
  expect([asked.status, asked.text]).toEqual([422, expect.stringContaining('Is it you?')]);
  expect(asked.text).toContain('name="name" value="&lt;b&gt;Nina &amp; Co&lt;/b&gt;"');
  expect(await listAccounts()).toHaveLength(1);
  const again = { _csrf: tokenIn(asked.text), ...typed };
  const wrong = await agent
    .post('/staff/people')
    .type('form')
    .send({ ...again, _password: 'not it, sorry' });
  expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('That is not your password.')]);
  const right = await agent
    .post('/staff/people')
    .type('form')
    .send({ ...again, _password: PASSWORD });
  expect(right.status).toBe(303);
  expect(await listAccounts()).toContainEqual(expect.objectContaining({ name: typed.name, invited: true }));
  // And not again for the next one.
  expect((await send(agent, '/staff/people', { ...typed, email: 'two@doors.example' })).status).toBe(303);
});
