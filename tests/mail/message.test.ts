import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { CAST, fullName } from '../support/cast';
import { type SmtpSink, startSmtp } from '../support/smtp';
import { newKey, verifyDkim } from './dkim';
import { attachment, letter, mailer } from './letter';

let sink: SmtpSink;

beforeEach(async () => {
  sink = await startSmtp();
});
afterEach(() => sink.close());

function received() {
  const [message] = sink.received;
  if (!message) throw new Error('nothing arrived');
  return message;
}

const headersOf = (raw: Buffer): string[] => {
  const text = raw.toString('latin1');
  return text.slice(0, text.indexOf('\r\n\r\n')).split(/\r\n(?![ \t])/);
};
const addressesIn = (to: Awaited<ReturnType<typeof simpleParser>>['to']) =>
  [to ?? []].flat().flatMap(({ value }) => value);

test('what arrives: sender, the one reader, date, our Message-ID, both texts, no list headers', async () => {
  await mailer({ smtpUrl: sink.url }).send(letter());
  const { from, to, mail, raw } = received();
  expect([from, to]).toEqual(['papers@doors.example', ['ada@acme.example']]);
  expect(mail.from?.text).toBe('"Doors Weekly" <papers@doors.example>');
  expect(addressesIn(mail.to)).toEqual([{ name: 'Ada Harrow', address: 'ada@acme.example' }]);
  expect(mail.messageId).toBe('<k3yN0body-gu3sses_it@doors.example>');
  expect(mail.date).toBeInstanceOf(Date);
  expect([mail.text?.trim(), mail.html]).toEqual(['Here it is.', '<p>Here it is.</p>']);
  const names = headersOf(raw).map((header) => header.slice(0, header.indexOf(':')).toLowerCase());
  expect(names.sort()).toEqual([
    'auto-submitted',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ]);
});

test.each(CAST.map((reader) => [fullName(reader), reader.email]))('%s is named as typed', async (name, address) => {
  await mailer({ smtpUrl: sink.url }).send(letter({ to: { name, address }, subject: `Für ${name}` }));
  expect(addressesIn(received().mail.to)).toEqual([{ name, address }]);
  expect(received().mail.subject).toBe(`Für ${name}`);
});

