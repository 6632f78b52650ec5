import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { readLimits } from '../../src/limits';
import { retryAt } from '../../src/mail/mail';
import { type Mood, type SmtpSink, startSmtp } from '../support/smtp';
import { newKey } from './dkim';
import { attachment, letter, mailer } from './letter';

let sink: SmtpSink;
const servers: Server[] = [];

beforeEach(async () => {
  sink = await startSmtp();
});
afterEach(async () => {
  await sink.close();
  for (const server of servers.splice(0)) server.close();
});

/** A server of a few lines for what no proper one does. */
async function startRude(talk: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => talk(socket.on('error', () => undefined)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `smtp://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const says = (code: number, at: 'connect' | 'mail' | 'rcpt' | 'data'): Mood => ({ code, text: 'so it is', at });
const later = (unreachable: boolean) => ({ outcome: 'later', unreachable });

/** RFC 5321, 4.2.1 for what is said about the message; before that it is about us, and nobody's attempt. */
test.each([
  [says(421, 'connect'), later(true)],
  [says(450, 'connect'), later(true)],
  [says(554, 'connect'), later(true)],
  [says(530, 'mail'), later(true)],
  [says(450, 'mail'), later(false)],
  [says(550, 'mail'), { outcome: 'refused', kind: 'soft', code: 550 }],
  [says(421, 'rcpt'), later(false)],
  [says(450, 'rcpt'), later(false)],
  [says(452, 'rcpt'), later(false)],
  [says(550, 'rcpt'), { outcome: 'refused', kind: 'hard', code: 550 }],
  [says(552, 'rcpt'), { outcome: 'refused', kind: 'soft', code: 552 }],
  [says(503, 'rcpt'), later(false)],
  [says(421, 'data'), later(false)],
  [says(450, 'data'), later(false)],
  [says(452, 'data'), later(false)],
  [says(550, 'data'), { outcome: 'refused', kind: 'soft', code: 550 }],
  [says(552, 'data'), { outcome: 'refused', code: 552 }],
])('%o', async (mood, expected) => {
  sink.mood = mood;
  const sent = await mailer({ smtpUrl: sink.url }).send(letter());
  expect(sent).toMatchObject(expected);
  if (typeof mood === 'object') expect(sent).toMatchObject({ reason: expect.stringContaining(`${mood.code}`) });
  expect(sink.received).toHaveLength(0);
});

test('accepted, with the server’s words', async () => {
  const sent = await mailer({ smtpUrl: sink.url }).send(letter());
  expect(sent).toEqual({ outcome: 'accepted', response: expect.stringMatching(/^250 /) });
  expect(sink.received).toHaveLength(1);
});

test('the connection gone after the final dot: the server may have it, so the try counts', async () => {
  sink.mood = 'drop';
  expect(await mailer({ smtpUrl: sink.url }).send(letter())).toMatchObject(later(false));
  // Once: the library repeats nothing on its own.
  expect(sink.received).toHaveLength(1);
});

describe('a server that can’t be reached', () => {
  const unreachable = (smtpUrl: string) => mailer({ smtpUrl }).send(letter());

  test('nobody listens', async () => {
    const { url } = sink;
    await sink.close();
    expect(await unreachable(url)).toMatchObject({ ...later(true), reason: expect.stringContaining('ECONNREFUSED') });
  });

  test('the name is unknown', async () => {
    expect(await unreachable('smtp://mail.invalid')).toMatchObject(later(true));
  });

  test('hangs up without a word', async () => {
    const url = await startRude((socket) => socket.end());
    expect(await unreachable(url)).toMatchObject(later(true));
  });

  test('answers the sign-in and hangs up before the message', async () => {
    let sessions = 0;
    const url = await startRude((socket) => {
      sessions += 1;
      socket.write('220 hello\r\n');
      socket.on('data', (line) => (/^EHLO/.test(line.toString()) ? socket.write('250 hello\r\n') : socket.destroy()));
    });
    expect(await unreachable(url)).toMatchObject(later(true));
    expect(sessions).toBe(2);
  });

  test('is no mail server', async () => {
    const url = await startRude((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await unreachable(url)).toMatchObject(later(true));
  });

  test('wants another password', async () => {
    const guarded = await startSmtp({ auth: { user: 'gatefold', pass: 'right' } });
    const url = guarded.url.replace('//', '//gatefold:wrong@');
    expect(await unreachable(url)).toMatchObject({ ...later(true), reason: expect.stringMatching(/^535/) });
    expect(await unreachable(url.replace('wrong', 'right'))).toMatchObject({ outcome: 'accepted' });
    await guarded.close();
  });
});

test('a message that breaks off in the making is not taken for a whole one', async () => {
  const base64 = () =>
    Readable.from(
      (async function* () {
        yield `${'A'.repeat(76)}\r\n`.repeat(2000);
        throw new Error('the disk is gone');
      })(),
    );
  const broken = letter({ attachment: { fileName: 'paper.pdf', contentType: 'application/pdf', base64 } });
  const mail = mailer({ smtpUrl: sink.url });
  expect(await mail.send(broken)).toEqual({ outcome: 'later', reason: 'the disk is gone', unreachable: false });
  expect(sink.received).toHaveLength(0);
  expect(await mail.send(letter())).toMatchObject({ outcome: 'accepted' });
});

test('whoever lost the job hangs up', async () => {
  sink.mood = 'stall';
  const lost = new AbortController();
  const sending = mailer({ smtpUrl: sink.url }).send(letter(), lost.signal);
  for (const end = Date.now() + 10_000; sink.stalled.length === 0 && Date.now() < end; ) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  lost.abort();
  expect(await sending).toMatchObject({ outcome: 'later' });
});

test('an answer to one message says nothing about the next', async () => {
  const mail = mailer({ smtpUrl: sink.url });
  sink.mood = says(550, 'rcpt');
  await mail.send(letter());
  sink.mood = 'accept';
  expect(await mail.send(letter({ messageId: '<second@doors.example>' }))).toMatchObject({ outcome: 'accepted' });
});

test.each(['as it is', 'signed'])(
  'a connection that the server closed while it was idle is replaced, %s',
  async (how) => {
    const dkim = how === 'signed' ? { dkim: newKey() } : {};
    const mail = mailer({ smtpUrl: sink.url, ...dkim });
    const paper = { attachment: attachment(randomBytes(100_000)) };
    await mail.send(letter(paper));
    const port = Number(new URL(sink.url).port);
    await sink.close();
    sink = await startSmtp({ port });
    expect(await mail.send(letter({ ...paper, messageId: '<second@doors.example>' }))).toMatchObject({
      outcome: 'accepted',
    });
    expect(sink.received[0]?.mail.attachments[0]?.size).toBe(100_000);
  },
);

test('tries again after 15 s, 30 s, 1, 2, 5, 15 min, then hourly for 48 h', () => {
  const now = new Date('2026-11-24T10:00:00Z');
  const waits: number[] = [];
  for (let attempts = 0; ; attempts += 1) {
    const at = retryAt(attempts, readLimits({}), now);
    if (!at) break;
    waits.push((at.getTime() - now.getTime()) / 1000);
  }
  expect(waits).toEqual([15, 30, 60, 120, 300, 900, ...Array(48).fill(3600)]);
});
