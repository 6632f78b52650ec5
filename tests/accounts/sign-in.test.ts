import { performance } from 'node:perf_hooks';
import request from 'supertest';
import {
  addUser,
  authenticate,
  disableAccount,
  invitationFor,
  listAudit,
  type Role,
} from '../../src/accounts/accounts';
import { pagesWithPeople, tokenIn } from '../web/app';
import { cookieOf, PASSWORD, person, send, signIn, usePeople } from './browser';

const { services, app, browser } = usePeople();

describe('after the sign-in', () => {
  test.each<[Role, string]>([
    ['admin', '/staff'],
    ['marketer', '/staff'],
    ['analyst', '/staff'],
    ['sponsor-admin', '/portal'],
    ['sponsor-member', '/portal'],
  ])('%s comes to %s and gets no further', async (role, home) => {
    const agent = browser();
    const answer = await signIn(agent, await person(role));
    expect([answer.status, answer.headers['location']]).toEqual([303, home]);
    expect((await agent.get(home)).status).toBe(200);
    expect((await agent.get(home === '/staff' ? '/portal' : '/staff')).status).toBe(403);
  });

  test.each([
    ['/staff/leads', '/staff/leads'],
    ['/staff/leads?status=active', '/staff/leads?status=active'],
    ['/staff?x=1', '/staff?x=1'],
    ['/portal', '/staff'],
    ['/', '/staff'],
    ['//evil.example', '/staff'],
    ['/\\evil.example', '/staff'],
    ['https://evil.example/staff', '/staff'],
    ['https:/staff', '/staff'],
    ['javascript:alert(1)', '/staff'],
    ['/staff.evil.example', '/staff'],
    ['/staff/../portal', '/staff'],
    ['/staff/..//evil.example', '/staff'],
    ['/staff/\\..\\..//evil.example', '/staff'],
    ['/staff/%2e%2e//evil.example', '/staff'],
    ['/staff@evil.example', '/staff'],
    ['\t//evil.example', '/staff'],
  ])('next=%s leads to %s', async (next, location) => {
    const answer = await signIn(browser(), await person('admin'), { next });
    expect([answer.status, answer.headers['location']]).toEqual([303, location]);
  });

  test('two addresses to go to are none', async () => {
    const agent = browser();
    const email = await person('admin');
    const path = '/sign-in?next=/staff/leads&next=//evil.example';
    const token = tokenIn((await agent.get(path)).text);
    const answer = await agent.post(path).type('form').send({ _csrf: token, email, password: PASSWORD });
    expect(answer.headers['location']).toBe('/staff');
  });

  test('it is in the audit log', async () => {
    await signIn(browser(), await person('admin'));
    expect(await listAudit()).toMatchObject([{ actor: 'admin@doors.example', action: 'signed in' }]);
  });
});

describe('the session', () => {
  test('is a new one, so that a cookie planted before is worth nothing', async () => {
    const email = await person('admin');
    const agent = browser();
    const before = cookieOf(await agent.get('/sign-in'));
    const after = cookieOf(await signIn(agent, email));
    expect(before).toMatch(/^gatefold=/);
    expect(after).toMatch(/^gatefold=/);
    expect(after).not.toBe(before);
    expect((await request(app()).get('/staff').set('Cookie', before)).status).toBe(303);
    expect((await request(app()).get('/staff').set('Cookie', after)).status).toBe(200);
  });

  test('has a cookie that scripts and other sites do not get, for 12 hours', async () => {
    const [cookie] = (await browser().get('/sign-in')).headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    const expires = new Date(/Expires=([^;]+)/.exec(cookie ?? '')?.[1] ?? '').getTime();
    expect(Math.round((expires - Date.now()) / 3_600_000)).toBe(12);
  });

  test('has a __Host- cookie behind https', async () => {
    const behindHttps = { ...services, config: { ...services.config, secure: true } };
    const answer = await request(pagesWithPeople(behindHttps)).get('/sign-in').set('X-Forwarded-Proto', 'https');
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-gatefold=.*; Path=\/;.*HttpOnly; Secure; SameSite=Lax$/);
  });

  test('ends at sign-out, which takes a form', async () => {
    const agent = browser();
    const cookie = cookieOf(await signIn(agent, await person('admin')));
    expect((await agent.get('/sign-out')).status).toBe(404);
    expect((await agent.post('/sign-out').type('form').send({})).status).toBe(403);
    expect((await agent.get('/staff')).status).toBe(200);
    const token = tokenIn((await agent.get('/sign-in')).text);
    const out = await agent.post('/sign-out').type('form').send({ _csrf: token });
    expect([out.status, out.headers['location']]).toEqual([303, '/sign-in']);
    expect((await request(app()).get('/staff').set('Cookie', cookie)).status).toBe(303);
  });

  test('ends at the next click when the account is disabled', async () => {
    await person('admin');
    const { account } = await addUser({ email: 'ben@doors.example', role: 'marketer', password: PASSWORD });
    const agent = browser();
    await signIn(agent, 'ben@doors.example');
    await disableAccount(account.id, new Date());
    const answer = await agent.get('/staff/leads?status=active');
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/sign-in?next=%2Fstaff%2Fleads%3Fstatus%3Dactive');
    expect((await signIn(browser(), 'ben@doors.example')).status).toBe(422);
  });

  test('ends when the person chooses a new password by a link, wherever else they are signed in', async () => {
    const { account } = await addUser({ email: 'ada@doors.example', role: 'admin', password: PASSWORD });
    const elsewhere = browser();
    await signIn(elsewhere, account.email);
    services.clock.now = new Date(services.clock.now.getTime() + 60_000);
    const here = browser();
    const path = `/setup/${await invitationFor(account.id, services.clock.now)}`;
    const answer = await send(here, path, { password: 'four new words in a row' });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/staff']);
    expect((await here.get('/staff')).status).toBe(200);
    expect((await elsewhere.get('/staff')).status).toBe(303);
  });
});

