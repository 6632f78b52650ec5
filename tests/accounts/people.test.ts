import mongoose from 'mongoose';
import type { Agent } from 'supertest';
import { addUser, findAccount, listAccounts, listAudit, makeApiKey, type Role } from '../../src/accounts/accounts';
import * as jobs from '../../src/jobs/jobs';
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
  expect([answer.status, answer.headers['location']]).toEqual([303, `/staff/people/${account.id}?done=disable`]);
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

describe('a sponsor’s administrator', () => {
  const path = (id: string, deed = '') => `/portal/people/${id}${deed && `/${deed}`}`;
  const actions = async () => (await listAudit()).map(({ actor, action, subject }) => [actor, action, subject]);

  async function cara(): Promise<{ agent: Agent; id: string }> {
    const { account } = await addUser({
      email: 'cara@acme.example',
      role: 'sponsor-admin',
      sponsor: 'acme',
      password: PASSWORD,
    });
    const agent = browser();
    await signIn(agent, account.email);
    return { agent, id: account.id };
  }
  const dan = (role: Role = 'sponsor-member') =>
    addUser({ email: 'dan@acme.example', role, sponsor: 'acme', password: PASSWORD });

  test('invites people of the own sponsor, whatever else the form says, and takes an invitation back', async () => {
    const { agent } = await cara();
    const typed = { email: 'eve@acme.example', name: 'Eve', role: 'sponsor-member', sponsor: 'northgate' };
    const answer = await send(agent, '/portal/people', typed);
    const [, page = ''] = /^(.*)\?done=invited$/.exec(String(answer.headers['location'])) ?? [];
    const eve = (await listAccounts({ sponsor: 'acme' })).find(({ email }) => email === 'eve@acme.example');
    expect([answer.status, page, eve?.role]).toEqual([303, path(eve?.id ?? ''), 'sponsor-member']);
    expect(await jobs.find('letter', `invitation:${eve?.id}`)).not.toBeNull();
    expect((await agent.get(page)).text).toContain('has not chosen a password yet');
    expect((await send(agent, page, {}, `${page}/invite`)).status).toBe(303);
    expect((await send(agent, page, {}, `${page}/revoke`)).headers['location']).toBe('/portal/people?done=revoked');
    expect(await listAccounts({ sponsor: 'acme' })).toHaveLength(1);
    const by = 'cara@acme.example';
    expect(await actions()).toEqual(
      expect.arrayContaining([
        [by, 'added as sponsor-member', 'eve@acme.example'],
        [by, 'took back the invitation of', 'eve@acme.example'],
      ]),
    );
  });

  test.each([
    [{ email: 'eve', role: 'sponsor-member' }, 'That is not an e-mail address.'],
    [{ email: 'eve@acme.example', role: 'admin' }, 'Choose a role from the list.'],
    [{ email: 'admin@doors.example', role: 'sponsor-member' }, 'This address can’t be invited.'],
  ])('is told what is wrong with %p, and what was typed stays', async (typed, words) => {
    await person('admin');
    const { agent } = await cara();
    const answer = await send(agent, '/portal/people', typed);
    expect([answer.status, answer.text.includes(words), answer.text.includes(`value="${typed.email}"`)]).toEqual([
      422,
      true,
      true,
    ]);
    expect(await listAccounts()).toHaveLength(2);
  });

  test('ends a person’s access at once, and lets them in again; their keys are pointed out', async () => {
    const [{ agent }, { account }] = [await cara(), await dan('sponsor-admin')];
    await makeApiKey(
      { name: 'CRM of Dan', sponsor: 'acme', verbs: ['ledger:read'], createdBy: account.email },
      new Date(),
    );
    const other = browser();
    await signIn(other, account.email);
    expect((await other.get('/portal')).status).toBe(200);
    expect((await agent.get(path(account.id))).text).toContain('CRM of Dan');
    expect((await send(agent, path(account.id), {}, path(account.id, 'end-sessions'))).status).toBe(303);
    expect((await other.get('/portal')).status).toBe(303);
    await signIn(other, account.email);
    expect((await send(agent, path(account.id), {}, path(account.id, 'disable'))).status).toBe(303);
    expect((await other.get('/portal')).status).toBe(303);
    expect((await signIn(other, account.email)).status).not.toBe(303);
    expect((await send(agent, path(account.id), {}, path(account.id, 'enable'))).status).toBe(303);
    expect((await signIn(other, account.email)).status).toBe(303);
    await send(agent, path(account.id), { role: 'sponsor-member' }, path(account.id, 'role'));
    expect((await other.get('/portal/people')).status).toBe(403);
    expect(await findAccount(account.id)).toMatchObject({ role: 'sponsor-member' });
    for (const action of ['ended the sessions of', 'disabled', 'enabled', 'changed the role of']) {
      expect(await actions()).toContainEqual(['cara@acme.example', action, account.email]);
    }
  });

  test('can’t leave as the last one, not even two at the same moment; staff may send them away', async () => {
    const { agent, id } = await cara();
    await addUser({ email: 'asked@acme.example', role: 'sponsor-admin', sponsor: 'acme' });
    await addUser({ email: 'n@northgate.example', role: 'sponsor-admin', sponsor: 'northgate', password: PASSWORD });
    for (const [deed, typed] of [
      ['disable', {}],
      ['role', { role: 'sponsor-member' }],
    ] as const) {
      const answer = await send(agent, path(id), typed, path(id, deed));
      expect([answer.status, answer.text.includes('This is the last administrator.')]).toEqual([409, true]);
    }
    expect(await findAccount(id)).toMatchObject({ role: 'sponsor-admin' });
    const { account } = await dan('sponsor-admin');
    const leaving = await Promise.all([
      send(agent, path(id), { role: 'sponsor-member' }, path(id, 'role')),
      send(agent, path(account.id), {}, path(account.id, 'disable')),
    ]);
    expect(leaving.some(({ status }) => status !== 303)).toBe(true);
    const staff = await administrator();
    expect((await send(staff, '/staff/people', {}, `/staff/people/${id}/disable`)).status).toBe(303);
  });

  test('has nothing of other sponsors and of staff; a member manages nobody; there is an end to how many', async () => {
    const { agent, id } = await cara();
    const { account: theirs } = await addUser({
      email: 'n@northgate.example',
      role: 'sponsor-member',
      sponsor: 'northgate',
      password: PASSWORD,
    });
    await person('admin');
    const staff = (await listAccounts()).find(({ role }) => role === 'admin');
    expect((await agent.get('/portal/people')).text).not.toMatch(/northgate|admin@doors/);
    for (const other of [theirs.id, staff?.id ?? '', 'nobody']) {
      expect((await agent.get(path(other))).status).toBe(404);
      for (const deed of ['invite', 'revoke', 'disable', 'enable', 'role', 'end-sessions']) {
        expect((await send(agent, '/portal/people', { role: 'sponsor-admin' }, path(other, deed))).status).toBe(404);
      }
    }
    const member = browser();
    await dan();
    await signIn(member, 'dan@acme.example');
    expect((await member.get('/portal/people')).status).toBe(403);
    expect((await send(member, '/sign-in', { role: 'sponsor-member' }, path(id, 'role'))).status).toBe(403);
    const hundred = Array.from({ length: 98 }, (_, n) => ({
      _id: `p${n}`,
      emailKey: `p${n}`,
      email: `p${n}`,
      role: 'sponsor-member',
      sponsor: 'acme',
      createdAt: new Date(),
    }));
    await mongoose.connection.collection('accounts').insertMany(hundred as never[]);
    const answer = await send(agent, '/portal/people', { email: 'one@acme.example', role: 'sponsor-member' });
    expect([answer.status, answer.text.includes('There are 100 people already.')]).toEqual([422, true]);
  });
});
