import mongoose from 'mongoose';
import { deliver, listDeliveries, pageOfDeliveries, resend, tryNow } from '../../src/deliveries/deliveries';
import { logged, stepAfter } from '../../src/deliveries/outcomes';
import * as jobs from '../../src/jobs/jobs';
import type { LeadRequest } from '../../src/leads/leads';
import type { Mood } from '../support/smtp';
import { ask, deliveryOf, useDesk } from './desk';

const { services, sink, deps, work } = useDesk();
const now = () => services.clock.now.getTime();
const inSeconds = (seconds: number) => new Date(now() + seconds * 1000);

const says = (code: number, at: 'connect' | 'rcpt' | 'data'): Mood => ({ code, text: 'so it is', at });
const again = (seconds: number, counts: boolean) => ({ state: 'again', at: inSeconds(seconds), counts });

test('accepted: sent, once, under an unguessable Message-ID of the sender’s domain', async () => {
  const request = await ask(services);
  expect(await work(request.ref)).toEqual({ state: 'done' });
  const delivery = await deliveryOf(request);
  expect(delivery).toMatchObject({
    request: request.ref,
    lead: request.lead,
    to: 'ada@acme.example',
    n: 0,
    state: 'sent',
    sentAt: services.clock.now,
    log: [{ outcome: 'sent', detail: expect.stringMatching(/^250/) }],
  });
  expect(delivery.messageId).toMatch(/^<[\w-]{22}@doors\.example>$/);
  expect(sink().received.map(({ mail }) => mail.messageId)).toEqual([delivery.messageId]);
});

test.each([
  [says(450, 'rcpt'), 'deferred', again(15, true)],
  [says(421, 'rcpt'), 'deferred', again(15, true)],
  [says(452, 'data'), 'deferred', again(15, true)],
  ['drop' as const, 'deferred', again(15, true)],
  [says(554, 'connect'), 'deferred', again(15, false)],
  [says(550, 'rcpt'), 'bounced', { state: 'failed' }],
  [says(552, 'data'), 'bounced', { state: 'failed' }],
])('%j: %s', async (mood, state, job) => {
  sink().mood = mood;
  const request = await ask(services);
  expect(await work(request.ref)).toMatchObject(job);
  const delivery = await deliveryOf(request);
  expect(delivery).toMatchObject({ state, log: [{ outcome: state, detail: expect.any(String) }] });
  expect(delivery.nextAt).toEqual(state === 'deferred' ? inSeconds(15) : undefined);
});

test('the mail server is down: no attempt is used up, however long; then the mail goes', async () => {
  const request = await ask(services);
  sink().mood = says(421, 'connect');
  for (let n = 0; n < 3; n += 1) {
    expect(await work(request.ref)).toMatchObject({ state: 'again', counts: false });
    services.clock.now = inSeconds(15);
  }
  const deferred = await deliveryOf(request);
  // A night without a mail server is one line.
  expect(deferred.log).toHaveLength(1);
  expect(deferred.log[0]).toMatchObject({ outcome: 'deferred', times: 3, lastAt: inSeconds(-15) });
  sink().mood = 'accept';
  expect(await work(request.ref)).toEqual({ state: 'done' });
  const sent = await deliveryOf(request);
  expect(sent).toMatchObject({ state: 'sent', messageId: deferred.messageId });
  expect(sent).not.toHaveProperty('nextAt');
});

test('the waits grow with the attempts, and after the last the delivery has expired', async () => {
  sink().mood = says(450, 'rcpt');
  const request = await ask(services);
  for (const [attempts, seconds] of [
    [0, 15],
    [3, 120],
    [6, 3600],
    [53, 3600],
  ] as const) {
    expect(await work(request.ref, attempts)).toMatchObject(again(seconds, true));
  }
  expect(await work(request.ref, 54)).toMatchObject({ state: 'failed' });
  expect((await deliveryOf(request)).state).toBe('expired');
  sink().mood = 'accept';
  expect(await work(request.ref, 55)).toEqual({ state: 'done' });
  expect(sink().received).toHaveLength(0);
});