describe('a wrong password', () => {
  test('is answered like an unknown address, with the address still there', async () => {
    const email = await person('admin');
    const known = await signIn(browser(), email, { password: 'not this password' });
    const unknown = await signIn(browser(), 'eve@doors.example', { password: 'not this password' });
    expect([known.status, unknown.status]).toEqual([422, 422]);
    const plain = (text: string): string => text.replace(/value="[^"]*"/g, '');
    expect(plain(known.text)).toBe(plain(unknown.text));
    expect(known.text).toContain(`value="${email}"`);
    expect(known.text).not.toContain('not this password');
    expect(known.text).toMatch(/class="error-summary"[^>]*autofocus/);
  });

  test('takes as long for an unknown address, for one without a password, and for a disabled one', async () => {
    const email = await person('admin');
    await addUser({ email: 'invited@doors.example', role: 'analyst' });
    const middleOf = async (address: string): Promise<number> => {
      const times: number[] = [];
      for (let n = 0; n < 7; n += 1) {
        const start = performance.now();
        await authenticate(address, 'not this password', `timing-${address}`);
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[3] ?? 0;
    };
    const known = await middleOf(email);
    for (const address of ['eve@doors.example', 'invited@doors.example']) {
      expect((await middleOf(address)) / known).toBeGreaterThan(0.3);
    }
  });

  test('is refused after ten tries for an address, whoever tries and whether or not it is known', async () => {
    const email = await person('admin', 'worn@doors.example');
    for (const address of [email, 'nobody@doors.example']) {
      for (let n = 0; n < 10; n += 1) expect(await authenticate(address, 'wrong', `10.0.0.${n}`)).toBeNull();
      const eleventh = authenticate(` ${address.toUpperCase()}`, PASSWORD, '10.0.1.1');
      await expect(eleventh).rejects.toMatchObject({ code: 'sign-in-throttled', kind: 'too-many' });
    }
    const answer = await signIn(browser(), email);
    expect(answer.status).toBe(429);
    expect(answer.text).toContain('There were too many wrong passwords.');
  });

  test('is counted before it is known to be wrong: a hundred at the same moment are ten', async () => {
    const email = await person('admin', 'stormed@doors.example');
    const tries = Array.from({ length: 100 }, (_, n) => authenticate(email, `guess ${n}`, `storm-${n}`));
    const ended = await Promise.allSettled(tries);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  });

  test('is refused after fifty tries from a network, for any address', async () => {
    await person('admin', 'quiet@doors.example');
    const tries = Array.from({ length: 50 }, (_, n) => authenticate(`name${n}@doors.example`, 'wrong', 'prober'));
    await Promise.all(tries);
    await expect(authenticate('quiet@doors.example', PASSWORD, 'prober')).rejects.toMatchObject({ kind: 'too-many' });
    await expect(authenticate('quiet@doors.example', PASSWORD, 'elsewhere')).resolves.toMatchObject({ role: 'admin' });
  });

  test('a right one clears what was held against the address', async () => {
    const email = await person('admin', 'clumsy@doors.example');
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 9; n += 1) expect(await authenticate(email, 'wrong', `clumsy-${round}`)).toBeNull();
      expect(await authenticate(email, PASSWORD, `clumsy-${round}`)).toMatchObject({ email });
    }
  });
});

test.each([
  ['é as one letter or two', 'cafe\u0301 au lait, s’il vous plaît', 'café au lait, s’il vous plaît'],
  ['spaces around it', ' three words in a row ', ' three words in a row '],
])('a password with %s', async (_name, chosen, typed) => {
  await addUser({ email: 'ada@doors.example', role: 'admin', password: chosen });
  expect(await authenticate('ada@doors.example', typed, 'here')).toMatchObject({ email: 'ada@doors.example' });
});
