import type { Agent } from 'supertest';
import { addUser, findAccount, listAccounts, listAudit, type Role } from '../../src/accounts/accounts';
import { putSponsor } from '../../src/sponsors/sponsors';
import { PASSWORD, person, send, signIn, usePeople } from './browser';

const { browser } = usePeople();

async function administrator(): Promise<Agent> {
  const agent = browser();
  await signIn(agent, await person('admin'));
  return agent;
}

/** The set-up link that a page shows. */
const linkIn = (html: string): string => /<code>http:\/\/localhost:3000(\/setup\/[\w-]+)<\/code>/.exec(html)?.[1] ?? '';

test.each<Role>(['marketer', 'analyst', 'sponsor-admin'])('%s sees and changes nobody', async (role) => {
  const agent = browser();
  await signIn(agent, await person(role));
  const [me] = await listAccounts();
  expect((await agent.get('/staff/people')).status).toBe(403);
  const answer = await send(agent, '/sign-in', { email: 'eve@doors.example', role: 'admin' }, '/staff/people');
  expect(answer.status).toBe(403);
  expect((await send(agent, '/sign-in', {}, `/staff/people/${me?.id}/link`)).status).toBe(403);
  expect(await listAccounts()).toHaveLength(1);
});

test('who is not signed in is asked to, and comes back', async () => {
  await person('admin');
  const agent = browser();
  const answer = await agent.get('/staff/people');
  expect([answer.status, answer.headers['location']]).toEqual([303, '/sign-in?next=%2Fstaff%2Fpeople']);
  const back = await signIn(agent, 'admin@doors.example', { next: '/staff/people' });
  expect(back.headers['location']).toBe('/staff/people');
});

test('a sponsor’s person is invited; a link for them is shown once when it is asked for', async () => {
  await putSponsor({ slug: 'acme', name: 'ACME Cloud' });
  const agent = await administrator();
  const typed = { email: 'cara@acme.example', name: 'Cara', role: 'sponsor-admin', sponsor: 'acme' };
  const invited = await send(agent, '/staff/people', typed);
  const page = String(invited.headers['location']).replace(/\?.*/, '');
  expect([invited.status, page]).toEqual([303, expect.stringMatching(/^\/staff\/people\/[\w-]+$/)]);
  const answer = await send(agent, page, {}, `${page}/link`);
  expect(answer.status).toBe(200);
  const link = linkIn(answer.text);
  expect(link).not.toBe('');
  expect((await agent.get(page)).text).not.toContain(link);
  const cara = browser();
  const home = await send(cara, link, { password: PASSWORD });
  expect(home.headers['location']).toBe('/portal');
  expect((await cara.get('/portal')).text).toBe('for a sponsor');
  expect(await listAudit()).toContainEqual(
    expect.objectContaining({
      actor: 'admin@doors.example',
      action: 'added as sponsor-admin',
      subject: 'cara@acme.example',
    }),
  );
});

test.each([
  [{ email: 'cara', role: 'analyst' }, 'That is not an e-mail address.'],
  [{ email: 'cara@acme.example', role: 'sponsor-member', sponsor: '' }, 'This role needs a sponsor.'],
  [{ email: 'cara@acme.example', role: 'sponsor-member', sponsor: 'nobody' }, 'Choose a sponsor from the list.'],
  [{ email: 'admin@doors.example', role: 'analyst' }, 'has an account already'],
])('a mistake in %p is said, and what was typed stays', async (typed, words) => {
  const agent = await administrator();
  const answer = await send(agent, '/staff/people', typed);
  expect(answer.status).toBe(422);
  expect(answer.text).toContain(words);
  expect(answer.text).toContain(`value="${typed.email}"`);
  expect(await listAccounts()).toHaveLength(1);
});

test.each(['owner', '__proto__', ''])('the role %p is none, and makes nobody an administrator', async (role) => {
  const agent = await administrator();
  const answer = await send(agent, '/staff/people', { email: 'cara@doors.example', role });
  expect(answer.status).toBe(422);
  expect(await listAccounts()).toHaveLength(1);
});

test('a person is disabled, loses access, and keeps no way back', async () => {
  const agent = await administrator();
  const { account } = await addUser({ email: 'ben@doors.example', role: 'marketer', password: PASSWORD });
  const ben = browser();
  await signIn(ben, account.email);
  const answer = await send(agent, '/staff/people', {}, `/staff/people/${account.id}/disable`);
  expect([answer.status, answer.headers['location']]).toEqual([303, `/staff/people/${account.id}?done=disabled`]);
  expect((await ben.get('/staff')).status).toBe(303);
  expect(await findAccount(account.id)).toHaveProperty('disabledAt');
});

test('the last administrator is told why they stay', async () => {
  const agent = await administrator();
  const [me] = await listAccounts();
  const answer = await send(agent, '/staff/people', {}, `/staff/people/${me?.id}/disable`);
  expect(answer.status).toBe(409);
  expect(answer.text).toContain('This is the last administrator.');
});

test('a new set-up link is for the person whose row it is in; an unknown person is 404', async () => {
  const agent = await administrator();
  const { account } = await addUser({ email: 'ben@doors.example', role: 'marketer' });
  const answer = await send(agent, '/staff/people', {}, `/staff/people/${account.id}/link`);
  expect((await browser().get(linkIn(answer.text))).text).toContain('ben@doors.example');
  expect((await send(agent, '/staff/people', {}, '/staff/people/nobody/link')).status).toBe(404);
});

test.each<[string, object]>([
  ['without a token', {}],
  ['with a token of another session', { _csrf: 'x'.repeat(32) }],
  ['with two tokens', { _csrf: ['x', 'y'] }],
])('a form %s is refused', async (_name, typed) => {
  const agent = await administrator();
  const forged = { email: 'eve@evil.example', role: 'admin', ...typed };
  const answer = await agent.post('/staff/people').type('form').send(forged);
  expect(answer.status).toBe(403);
  expect(await listAccounts()).toHaveLength(1);
});

test.each(['cross-site', 'same-site'])('a form that a browser calls %s is refused, token or not', async (site) => {
  const agent = await administrator();
  const typed = { email: 'eve@evil.example', role: 'admin' };
  agent.set('Sec-Fetch-Site', site);
  expect((await send(agent, '/staff/people', typed)).status).toBe(403);
  expect(await listAccounts()).toHaveLength(1);
});