test('a crash between acceptance and record: the repeat has the same Message-ID and the same copy', async () => {
  const request = await ask(services);
  await work(request.ref);
  // What is on disk when the crash falls there.
  await mongoose.connection
    .collection('deliveries')
    .updateOne({}, { $set: { state: 'waiting', log: [] }, $unset: { sentAt: '' } });
  services.clock.now = inSeconds(3600);
  await work(request.ref);
  const [first, second] = sink().received;
  expect(sink().received).toHaveLength(2);
  expect(second?.mail.messageId).toBe(first?.mail.messageId);
  expect(second?.mail.attachments[0]?.checksum).toBe(first?.mail.attachments[0]?.checksum);
  expect(second?.to).toEqual(first?.to);
});

test('a crash between record and the end of the job: nothing is sent again', async () => {
  const request = await ask(services);
  await work(request.ref);
  expect(await work(request.ref)).toEqual({ state: 'done' });
  expect(sink().received).toHaveLength(1);
});

test('two workers at once (a lost lease): one delivery, one Message-ID', async () => {
  const request = await ask(services);
  await Promise.all([work(request.ref), work(request.ref)]);
  const { messageId, state } = await deliveryOf(request);
  expect(state).toBe('sent');
  expect(new Set(sink().received.map(({ mail }) => mail.messageId))).toEqual(new Set([messageId]));
});

test('who lost the job does not overwrite what its new holder said', async () => {
  const request = await ask(services);
  const slow = deps();
  const stuck = {
    ...slow,
    mailer: {
      ...slow.mailer,
      send: async () => {
        await work(request.ref);
        return { outcome: 'later' as const, reason: 'too late to say', unreachable: false };
      },
    },
  };
  await deliver({ payload: { request: request.ref }, attempts: 0 }, stuck);
  expect(await deliveryOf(request)).toMatchObject({ state: 'sent', log: [{ outcome: 'sent' }] });
});

describe('no copy, no mail', () => {
  test('a master that is gone: failed, for staff to see; nothing unmarked leaves', async () => {
    const request = await ask(services, {}, { whitepaper: { master: 'f'.repeat(64), fileName: 'x.pdf' } });
    expect(await work(request.ref)).toMatchObject({ state: 'failed' });
    expect(await deliveryOf(request)).toMatchObject({
      state: 'failed',
      log: [{ detail: expect.stringContaining('master') }],
    });
    expect(sink().received).toHaveLength(0);
  });

  test('a request that is gone ends the job', async () => {
    expect(await work('NONE-NONE-NONE')).toMatchObject({ state: 'failed' });
    expect(await pageOfDeliveries({}, { limit: 10 })).toEqual([]);
  });

  test('trouble of ours is shown and tried again, not swallowed', async () => {
    const request = await ask(services);
    const broken = { ...deps(), mailer: { ...deps().mailer, send: () => Promise.reject(new Error('out of memory')) } };
    expect(await deliver({ payload: { request: request.ref }, attempts: 0 }, broken)).toMatchObject(again(15, true));
    expect(await deliveryOf(request)).toMatchObject({ state: 'deferred', log: [{ detail: 'out of memory' }] });
  });
});

