import { bounceKind } from '../../src/mail/mail';
import { readReport } from '../../src/mail/report';
import { arf, dsn } from './dsn';

const read = (raw: string) => readReport(Buffer.from(raw));

describe('delivery status notifications (RFC 3464)', () => {
  test('an unknown mailbox: hard, with the remote’s words in one line and our message named', async () => {
    expect(await read(dsn())).toEqual({
      what: 'bounced',
      kind: 'hard',
      words: '550 5.1.1 <ada@acme.example>: no such user here (said by inner.acme.example)',
      messageId: '<k3y@doors.example>',
    });
  });

  test.each([
    ['5.2.2', 'smtp; 552 5.2.2 mailbox full'],
    ['5.7.1', 'smtp; 550 5.7.1 message looks like spam'],
    ['5.3.4', 'smtp; 552 5.3.4 too big'],
  ])('%s says nothing about the address: soft', async (status, diagnostic) => {
    expect(await read(dsn({ status, diagnostic }))).toMatchObject({ what: 'bounced', kind: 'soft' });
  });

  test('a delay is no bounce, a success is nothing', async () => {
    expect(await read(dsn({ action: 'delayed', status: '4.4.1', diagnostic: 'smtp; 451 later' }))).toMatchObject({
      what: 'delayed',
      words: '451 later (said by inner.acme.example)',
    });
    expect(await read(dsn({ action: 'delivered', status: '2.0.0' }))).toBeNull();
  });

  test('line ends and a missing original don’t matter', async () => {
    const bare = dsn({ original: '' }).replace(/\r\n/g, '\n');
    expect(await read(bare)).toMatchObject({ what: 'bounced', kind: 'hard' });
    expect(await read(bare)).not.toHaveProperty('messageId');
  });
});

describe('abuse reports (ARF)', () => {
  test('a complaint names our message and its return address', async () => {
    expect(await read(arf('abuse', 'bounce-1@doors.example'))).toEqual({
      what: 'complained',
      words: 'reported as abuse by ISP-FBL/1.0',
      messageId: '<k3y@doors.example>',
      returnPath: 'bounce-1@doors.example',
    });
  });

  test('who takes it back has not complained', async () => {
    expect(await read(arf('not-spam'))).toBeNull();
  });
});

test.each([
  ['an out-of-office note', 'Subject: away\r\nAuto-Submitted: auto-replied\r\n\r\nI am away. 550 5.1.1\r\n'],
  ['nothing', ''],
  ['garbage', '\u0000\u0001\u0002'],
])('%s is no report', async (_, raw) => {
  expect(await read(raw)).toBeNull();
});

test.each([
  ['550 5.1.1 unknown', 'hard'],
  ['550 5.1.10 null MX', 'hard'],
  ['551 user not local', 'hard'],
  ['550 unknown user', 'hard'],
  ['554 5.7.1 spam', 'soft'],
  ['550 5.0.0 unknown', 'hard'],
  ['552 5.2.2 full', 'soft'],
  ['554 no thanks', 'soft'],
  ['', 'soft'],
])('%s is %s', (words, kind) => {
  expect(bounceKind(words)).toBe(kind);
});
