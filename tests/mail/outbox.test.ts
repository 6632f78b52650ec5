import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type Attachment, listOutbox, readOutboxMessage, readRawMessage } from '../../src/mail/mail';
import { newKey, verifyDkim } from './dkim';
import { attachment, letter, mailer, temporaryFolder } from './letter';

const NAME = 'k3yN0body-gu3sses_it.eml';
let dataDir: string;

beforeEach(() => {
  dataDir = temporaryFolder();
});

const files = () => readdirSync(join(dataDir, 'outbox'));

test('without a mail server each message is a file, named after its Message-ID, for the owner only', async () => {
  expect(await mailer({ dataDir }).send(letter())).toEqual({ outcome: 'accepted', response: `outbox/${NAME}` });
  expect(files()).toEqual([NAME]);
  const file = join(dataDir, 'outbox', NAME);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(dataDir, 'outbox')).mode & 0o777).toBe(0o700);
  const text = readFileSync(file, 'latin1');
  expect(text).toContain('Message-ID: <k3yN0body-gu3sses_it@doors.example>\r\n');
  expect(text.replaceAll('\r\n', '')).not.toContain('\n');
});

test('a repeat of one Message-ID replaces its file', async () => {
  const mail = mailer({ dataDir });
  await mail.send(letter({ text: 'first' }));
  await mail.send(letter({ text: 'second' }));
  expect(files()).toEqual([NAME]);
  expect((await readOutboxMessage(dataDir, NAME))?.text.trim()).toBe('second');
});

test('repeats at the same time leave one whole message', async () => {
  const mail = mailer({ dataDir });
  const bytes = randomBytes(500_000);
  await Promise.all([1, 2, 3].map(() => mail.send(letter({ attachment: attachment(bytes) }))));
  expect(files()).toEqual([NAME]);
  expect((await readOutboxMessage(dataDir, NAME))?.attachments[0]?.content.equals(bytes)).toBe(true);
});

test('what a killed writer left half written goes at the next start; what is being written stays', async () => {
  mkdirSync(join(dataDir, 'outbox'));
  const [old, young] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'].map((random) => `${NAME}.${random}.part`);
  for (const part of [old, young]) writeFileSync(join(dataDir, 'outbox', String(part)), 'half a message');
  const then = new Date(Date.now() - 61_000);
  utimesSync(join(dataDir, 'outbox', String(old)), then, then);
  mailer({ dataDir });
  for (const end = Date.now() + 10_000; files().length > 1 && Date.now() < end; await pause(10));
  expect(files()).toEqual([young]);
});

test('lines end in CRLF, whoever wrote them', async () => {
  await mailer({ dataDir }).send(letter({ text: 'one\ntwo\rthree\r\nfour', html: '<p>\n</p>\n' }));
  const text = readFileSync(join(dataDir, 'outbox', NAME), 'latin1');
  expect(text).toContain('one\r\ntwo\r\nthree\r\nfour');
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
});

test('a message that breaks off in the making leaves nothing, and waits', async () => {
  const base64: Attachment['base64'] = () =>
    Readable.from(
      (async function* () {
        yield 'QUJD'.repeat(40_000);
        throw new Error('the disk is gone');
      })(),
    );
  const broken = letter({ attachment: { fileName: 'paper.pdf', contentType: 'application/pdf', base64 } });
  expect(await mailer({ dataDir }).send(broken)).toMatchObject({ outcome: 'later', reason: 'the disk is gone' });
  expect(files()).toEqual([]);
});

test('a folder that can’t be written is nobody’s attempt', async () => {
  writeFileSync(join(dataDir, 'outbox'), 'in the way');
  expect(await mailer({ dataDir }).send(letter())).toMatchObject({ outcome: 'later', unreachable: true });
  rmSync(join(dataDir, 'outbox'));
  expect(await mailer({ dataDir }).send(letter())).toMatchObject({ outcome: 'accepted' });
});

test('the file carries the signature that would go out', async () => {
  const message = letter({ attachment: attachment(randomBytes(60_000)) });
  await mailer({ dataDir, dkim: newKey() }).send(message);
  expect(verifyDkim(readFileSync(join(dataDir, 'outbox', NAME))).verified).toBe(true);
});

test('the list: newest first, with addressee and subject, and nothing that is no message', async () => {
  const mail = mailer({ dataDir });
  for (const n of [1, 2, 3]) {
    await mail.send(
      letter({ messageId: `<n${n}@doors.example>`, subject: `Nº ${n}`, attachment: attachment(randomBytes(99_000)) }),
    );
    utimesSync(join(dataDir, 'outbox', `n${n}.eml`), n, n);
  }
  writeFileSync(join(dataDir, 'outbox', 'n4.eml.abc.part'), 'half');
  writeFileSync(join(dataDir, 'outbox', 'notes.txt'), 'hello');
  const list = await listOutbox(dataDir, 2);
  expect(list.map(({ name, subject, to }) => [name, subject, to])).toEqual([
    ['n3.eml', 'Nº 3', '"Ada Harrow" <ada@acme.example>'],
    ['n2.eml', 'Nº 2', '"Ada Harrow" <ada@acme.example>'],
  ]);
  expect(list[0]).toMatchObject({ at: new Date(3000), bytes: statSync(join(dataDir, 'outbox', 'n3.eml')).size });
});

test('no outbox yet is an empty one', async () => {
  expect(await listOutbox(dataDir)).toEqual([]);
});

test('a foreign file of any content shows up and breaks nothing', async () => {
  mkdirSync(join(dataDir, 'outbox'));
  for (const [n, content] of [
    '',
    '\r\n',
    'no headers at all',
    randomBytes(90_000),
    'To: a\r\n'.repeat(30_000),
  ].entries()) {
    writeFileSync(join(dataDir, 'outbox', `odd${n}.eml`), content);
  }
  expect(await listOutbox(dataDir)).toHaveLength(5);
  const read = await Promise.all((await listOutbox(dataDir)).map(({ name }) => readOutboxMessage(dataDir, name)));
  expect(read.filter((message) => message === null)).toHaveLength(1);
});

test('one message: its parts as they were given', async () => {
  const bytes = randomBytes(10_000);
  await mailer({ dataDir }).send(letter({ attachment: attachment(bytes) }));
  const message = await readOutboxMessage(dataDir, NAME);
  expect(message).toMatchObject({
    name: NAME,
    to: '"Ada Harrow" <ada@acme.example>',
    from: '"Doors Weekly" <papers@doors.example>',
    subject: 'Your copy',
    messageId: '<k3yN0body-gu3sses_it@doors.example>',
    html: '<p>Here it is.</p>',
    attachments: [{ fileName: 'paper.pdf', contentType: 'application/pdf', bytes: 10_000 }],
  });
  expect(message?.attachments[0]?.content.equals(bytes)).toBe(true);
  expect(await readRawMessage(dataDir, NAME)).toEqual(readFileSync(join(dataDir, 'outbox', NAME)));
});

test.each(['../secret.key', '..%2Fsecret.key', 'a/../../secret.key', '.eml', 'n.eml\0', 'n.txt', '', 'unknown.eml'])(
  '%j opens nothing',
  async (name) => {
    writeFileSync(join(dataDir, 'secret.key'), 'secret');
    mkdirSync(join(dataDir, 'outbox'));
    expect(await readOutboxMessage(dataDir, name)).toBeNull();
    expect(await readRawMessage(dataDir, name)).toBeNull();
  },
);
