import { Secret, TOTP } from 'otpauth';
import type { Agent } from 'supertest';
import { AccountModel, SessionModel } from '../../src/accounts/account.model';
import { listAccounts, listAudit, requireSecondFactor } from '../../src/accounts/accounts';
import { person, send, signIn, usePeople } from './browser';

const { services, browser } = usePeople();

beforeEach(() => {
  services.clock.now = new Date('2026-11-24T10:00:00Z');
});

const later = (seconds: number): void => {
  services.clock.now = new Date(services.clock.now.getTime() + seconds * 1000);
};

/** What an authenticator app shows that has scanned the page. */
const codeOf = (secret: string): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: services.clock.now.getTime() });

const secretIn = (html: string): string => (/<code class="secret">([^<]+)</.exec(html)?.[1] ?? '').replaceAll(' ', '');
const codesIn = (html: string): string[] => [...html.matchAll(/<li><code>([^<]+)</g)].map(([, code]) => code ?? '');

/** Sets up a second factor by its page; what the app and the sheet of paper hold. */
async function enrol(agent: Agent): Promise<{ secret: string; recovery: string[] }> {
  const secret = secretIn((await agent.get('/account/second-factor')).text);
  const answer = await send(agent, '/account/second-factor', { code: codeOf(secret) });
  return { secret, recovery: codesIn(answer.text) };
}

async function enrolled(): Promise<{ email: string; agent: Agent; secret: string; recovery: string[] }> {
  const email = await person('marketer');
  const agent = browser();
  await signIn(agent, email);
  const held = await enrol(agent);
  later(60);
  return { email, agent, ...held };
}

/** Signs in and types a code; where it leads, or 422. */
async function signInWith(email: string, code: string): Promise<string | number> {
  const agent = browser();
  expect((await signIn(agent, email)).headers['location']).toBe('/sign-in/code');
  // The password alone opens nothing.
  expect((await agent.get('/staff')).status).toBe(303);
  const answer = await send(agent, '/sign-in/code', { code });
  return answer.headers['location'] ?? answer.status;
}

test('is set up with an app that shows the right code; the page has it as a picture and as text', async () => {
  const agent = browser();
  await signIn(agent, await person('marketer'));
  const page = await agent.get('/account/second-factor');
  expect(page.text).toContain('<svg');
  expect(secretIn(page.text)).toMatch(/^[A-Z2-7]{32}$/);
  const wrong = await send(agent, '/account/second-factor', { code: '000000' });
  expect([wrong.status, secretIn(wrong.text)]).toEqual([422, secretIn(page.text)]);
  const { recovery } = await enrol(agent);
  expect(new Set(recovery).size).toBe(10);
  expect((await agent.get('/account')).text).toContain('10 of 10 recovery codes are left');
});

test('is asked for after the password, and each code lets in once', async () => {
  const { email, secret } = await enrolled();
  const code = codeOf(secret);
  expect(await signInWith(email, '123')).toBe(422);
  expect(await signInWith(email, code)).toBe('/staff');
  expect(await signInWith(email, code)).toBe(422);
  later(30);
  expect(await signInWith(email, codeOf(secret))).toBe('/staff');
});

test('of two who send the same code at the same moment one is let in', async () => {
  const { email, secret } = await enrolled();
  const code = codeOf(secret);
  const found = await Promise.all([signInWith(email, code), signInWith(email, code)]);
  expect(found.sort()).toEqual(['/staff', 422].sort());
});

test('a code from a telephone half a minute off is taken, from one of two minutes is not', async () => {
  const { email, secret } = await enrolled();
  const old = codeOf(secret);
  later(30);
  expect(await signInWith(email, old)).toBe('/staff');
  later(120);
  const older = codeOf(secret);
  later(120);
  expect(await signInWith(email, older)).toBe(422);
});

test('a recovery code stands in once, however it is written', async () => {
  const { email, recovery } = await enrolled();
  const [first = '', second = ''] = recovery;
  expect(await signInWith(email, first)).toBe('/staff');
  expect(await signInWith(email, first)).toBe(422);
  expect(await signInWith(email, second.toUpperCase().replaceAll('-', ' '))).toBe('/staff');
  expect(await listAudit()).toContainEqual(expect.objectContaining({ action: 'signed in with a recovery code' }));
});

