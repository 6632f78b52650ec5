import { parse } from 'csv-parse/sync';
import type { Reader } from '../support/cast';
import { CLOUD, cloudForm, post, ripeToken } from '../support/form';
import { pageTexts } from '../support/pdf-text';
import { eventually, gatefold, startServer, type TestServer } from '../support/server';
import { type Received, type SmtpSink, startSmtp } from '../support/smtp';

jest.setTimeout(120_000);

const JANE: Reader = {
  firstName: 'Jane',
  lastName: 'Doe',
  email: 'jane@acme-homes.example',
  company: 'Acme Homes',
  country: 'GB',
};
const BOB: Reader = {
  ...JANE,
  firstName: 'Bob',
  lastName: 'Roe',
  email: 'bob@other-homes.example',
  company: 'Other Homes',
};

let smtp: SmtpSink;
let server: TestServer;
let token: string;

beforeAll(async () => {
  smtp = await startSmtp();
  server = await startServer({ SMTP_URL: smtp.url });
  token = await ripeToken(server.url, CLOUD);
});

afterAll(async () => {
  await server?.cleanUp();
  await smtp?.close();
});

const mailsTo = (address: string): Received[] => smtp.received.filter(({ to }) => to.includes(address));
const mailNumber = (n: number, address: string): Promise<Received> =>
  eventually(`mail ${n} to ${address}`, async () => mailsTo(address)[n - 1]);
const tokenIn = (text: string, kind: string): string => new RegExp(`/${kind}/(\\S+)`).exec(text)?.[1] ?? '';

async function ask(reader: Reader, more: Record<string, string> = {}): Promise<string> {
  const answer = await post(server.url, CLOUD, cloudForm(reader, token, more));
  expect(answer.status).toBe(303);
  return answer.headers.get('location') ?? '';
}

async function sponsorSees(): Promise<Record<string, string>[]> {
  const { status, stdout } = await gatefold(['leads', 'export', CLOUD, '--sponsor', 'acme-cloud'], server.env);
  expect(status).toBe(0);
  return parse(stdout, { columns: true });
}

const seen = async (email: string) => (await sponsorSees()).find((row) => row['email'] === email);

test('a stranger who types a known address changes nothing that a sponsor sees, until the mailbox is proved', async () => {
  await ask(JANE, { jobTitle: 'Head of estates' });
  expect(await seen(JANE.email)).toMatchObject({ first_name: 'Jane', job_title: 'Head of estates' });

  const location = await ask({ ...JANE, firstName: 'Mallory', company: 'Evil Ltd' }, { jobTitle: 'Nobody' });
  expect(await seen(JANE.email)).toMatchObject({ first_name: 'Jane', job_title: 'Head of estates' });

  const page = await (await fetch(`${server.url}${location}`)).text();
  expect(page).toContain(JANE.email);
  expect(page).not.toContain('Head of estates');

  const { mail } = await mailNumber(2, JANE.email);
  const proof = tokenIn(mail.text ?? '', 'v');
  await fetch(`${server.url}/v/${proof}`);
  expect(await seen(JANE.email)).toMatchObject({ first_name: 'Jane' });
  expect((await fetch(`${server.url}/v/${proof}`, { method: 'POST' })).status).toBe(200);
  expect(await seen(JANE.email)).toMatchObject({
    first_name: 'Mallory',
    job_title: 'Nobody',
    'consent_acme-cloud': 'yes',
  });
});

test('a page token never proves a mailbox', async () => {
  const page = new URL(await ask(BOB), server.url).searchParams.get('t') ?? '';
  expect((await fetch(`${server.url}/d/${page}`)).status).toBe(200);
  expect((await fetch(`${server.url}/v/${page}`)).status).toBe(404);
  expect((await fetch(`${server.url}/v/${page}`, { method: 'POST' })).status).toBe(404);
  expect((await fetch(`${server.url}/me/${page}`)).status).toBe(404);
});

