import { AccountModel, SetupModel } from '../../src/accounts/account.model';
import {
  addUser,
  audit,
  disableAccount,
  findAccount,
  findSetup,
  hasAdministrator,
  invitationFor,
  listAccounts,
  listAudit,
  redeemSetup,
  setupTokenForFirstAdmin,
} from '../../src/accounts/accounts';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

const PASSWORD = 'three words in a row';
const ADA = { email: 'ada@doors.example', name: 'Ada Harrow', password: PASSWORD };
const NOW = new Date('2026-11-24T10:00:00Z');
const hoursLater = (hours: number): Date => new Date(NOW.getTime() + hours * 3_600_000);

async function firstToken(now = NOW): Promise<string> {
  const token = await setupTokenForFirstAdmin(now);
  if (!token) throw new Error('there is an administrator already');
  return token;
}

describe('passwords', () => {
  test('are kept as argon2id with the costs that OWASP asks for, and never leave the room', async () => {
    const { account } = await addUser({ email: 'ada@doors.example', role: 'admin', password: PASSWORD });
    const row = await AccountModel.findOne({ _id: account.id }).lean();
    expect(row?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(JSON.stringify([account, await findAccount(account.id), await listAccounts()])).not.toContain('argon2');
  });

  test.each([
    ['eleven characters', 'elf zeichen', false],
    ['twelve characters', 'zwölf zeichn', true],
    ['twelve characters outside the first plane', '🔑'.repeat(12), true],
    ['six characters that JavaScript counts as twelve', '🔑'.repeat(6), false],
    ['two hundred characters', 'x'.repeat(200), true],
    ['two hundred and one', 'x'.repeat(201), false],
  ])('%s', async (_name, password, taken) => {
    const added = addUser({ email: 'ada@doors.example', role: 'analyst', password });
    if (taken) await expect(added).resolves.toMatchObject({ account: { role: 'analyst' } });
    else await expect(added).rejects.toMatchObject({ code: 'password-length', kind: 'invalid' });
  });
});

describe('people', () => {
  test('one address has one account, however it is written', async () => {
    await addUser({ email: 'Ada@Doors.example', role: 'admin', password: PASSWORD });
    const again = addUser({ email: ' ada@doors.EXAMPLE', role: 'analyst', password: PASSWORD });
    await expect(again).rejects.toMatchObject({ code: expect.stringMatching(/account-exists|address-invalid/) });
    await expect(addUser({ email: 'ada@doors.EXAMPLE', role: 'analyst' })).rejects.toMatchObject({ kind: 'conflict' });
    expect(await listAccounts()).toHaveLength(1);
  });

  test.each(['', 'ada', 'ada@', '@doors.example', 'ada harrow@doors.example', 'ada@doors.example\nBcc: x@y.example'])(
    '%p is no address',
    async (email) => {
      await expect(addUser({ email, role: 'admin' })).rejects.toMatchObject({ code: 'address-invalid' });
    },
  );

  test('a sponsor role needs a sponsor, and no other role has one', async () => {
    await expect(addUser({ email: 'a@b.example', role: 'sponsor-admin' })).rejects.toMatchObject({ kind: 'invalid' });
    const staff = addUser({ email: 'a@b.example', role: 'admin', sponsor: 'acme' });
    await expect(staff).rejects.toMatchObject({ kind: 'invalid' });
    const { account } = await addUser({ email: 'a@b.example', role: 'sponsor-member', sponsor: 'acme' });
    expect(account).toMatchObject({ role: 'sponsor-member', sponsor: 'acme' });
  });

  test('the last administrator can not be disabled, another one can', async () => {
    const { account: first } = await addUser({ email: 'a@doors.example', role: 'admin', password: PASSWORD });
    await expect(disableAccount(first.id, NOW)).rejects.toMatchObject({ code: 'last-administrator' });
    const { account: second } = await addUser({ email: 'b@doors.example', role: 'admin', password: PASSWORD });
    await disableAccount(first.id, NOW);
    expect(await findAccount(first.id)).toMatchObject({ disabledAt: NOW });
    await expect(disableAccount(second.id, NOW)).rejects.toMatchObject({ code: 'last-administrator' });
  });

  test('an administrator who never chose a password does not count as the last one', async () => {
    const { account } = await addUser({ email: 'a@doors.example', role: 'admin', password: PASSWORD });
    await addUser({ email: 'invited@doors.example', role: 'admin' });
    await expect(disableAccount(account.id, NOW)).rejects.toMatchObject({ code: 'last-administrator' });
  });
});

describe('the link for the first administrator', () => {
  test('makes an administrator, once', async () => {
    const token = await firstToken();
    const account = await redeemSetup(token, ADA, NOW);
    expect(account).toMatchObject({ email: ADA.email, name: ADA.name, role: 'admin' });
    expect(await hasAdministrator()).toBe(true);
    await expect(redeemSetup(token, ADA, NOW)).rejects.toMatchObject({ code: 'setup-used', kind: 'gone' });
    expect(await setupTokenForFirstAdmin(NOW)).toBeNull();
  });

  test('is used by one of two who send it at the same moment', async () => {
    const token = await firstToken();
    const both = await Promise.allSettled([
      redeemSetup(token, ADA, NOW),
      redeemSetup(token, { ...ADA, email: 'eve@doors.example' }, NOW),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await listAccounts()).toHaveLength(1);
  });

  test('is good for 24 hours', async () => {
    const token = await firstToken();
    await expect(findSetup(token, hoursLater(23.9))).resolves.toEqual({});
    await expect(findSetup(token, hoursLater(24))).rejects.toMatchObject({ code: 'setup-used' });
    await expect(redeemSetup(token, ADA, hoursLater(25))).rejects.toMatchObject({ code: 'setup-used' });
  });

  test('a new one takes the place of the old one', async () => {
    const old = await firstToken();
    const token = await firstToken(hoursLater(1));
    await expect(findSetup(old, NOW)).rejects.toMatchObject({ code: 'setup-unknown', kind: 'not-found' });
    await expect(findSetup(token, NOW)).resolves.toEqual({});
  });

  test('is worth nothing once there is an administrator by another way', async () => {
    const token = await firstToken();
    await addUser({ email: 'cli@doors.example', role: 'admin', password: PASSWORD });
    await expect(redeemSetup(token, ADA, NOW)).rejects.toMatchObject({ code: 'setup-used' });
  });

  test.each([
    ['a password that is too short', { ...ADA, password: 'short' }, 'password-length'],
    ['no address', { ...ADA, email: 'ada' }, 'address-invalid'],
    ['the address of somebody else', { ...ADA, email: 'known@doors.example' }, 'account-exists'],
  ])('survives %s, so that the person can mend it', async (_name, person, code) => {
    await addUser({ email: 'known@doors.example', role: 'analyst' });
    const token = await firstToken();
    await expect(redeemSetup(token, person, NOW)).rejects.toMatchObject({ code });
    await expect(redeemSetup(token, ADA, NOW)).resolves.toMatchObject({ email: ADA.email });
  });

  test('the store keeps its hash and nothing that opens anything', async () => {
    const token = await firstToken();
    const rows = await SetupModel.find({}).lean();
    expect(rows).toHaveLength(1);
    expect(rows[0]?._id).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe('an invitation', () => {
  test('gives the invited person their password, for 72 hours, once', async () => {
    const { account, setupToken = '' } = await addUser({ email: 'ben@doors.example', role: 'marketer' });
    const issued = new Date();
    await expect(findSetup(setupToken, issued)).resolves.toEqual({ account });
    const late = new Date(issued.getTime() + 72 * 3_600_000 + 1000);
    await expect(findSetup(setupToken, late)).rejects.toMatchObject({ code: 'setup-used' });
    const eve = { email: 'eve@evil.example', name: 'Ben', password: PASSWORD };
    // Whatever address the form says: the link is for this account.
    await expect(redeemSetup(setupToken, eve, issued)).resolves.toMatchObject({ id: account.id, email: account.email });
    await expect(redeemSetup(setupToken, eve, issued)).rejects.toMatchObject({ code: 'setup-used' });
    expect((await listAccounts()).map(({ role }) => role)).toEqual(['marketer']);
  });

  test('a newer one takes its place, and others stay', async () => {
    const ben = await addUser({ email: 'ben@doors.example', role: 'marketer' });
    const cara = await addUser({ email: 'cara@doors.example', role: 'analyst' });
    const now = new Date();
    const newer = await invitationFor(ben.account.id, now);
    await expect(findSetup(ben.setupToken ?? '', now)).rejects.toMatchObject({ code: 'setup-unknown' });
    await expect(findSetup(newer, now)).resolves.toMatchObject({ account: { email: 'ben@doors.example' } });
    await expect(findSetup(cara.setupToken ?? '', now)).resolves.toMatchObject({
      account: { email: 'cara@doors.example' },
    });
  });

  test('opens nothing for an account that was disabled meanwhile', async () => {
    await addUser({ email: 'ada@doors.example', role: 'admin', password: PASSWORD });
    const { account, setupToken = '' } = await addUser({ email: 'ben@doors.example', role: 'admin' });
    await disableAccount(account.id, new Date());
    await expect(findSetup(setupToken, new Date())).rejects.toMatchObject({ code: 'setup-used' });
    const ben = { email: account.email, name: '', password: PASSWORD };
    await expect(redeemSetup(setupToken, ben, new Date())).rejects.toMatchObject({ code: 'setup-used' });
  });
});

test('the audit log tells the newest first, as many as asked for', async () => {
  for (const action of ['first', 'second', 'third']) await audit({ actor: 'ada@doors.example', action });
  const log = await listAudit(2);
  expect(log).toHaveLength(2);
  expect(log[0]?.at.getTime()).toBeGreaterThanOrEqual(log[1]?.at.getTime() ?? Number.POSITIVE_INFINITY);
  expect(log[0]).toMatchObject({ actor: 'ada@doors.example', subject: '' });
});