test('ten wrong codes are enough, for the right one too', async () => {
  const { email, secret } = await enrolled();
  const agent = browser();
  await signIn(agent, email);
  for (let n = 0; n < 10; n += 1) await send(agent, '/sign-in/code', { code: '1' });
  const answer = await send(agent, '/sign-in/code', { code: codeOf(secret) });
  expect([answer.status, answer.text]).toEqual([429, expect.stringContaining('too many wrong codes')]);
});

test('a right password waits ten minutes for its code', async () => {
  const { email, secret } = await enrolled();
  const agent = browser();
  await signIn(agent, email);
  const page = await agent.get('/sign-in/code');
  later(601);
  const token = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1];
  const answer = await agent
    .post('/sign-in/code')
    .type('form')
    .send({ _csrf: token, code: codeOf(secret) });
  expect(answer.headers['location']).toBe('/sign-in');
});

test('the store holds neither the secret nor a code', async () => {
  const { secret, recovery } = await enrolled();
  const rows = JSON.stringify([
    await AccountModel.find({}).lean(),
    await AccountModel.db.collection('sessions').find({}).toArray(),
  ]);
  expect(rows).toContain('"second"');
  for (const kept of [secret, ...recovery, ...recovery.map((code) => code.replaceAll('-', ''))]) {
    expect(rows).not.toContain(kept);
  }
});

test('an old key still opens it when SECRET_KEY is rotated', async () => {
  const { email, secret } = await enrolled();
  const keys = services.config.secretKeys;
  Object.assign(services, { config: { ...services.config, secretKeys: ['a newer secret for tests', ...keys] } });
  expect(await signInWith(email, codeOf(secret))).toBe('/staff');
  Object.assign(services, { config: { ...services.config, secretKeys: keys } });
});

test('a role that must have one does nothing else until it is set up, and can’t take it off', async () => {
  const agent = browser();
  await signIn(agent, await person('marketer'));
  await requireSecondFactor(['marketer']);
  expect((await agent.get('/staff')).headers['location']).toBe('/account/second-factor');
  await enrol(agent);
  expect((await agent.get('/staff')).status).toBe(200);
  expect((await send(agent, '/account', {}, '/account/second-factor/remove')).status).toBe(409);
  await requireSecondFactor([]);
  expect((await send(agent, '/account', {}, '/account/second-factor/remove')).status).toBe(303);
  expect(await listAccounts()).toMatchObject([{ email: 'marketer@doors.example' }]);
  expect((await listAccounts())[0]).not.toHaveProperty('secondAt');
});

test('an administrator chooses for which roles, and takes one off whose telephone is lost', async () => {
  const { email } = await enrolled();
  const admin = browser();
  await signIn(admin, await person('admin'));
  const chosen = await send(admin, '/staff/people', { roles: ['analyst', 'nonsense'] }, '/staff/people/second-factor');
  expect(chosen.status).toBe(303);
  const account = (await listAccounts()).find((one) => one.email === email);
  const page = `/staff/people/${account?.id}`;
  expect((await send(admin, page, {}, `${page}/remove-second-factor`)).status).toBe(303);
  expect((await signIn(browser(), email)).headers['location']).toBe('/staff');
  expect(await listAudit()).toContainEqual(
    expect.objectContaining({ action: 'chose who must have a second factor', after: { roles: ['analyst'] } }),
  );
});

test('new recovery codes end the old ones', async () => {
  const { email, agent, recovery } = await enrolled();
  const fresh = codesIn((await send(agent, '/account', {}, '/account/recovery-codes')).text);
  expect(fresh).toHaveLength(10);
  expect(await signInWith(email, recovery[0] ?? '')).toBe(422);
  expect(await signInWith(email, fresh[0] ?? '')).toBe('/staff');
  expect(await SessionModel.countDocuments({})).toBe(2);
});