test('no link of one reader opens anything of another', async () => {
  const texts = async (link: string) => {
    const answer = await fetch(link);
    expect(answer.status).toBe(200);
    return (await pageTexts(Buffer.from(await answer.arrayBuffer()))).join(' ');
  };
  const [jane, bob] = [await mailNumber(1, JANE.email), await mailNumber(1, BOB.email)];
  const janes = tokenIn(jane.mail.text ?? '', 'd');
  const bobs = tokenIn(bob.mail.text ?? '', 'd');
  expect(await texts(`${server.url}/d/${janes}`)).toContain(JANE.email);
  expect(await texts(`${server.url}/d/${bobs}`)).not.toContain(JANE.email);
  const [body, mac] = janes.split('.');
  const [otherBody, otherMac] = bobs.split('.');
  for (const forged of [
    `${body}.${otherMac}`,
    `${otherBody}.${mac}`,
    `${body}`,
    `${body}.`,
    `${janes}x`,
    `x${janes}`,
  ]) {
    expect((await fetch(`${server.url}/d/${forged}`)).status).toBe(404);
  }
  expect((await fetch(`${server.url}/w/${CLOUD}/thanks?t=${janes}`)).status).toBe(404);
});

test('a suspect is quarantined, kept from the sponsor, and still gets the paper', async () => {
  const bot: Reader = { ...JANE, email: 'bot@robots.example' };
  const html = await (await fetch(`${server.url}/w/${CLOUD}`)).text();
  const trap = /id="f-trap" name="([^"]+)"/.exec(html)?.[1] ?? '';
  await ask(bot, { [trap]: 'http://spam.example' });
  expect((await mailNumber(1, bot.email)).mail.attachments).toHaveLength(1);
  expect(await seen(bot.email)).toBeUndefined();
  const all = await gatefold(['leads', 'export', CLOUD], server.env);
  const rows: Record<string, string>[] = parse(all.stdout, { columns: true });
  expect(rows.find((row) => row['email'] === bot.email)).toMatchObject({ status: 'quarantined' });
});

test('who does not tick the sponsor, or does not fit its filter, gets the paper and is not passed on', async () => {
  const quiet: Reader = { ...JANE, email: 'quiet@homes.example' };
  await ask(quiet, { 'consent.acme-cloud': '' });
  const abroad: Reader = { ...JANE, email: 'abroad@homes.example', country: 'DE' };
  await ask(abroad);
  await Promise.all([mailNumber(1, quiet.email), mailNumber(1, abroad.email)]);
  expect(await seen(quiet.email)).toBeUndefined();
  expect(await seen(abroad.email)).toBeUndefined();
});

test('the same address gets five mails a day; every post is still answered 303', async () => {
  const eager: Reader = { ...JANE, email: 'eager@homes.example' };
  for (let n = 0; n < 7; n += 1) await ask(eager);
  await mailNumber(5, eager.email);
  // The next reader's mail is sent after the two that wait, so once it is there they were passed over.
  await ask({ ...JANE, email: 'after@homes.example' });
  await mailNumber(1, 'after@homes.example');
  expect(mailsTo(eager.email)).toHaveLength(5);
  expect(new Set(mailsTo(eager.email).map(({ mail }) => mail.messageId)).size).toBe(5);
});

test('a wrong address is corrected from the page: the copy goes to the right one, and no sponsor has the reader twice', async () => {
  const typo: Reader = { ...JANE, email: 'jnae@typo-homes.example' };
  const location = await ask(typo);
  const corrected = await fetch(`${server.url}${location}`, {
    method: 'POST',
    body: new URLSearchParams({ email: 'jane@typo-homes.example' }),
    redirect: 'manual',
  });
  expect(corrected.status).toBe(303);
  await mailNumber(1, 'jane@typo-homes.example');
  expect(await seen('jane@typo-homes.example')).toMatchObject({ first_name: 'Jane' });
  expect(await seen(typo.email)).toBeUndefined();
});
