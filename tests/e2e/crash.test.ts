import { MongoClient } from 'mongodb';
import { openEmbedded } from '../../src/store/embedded/embedded';
import type { Reader } from '../support/cast';
import { CLOUD, cloudForm, post, ripeToken } from '../support/form';
import { eventually, startServer, type TestServer } from '../support/server';
import { type SmtpSink, startSmtp } from '../support/smtp';

jest.setTimeout(180_000);

const reader = (name: string): Reader => ({
  firstName: name,
  lastName: 'Doe',
  email: `${name}@crash-homes.example`,
  company: 'Crash Homes',
  country: 'GB',
});

let smtp: SmtpSink;
let server: TestServer;

beforeEach(async () => {
  smtp = await startSmtp();
});

afterEach(async () => {
  await server?.cleanUp();
  await smtp?.close();
});

/** What a killed worker held is free after two seconds rather than ten: the same way, less waited. */
const serve = (env: NodeJS.ProcessEnv = {}, args: string[] = []) =>
  startServer({ SMTP_URL: smtp.url, JOB_LEASE: '2s', ...env }, args);

async function ask(name: string): Promise<void> {
  const answer = await post(server.url, CLOUD, cloudForm(reader(name), await ripeToken(server.url, CLOUD)));
  expect(answer.status).toBe(303);
}

const arrived = (name: string) =>
  eventually(`mail to ${name}`, async () => smtp.received.find(({ to }) => to.includes(reader(name).email)), 45);

test('killed right after the 303, before any worker looked: the mail comes after the restart', async () => {
  server = await serve({}, ['--no-worker']);
  await ask('early');
  await server.kill();
  expect(smtp.received).toHaveLength(0);
  await server.restartWithWorker();
  await arrived('early');
});

test('killed while the mail server holds the message: it comes again, under the same Message-ID', async () => {
  server = await serve();
  smtp.mood = 'stall';
  await ask('stalled');
  await eventually('a message in the middle of its sending', async () => smtp.stalled.length > 0);
  await server.kill();
  smtp.mood = 'accept';
  await server.restart();
  const { mail } = await arrived('stalled');
  expect(smtp.stalled[0]).toContain(mail.messageId);
});

test('accepted, and the connection gone before the answer: repeats are one message', async () => {
  server = await serve();
  smtp.mood = 'drop';
  await ask('dropped');
  await arrived('dropped');
  await server.kill();
  smtp.mood = 'accept';
  await server.restart();
  await eventually('the repeat', async () => smtp.received.length > 1, 45);
  expect(new Set(smtp.received.map(({ mail }) => mail.messageId)).size).toBe(1);
});

test('killed again and again at any moment while readers ask: every 303 has its mail', async () => {
  server = await serve();
  const token = await ripeToken(server.url, CLOUD);
  const asked: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const posts = Array.from({ length: 8 }, async (_, n) => {
      const name = `r${round}n${n}`;
      const answer = await post(server.url, CLOUD, cloudForm(reader(name), token)).catch(() => undefined);
      if (answer?.status === 303) asked.push(name);
    });
    // Somewhere between the first post and the last mail; another place in each round.
    await Promise.race([Promise.all(posts.slice(0, 2 + round * 2)), Promise.all(posts)]);
    await server.kill();
    await Promise.all(posts);
    await server.restart();
  }
  expect(asked.length).toBeGreaterThan(4);
  for (const name of asked) await arrived(name);
});

describe('told to stop', () => {
  /** What the store holds once nobody serves it. */
  async function jobsLeft(): Promise<{ state: string; lease?: string; place?: string; attempts: number }[]> {
    const store = await openEmbedded({ dataDir: server.dataDir });
    const client = await MongoClient.connect(store.uri, { retryWrites: false });
    const left = await client
      .db('gatefold')
      .collection('jobs')
      .find({ kind: 'deliver' })
      .sort({ firstAt: 1 })
      .toArray();
    await client.close();
    await store.close();
    return left as never;
  }

  test('in the middle of a send: it is finished, nothing more is claimed, and nothing is left claimed', async () => {
    server = await serve({ DELIVERIES_AT_ONCE: '1' });
    smtp.mood = 'stall';
    await ask('first');
    await eventually('the first message', async () => smtp.stalled.length > 0);
    await ask('second');
    const stopped = server.stop();
    await eventually('no more readers', async () => (await fetch(server.url).catch(() => null)) === null);
    smtp.mood = 'accept';
    smtp.release();
    expect(await stopped).toBe(0);
    expect(smtp.received.map(({ to }) => to[0])).toEqual([reader('first').email]);
    const [first, second] = await jobsLeft();
    expect(first).toMatchObject({ state: 'done' });
    // Still owed, or a job that nobody holds.
    expect(second?.state ?? 'due').toBe('due');
    for (const job of [first, second]) expect(job?.lease).toBeUndefined();
    await server.restart();
    await arrived('second');
    expect(smtp.received).toHaveLength(2);
  });

  test('and the mail server says nothing: after the grace it is hung up on, and the mail goes again another time', async () => {
    server = await serve({ STOP_GRACE: '500ms' });
    smtp.mood = 'stall';
    await ask('patient');
    await eventually('the message', async () => smtp.stalled.length > 0);
    expect(await server.stop()).toBe(0);
    const [job, ...more] = await jobsLeft();
    expect(more).toEqual([]);
    expect(job).toMatchObject({ state: 'due', attempts: 0 });
    expect(job).not.toHaveProperty('lease');
    smtp.mood = 'accept';
    await server.restart();
    const { mail } = await arrived('patient');
    expect(smtp.stalled[0]).toContain(mail.messageId);
  });
});