describe('five mails a day per address and campaign', () => {
  const askMany = async (n: number, email: string) => {
    const requests = [];
    for (let i = 0; i < n; i += 1) requests.push(await ask(services, { email }));
    return requests;
  };

  test('the sixth waits for the first place to be free, and goes then', async () => {
    const requests = await askMany(6, 'ada@acme.example');
    for (const { ref } of requests.slice(0, 5)) {
      expect(await work(ref)).toEqual({ state: 'done' });
      services.clock.now = inSeconds(60);
    }
    const last = requests[5];
    if (!last) throw new Error('six were asked for');
    const free = new Date(requests[0]?.at.getTime() ?? 0);
    free.setDate(free.getDate() + 1);
    expect(await work(last.ref)).toMatchObject({ state: 'again', at: free, counts: false });
    expect(sink().received).toHaveLength(5);
    const waiting = (await listDeliveries(last.lead)).at(-1);
    expect(waiting).toMatchObject({ state: 'waiting', nextAt: free });
    services.clock.now = free;
    expect(await work(last.ref)).toEqual({ state: 'done' });
    expect(sink().received).toHaveLength(6);
  });

  test('of repeats that wait only the newest is sent, and its reader has the paper once', async () => {
    for (const { ref } of await askMany(5, 'ada@acme.example')) await work(ref);
    const waiting: LeadRequest[] = [];
    for (let n = 0; n < 3; n += 1) {
      services.clock.now = inSeconds(60 + n);
      waiting.push(await ask(services, { email: 'ada@acme.example' }));
    }
    const states = async () => {
      const outcomes = [];
      for (const { ref } of waiting) outcomes.push((await work(ref)).state);
      return outcomes;
    };
    expect(await states()).toEqual(['done', 'done', 'again']);
    // A later one overtakes what has been waiting since yesterday.
    services.clock.now = inSeconds(120);
    waiting.push(await ask(services, { email: 'ada@acme.example' }));
    services.clock.now = inSeconds(86_400 + 60);
    expect(await states()).toEqual(['done', 'done', 'done', 'done']);
    expect(sink().received).toHaveLength(6);
    const rows = (await listDeliveries(waiting[0]?.lead ?? '')).filter(({ request }) =>
      waiting.some(({ ref }) => ref === request),
    );
    expect(rows.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled', 'sent']);
    const first = rows.find(({ request }) => request === waiting[0]?.ref);
    expect(first?.log.at(-1)?.detail).toBe(`asked for again as ${waiting[2]?.ref}, which brings it`);
  });

  test('however the address is written, and by any number of workers', async () => {
    const spellings = ['ada@acme.example', 'ADA@acme.example', 'Ada@ACME.example'];
    const requests = (await Promise.all(spellings.map((email) => askMany(4, email)))).flat();
    await Promise.all(requests.map(({ ref }) => work(ref)));
    expect(sink().received).toHaveLength(5);
  });

  test('another address has its own', async () => {
    const requests = [...(await askMany(5, 'ada@acme.example')), ...(await askMany(1, 'bob@acme.example'))];
    for (const { ref } of requests) expect(await work(ref)).toEqual({ state: 'done' });
  });

  test('repeats of one delivery take one place', async () => {
    const [first, ...others] = await askMany(5, 'ada@acme.example');
    sink().mood = says(450, 'rcpt');
    for (let n = 0; n < 10; n += 1) await work(first?.ref ?? '', n);
    sink().mood = 'accept';
    for (const { ref } of [...others, ...(first ? [first] : [])]) expect(await work(ref)).toEqual({ state: 'done' });
  });
});

test.each([
  ['domain', { mailsPerDomain: 2 }, (n: number) => ({ email: `r${n}@acme.example` })],
  ['network', { mailsPerNetwork: 2 }, (n: number) => ({ email: `r${n}@d${n}.example` })],
  ['campaign', { mailsPerCampaign: 2 }, (n: number) => ({ email: `r${n}@d${n}.example` })],
])(
  'a budget of the day for each %s: more wait for the next day, and repeats of one count once',
  async (name, more, answers) => {
    const config = { ...services.config, limits: { ...services.config.limits, ...more } };
    const send = (ref: string) => deliver({ payload: { request: ref }, attempts: 0 }, { ...deps(), config });
    const client = (n: number) => ({ ip: name === 'network' ? `2001:db8::${n}` : '', userAgent: '' });
    const asked = [];
    for (let n = 1; n <= 3; n += 1) asked.push(await ask(services, answers(n), { client: client(n) }));
    const [one, two, three] = asked.map(({ ref }) => ref);
    sink().mood = says(450, 'rcpt');
    await send(one ?? '');
    sink().mood = 'accept';
    expect([await send(one ?? ''), await send(two ?? '')].map(({ state }) => state)).toEqual(['done', 'done']);
    const midnight = new Date('2026-11-25T00:00:00Z');
    expect(await send(three ?? '')).toMatchObject({ state: 'again', at: midnight, counts: false });
    const other = await ask(services, { email: 'x@other.example' }, { client: { ip: '192.0.2.1', userAgent: '' } });
    expect((await send(other.ref)).state).toBe(name === 'campaign' ? 'again' : 'done');
    services.clock.now = midnight;
    expect((await send(three ?? '')).state).toBe('done');
  },
);

describe('resend', () => {
  test('is a new delivery with its own Message-ID and says who asked; the copy is the same', async () => {
    const request = await ask(services);
    await work(request.ref);
    await resend(request.ref, 'max@doors.example');
    const job = await jobs.find('deliver', `${request.ref}:1`);
    expect(job).toMatchObject({ state: 'due', payload: { request: request.ref, n: 1, by: 'max@doors.example' } });
    await work(request.ref, 0, job?.payload);
    const [first, second] = await listDeliveries(request.lead);
    expect(second).toMatchObject({ n: 1, by: 'max@doors.example', state: 'sent' });
    expect(second?.messageId).not.toBe(first?.messageId);
    const [one, two] = sink().received;
    expect(two?.mail.attachments[0]?.checksum).toBe(one?.mail.attachments[0]?.checksum);
  });

  test('twice at once is once', async () => {
    const request = await ask(services);
    await work(request.ref);
    await Promise.all([resend(request.ref, 'a'), resend(request.ref, 'b')]);
    expect((await jobs.summary()).find(({ kind }) => kind === 'deliver')?.count).toBe(1);
  });

  test('is refused while one is on its way, and for what is unknown', async () => {
    const request = await ask(services);
    sink().mood = says(450, 'rcpt');
    await work(request.ref);
    await expect(resend(request.ref, 'a')).rejects.toMatchObject({ code: 'delivery-under-way' });
    await expect(resend('NONE-NONE-NONE', 'a')).rejects.toMatchObject({ code: 'unknown-request' });
  });

  test('after a refusal it is possible again', async () => {
    const request = await ask(services);
    sink().mood = says(550, 'rcpt');
    await work(request.ref);
    await resend(request.ref, 'a');
    sink().mood = 'accept';
    expect(await work(request.ref, 0, { n: 1 })).toEqual({ state: 'done' });
  });
});

describe('try now', () => {
  test('makes the job of a deferred delivery due', async () => {
    const request = await ask(services);
    await jobs.want({ kind: 'deliver', key: request.ref, dueAt: new Date(Date.now() + 3_600_000) });
    sink().mood = says(450, 'rcpt');
    await work(request.ref);
    await tryNow((await deliveryOf(request)).id);
    expect(Number((await jobs.find('deliver', request.ref))?.dueAt)).toBeLessThanOrEqual(Date.now());
  });

  test('of what has ended or is unknown says so', async () => {
    const request = await ask(services);
    await work(request.ref);
    await expect(tryNow((await deliveryOf(request)).id)).rejects.toMatchObject({ code: 'not-waiting' });
    await expect(tryNow('unknown')).rejects.toMatchObject({ code: 'not-waiting' });
  });
});

test('the log keeps the last hundred events and counts what repeats', () => {
  const at = new Date();
  let log = logged([], { at, outcome: 'deferred', detail: '0' });
  for (let n = 0; n < 300; n += 1) log = logged(log, { at, outcome: 'deferred', detail: String(Math.floor(n / 2)) });
  expect(log).toHaveLength(100);
  expect(log.at(-1)).toMatchObject({ detail: '149', times: 2, lastAt: at });
});

test('every outcome of a send stands in the table', () => {
  const at = new Date('2026-11-24T10:00:00Z');
  const states = [
    stepAfter({ outcome: 'accepted', response: '250' }, 0, services.config.limits, at),
    stepAfter({ outcome: 'refused', kind: 'hard', reason: '550', code: 550 }, 0, services.config.limits, at),
    stepAfter({ outcome: 'later', reason: '450', unreachable: false }, 0, services.config.limits, at),
    stepAfter({ outcome: 'later', reason: '450', unreachable: false }, 54, services.config.limits, at),
    stepAfter({ outcome: 'later', reason: 'down', unreachable: true }, 54, services.config.limits, at),
  ].map(({ state }) => state);
  expect(states).toEqual(['sent', 'bounced', 'deferred', 'expired', 'deferred']);
});