test('an attachment arrives byte for byte, in lines of 76 characters, encoded once', async () => {
  const bytes = randomBytes(300_001);
  await mailer({ smtpUrl: sink.url }).send(letter({ attachment: attachment(bytes) }));
  const { mail, raw } = received();
  expect(mail.attachments).toHaveLength(1);
  const [paper] = mail.attachments;
  expect(paper).toMatchObject({
    filename: 'paper.pdf',
    contentType: 'application/pdf',
    contentDisposition: 'attachment',
  });
  expect(paper?.content.equals(bytes)).toBe(true);
  expect(
    Math.max(
      ...raw
        .toString('latin1')
        .split('\r\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(78);
});

test('a file name that could leave its header is not sent', async () => {
  const evil = { ...attachment(Buffer.from('x')), fileName: 'a"\r\nX-Evil: 1' };
  await expect(mailer({ smtpUrl: sink.url }).send(letter({ attachment: evil }))).rejects.toThrow('not a file name');
  expect(sink.received).toHaveLength(0);
});

describe('nothing a reader typed adds a header or a recipient', () => {
  const evil = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.stringMatching(/^[a-z@<>,;:"\\()\r\n\t \0\u0085\u2028\u202e]{0,40}$/),
    fc.constantFrom(
      'a\r\nBcc: eve@evil.example',
      'a\nSubject: x\n\nbody',
      '=?utf-8?Q?=0D=0ABcc=3A_eve=40evil.example?=',
    ),
  );

  test('in names and subjects', async () => {
    const mail = mailer({ smtpUrl: sink.url });
    await fc.assert(
      fc.asyncProperty(evil, evil, async (name, subject) => {
        sink.received.length = 0;
        await mail.send(letter({ to: { name, address: 'ada@acme.example' }, subject }));
        const { to, raw } = received();
        expect(to).toEqual(['ada@acme.example']);
        const headers = headersOf(raw);
        const known = /^(from|to|subject|message-id|date|mime-version|content-type|auto-submitted): ?/i;
        expect(headers.filter((header) => !known.test(header))).toEqual([]);
        expect(headers.length).toBeLessThanOrEqual(8);
        expect(addressesIn((await simpleParser(raw)).to).map(({ address }) => address)).toEqual(['ada@acme.example']);
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    'ada@acme.example, eve@evil.example',
    'ada@acme.example\r\nBcc: eve@evil.example',
    'ada@acme.example\r\nRCPT TO:<eve@evil.example>',
    '<ada@acme.example>',
    'Ada <ada@acme.example>',
    'ada@acme.example>, <eve@evil.example',
    'friends: ada@acme.example;',
    'ada@acme.example (a comment)',
    'ada @acme.example',
    'ada@acme.example eve@evil.example',
    'eve@evil.example@acme.example',
    'ada\0@acme.example',
    '"ada"evil@acme.example',
    'ada@[127.0.0.1]',
    'ada',
    '@acme.example',
    '',
  ])('%j is no address', async (address) => {
    const sent = await mailer({ smtpUrl: sink.url }).send(letter({ to: { name: 'Ada', address } }));
    expect(sent).toMatchObject({ outcome: 'refused', code: 553 });
    expect(sink.sessions.all).toBe(0);
  });

  test.each([
    ['a.b+c@acme.example', 'a.b+c@acme.example'],
    ["o'brien@acme.example", "o'brien@acme.example"],
    ['"a,b"@acme.example', '"a,b"@acme.example'],
    ['"eve"@acme.example', '"eve"@acme.example'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ])('%s goes to %s and nobody else', async (address, mailbox) => {
    const sent = await mailer({ smtpUrl: sink.url }).send(letter({ to: { name: 'Ada', address } }));
    expect(sent).toMatchObject({ outcome: 'accepted' });
    // The server that we test with shows an `xn--` domain as it reads.
    expect(received().to).toEqual([mailbox.replace('xn--bcher-kva', 'bücher')]);
    expect(headersOf(received().raw).find((header) => header.startsWith('To:'))).toContain(mailbox);
  });
});

describe('Message-ID', () => {
  test('is random, of 128 bits, under the sender’s domain', async () => {
    const mail = mailer();
    const ids = await Promise.all(Array.from({ length: 100 }, () => mail.newMessageId()));
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^<[\w-]{22}@doors\.example>$/);
  });

  test.each([
    ['papers@doors.example', 'doors.example'],
    ['"a@b" <papers@türen.example>', 'xn--tren-0ra.example'],
    ['nobody', 'localhost'],
  ])('from %s it ends in %s', async (from, domain) => {
    expect(await mailer({ from: async () => from }).newMessageId()).toMatch(new RegExp(`@${domain}>$`));
  });
});

describe('encryption', () => {
  const elsewhere = (url: string, who = '') => url.replace('//127.0.0.1', `//${who}0.0.0.0`);
  const send = (smtpUrl: string) => mailer({ smtpUrl }).send(letter());
  let secured: SmtpSink;

  beforeEach(async () => {
    secured = await startSmtp({ tls: true, auth: { user: 'u', pass: 'p' } });
  });
  afterEach(() => secured.close());

  test('a password never follows where STARTTLS was left out', async () => {
    const open = await startSmtp({ auth: { user: 'u', pass: 'p' } });
    expect(await send(elsewhere(open.url, 'u:p@'))).toMatchObject({ outcome: 'later', unreachable: true });
    expect(open.received).toHaveLength(0);
    await open.close();
  });

  test('a certificate that nobody vouches for is not taken from another machine, unless the URL says so', async () => {
    const url = elsewhere(secured.url, 'u:p@');
    expect(await send(url)).toMatchObject({ outcome: 'later', reason: expect.stringContaining('certificate') });
    expect(await send(`${url}?tls.rejectUnauthorized=false`)).toMatchObject({ outcome: 'accepted' });
    expect(secured.sessions.encrypted).toBe(1);
  });

  test('a relay on loopback is believed, and encrypted when it offers to', async () => {
    expect(await send(secured.url.replace('//', '//u:p@'))).toMatchObject({ outcome: 'accepted' });
    expect(secured.sessions.encrypted).toBe(1);
  });

  test('without a password and without the offer it goes as it is', async () => {
    expect(await send(elsewhere(sink.url))).toMatchObject({ outcome: 'accepted' });
  });
});

describe('DKIM', () => {
  test.each([
    ['a plain letter', letter()],
    [
      'names in any script',
      letter({ to: { name: 'محمد علي '.repeat(12), address: 'a@acme.example' }, subject: 'Ω '.repeat(90) }),
    ],
    ['a long word', letter({ subject: 'x'.repeat(400) })],
    ['a long Message-ID', letter({ messageId: `<${'k'.repeat(22)}@${'long-name.'.repeat(12)}example>` })],
    [
      'odd white space',
      letter({ subject: ' a\tb   c ', text: 'two  spaces \t\n\n\n.dot\n\n', html: '<p>\t x </p>\n\n' }),
    ],
    ['an attachment', letter({ attachment: attachment(randomBytes(100_000)) })],
  ])('holds for %s', async (_what, message) => {
    await mailer({ smtpUrl: sink.url, dkim: newKey() }).send(message);
    const { verified, signed: names, domain } = verifyDkim(received().raw);
    expect(verified).toBe(true);
    expect(domain).toBe('doors.example');
    expect(names).toEqual(expect.arrayContaining(['from', 'to', 'subject', 'message-id', 'date']));
    const altered = Buffer.from(received().raw.toString('latin1').replace('Doors Weekly', 'Doors Daily'), 'latin1');
    expect(verifyDkim(altered).verified).toBe(false);
  });
});
