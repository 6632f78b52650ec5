import { createServer } from 'node:net';
import mongoose from 'mongoose';
import nodemailer from 'nodemailer';
import { Webhook } from 'standardwebhooks';
import request from 'supertest';
import { createApp } from '../../src/app';
import { deliver, eventsOfLead, listDeliveries, listen } from '../../src/deliveries/deliveries';
import { findLead, type LeadRequest, prove } from '../../src/leads/leads';
import { createMailer, type Listener } from '../../src/mail/mail';
import type { Services } from '../../src/web/services';
import { arf, dsn } from '../mail/dsn';
import { ask, deliveryOf, useDesk } from './desk';

const SECRET = `whsec_${Buffer.from('a secret for bounces in tests').toString('base64')}`;
const { services, sink, deps } = useDesk();

let house: Services;
let listener: Listener;
beforeAll(() => {
  const bounces = { domain: 'bounces.doors.example', host: '127.0.0.1', port: 0, secret: SECRET };
  house = { ...services, config: { ...services.config, bounces } };
});
beforeEach(async () => {
  const mailer = createMailer({
    ...house.config,
    smtpUrl: sink().url,
    from: 'Doors Weekly <papers@doors.example>',
    returnDomain: house.config.bounces.domain,
  });
  house = { ...house, mailer };
  const opened = await listen(house);
  if (!opened) throw new Error('the door for bounces is shut');
  listener = opened;
});
afterEach(async () => {
  await listener.close();
  await house.mailer.close();
});

/** A form whose copy went out under its own return address. */
async function sent(more: Parameters<typeof ask>[2] = {}): Promise<{ asked: LeadRequest; returnPath: string }> {
  const asked = await ask(services, {}, more);
  await deliver({ payload: { request: asked.ref }, attempts: 0 }, { ...deps(), mailer: house.mailer });
  const returnPath = sink().received.at(-1)?.from ?? '';
  return { asked, returnPath };
}

/** What a mail server does that can't deliver: mail to the return address, from nobody. */
async function report(to: string, raw: string): Promise<string> {
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port: listener.port,
    secure: false,
    ignoreTLS: true,
  });
  return transport
    .sendMail({ envelope: { from: '', to }, raw })
    .then(({ response }) => response)
    .catch((error: Error & { response?: string }) => error.response ?? error.message)
    .finally(() => transport.close());
}

const statusOf = async ({ lead }: LeadRequest) => (await findLead(lead))?.status;
const rows = () => mongoose.connection.collection<{ _id: string; wanted: string[] }>('leads');

describe('by SMTP, at the return address of the message', () => {
  test('a hard bounce: the delivery says so in the remote’s words, the lead is undeliverable and owes a settle', async () => {
    const { asked, returnPath } = await sent();
    expect(returnPath).toMatch(/^bounce-[0-9a-f]{24}-[0-9a-f]{16}@bounces\.doors\.example$/);
    await rows().updateOne({ _id: asked.lead }, { $set: { wanted: [] } });
    expect(await report(returnPath.toUpperCase(), dsn({ original: '' }))).toMatch(/^250/);
    expect(await deliveryOf(asked)).toMatchObject({
      state: 'bounced',
      bounce: 'hard',
      log: [{ outcome: 'sent' }, { outcome: 'bounced', detail: expect.stringContaining('no such user here') }],
    });
    expect(await findLead(asked.lead)).toMatchObject({ status: 'undeliverable', revision: 1 });
    expect(await rows().findOne({ _id: asked.lead })).toMatchObject({ wanted: ['settle'] });
  });

  test('the same report again changes nothing', async () => {
    const { asked, returnPath } = await sent();
    for (let n = 0; n < 2; n += 1) await report(returnPath, dsn());
    expect((await deliveryOf(asked)).log).toHaveLength(2);
    expect((await findLead(asked.lead))?.revision).toBe(1);
  });

  test('a soft bounce leaves the lead as it is; a hard one later tells more', async () => {
    const { asked, returnPath } = await sent();
    await report(returnPath, dsn({ status: '5.2.2', diagnostic: 'smtp; 552 5.2.2 mailbox full' }));
    expect(await deliveryOf(asked)).toMatchObject({ state: 'bounced', bounce: 'soft' });
    expect(await statusOf(asked)).toBe('active');
    await report(returnPath, dsn());
    expect(await deliveryOf(asked)).toMatchObject({ state: 'bounced', bounce: 'hard' });
    expect(await statusOf(asked)).toBe('undeliverable');
  });

  test('a delay is noted and changes nothing', async () => {
    const { asked, returnPath } = await sent();
    await report(returnPath, dsn({ action: 'delayed', status: '4.4.1', diagnostic: 'smtp; 451 4.4.1 no answer' }));
    expect(await deliveryOf(asked)).toMatchObject({ state: 'sent', log: [{}, { outcome: 'delayed' }] });
  });

  test('a complaint, by the return address that it encloses', async () => {
    const { asked, returnPath } = await sent();
    const { returnPath: other } = await sent();
    await report(other, arf('abuse', returnPath));
    // The address that it came to says more than what it encloses.
    const named = (await listDeliveries(asked.lead)).filter(({ state }) => state === 'complained');
    expect(named.map(({ id }) => id)).toEqual([other.slice(7, 31)]);
  });

  test('a proved mailbox stays proved', async () => {
    const { asked, returnPath } = await sent();
    await prove(asked.ref, services.now());
    await report(returnPath, dsn());
    expect(await deliveryOf(asked)).toMatchObject({ state: 'bounced', bounce: 'hard' });
    expect(await statusOf(asked)).toBe('active');
  });

  test('who reads the mailbox after all lifts it', async () => {
    const { asked, returnPath } = await sent();
    await report(returnPath, dsn());
    await prove(asked.ref, services.now());
    expect(await statusOf(asked)).toBe('active');
  });

  test('nothing is relayed, and no address is guessed', async () => {
    const { asked, returnPath } = await sent();
    const [local = '', domain] = returnPath.split('@');
    const forged = `${local.slice(0, -1)}${local.endsWith('0') ? '1' : '0'}@${domain}`;
    for (const to of ['ada@acme.example', 'bounce@bounces.doors.example', forged, `x-${returnPath}`]) {
      expect(await report(to, dsn())).toMatch(/^550/);
    }
    expect((await deliveryOf(asked)).state).toBe('sent');
  });

  test('an answer by a person is taken and is no report; a flood is cut off', async () => {
    const { asked, returnPath } = await sent();
    expect(await report(returnPath, 'Subject: Re: Your copy\r\n\r\nThanks!\r\n')).toMatch(/^250/);
    expect(await report(returnPath, `Subject: x\r\n\r\n${`${'y'.repeat(998)}\r\n`.repeat(10_600)}`)).toMatch(/^552/);
    expect((await deliveryOf(asked)).state).toBe('sent');
  });

  test('a port that is taken says so', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const bounces = { ...house.config.bounces, port };
    await expect(listen({ ...house, config: { bounces } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('by webhook', () => {
  const post = (body: object, change: { secret?: string; at?: Date; tampered?: string } = {}) => {
    const text = JSON.stringify(body);
    const at = change.at ?? new Date();
    const signature = new Webhook(change.secret ?? SECRET).sign('msg_1', at, text);
    return request(createApp(house))
      .post('/webhooks/mail')
      .set({
        'content-type': 'application/json',
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': signature,
      })
      .send(change.tampered ?? text);
  };
  const bounced = (messageId: string, more: object = {}) => ({
    type: 'bounced',
    timestamp: new Date().toISOString(),
    data: { messageId, status: '5.1.1', words: '550 no such user', ...more },
  });

  test('a bounce by Message-ID, and a complaint after it', async () => {
    const { asked } = await sent();
    const { messageId } = await deliveryOf(asked);
    await post(bounced(messageId)).expect(204);
    expect(await deliveryOf(asked)).toMatchObject({ state: 'bounced', bounce: 'hard' });
    expect(await statusOf(asked)).toBe('undeliverable');
    await post({ type: 'complained', data: { messageId } }).expect(204);
    expect((await deliveryOf(asked)).state).toBe('complained');
  });

  test('a message that is not ours is nothing to try again', async () => {
    await post(bounced('<somebody@else.example>')).expect(204);
  });

  test('another key, another body, an old or future time: refused, and nothing changes', async () => {
    const { asked } = await sent();
    const { messageId } = await deliveryOf(asked);
    const body = bounced(messageId);
    const other = `whsec_${Buffer.from('another secret altogether').toString('base64')}`;
    await post(body, { secret: other }).expect(401);
    await post(body, { tampered: JSON.stringify(bounced(messageId, { words: 'x' })) }).expect(401);
    await post(body, { at: new Date(Date.now() - 6 * 60_000) }).expect(401);
    await post(body, { at: new Date(Date.now() + 6 * 60_000) }).expect(401);
    await request(createApp(house)).post('/webhooks/mail').send(body).expect(401);
    expect((await deliveryOf(asked)).state).toBe('sent');
  });

  test('another shape says what is wrong; without a secret there is no such address', async () => {
    await post({ type: 'opened', data: { messageId: '<x@y>' } }).expect(422);
    await post({ type: 'bounced', data: {} }).expect(422);
    await request(createApp(services)).post('/webhooks/mail').send({}).expect(404);
  });
});

describe('at once, when the mail server refuses', () => {
  test('hard when it is about the address, soft when it is about the message', async () => {
    sink().mood = { code: 550, text: 'unknown user', at: 'rcpt' };
    const { asked } = await sent();
    expect(await deliveryOf(asked)).toMatchObject({ state: 'bounced', bounce: 'hard' });
    expect(await statusOf(asked)).toBe('undeliverable');
  });

  test('a test lead bounces like any, and stays a test', async () => {
    sink().mood = { code: 550, text: '5.7.1 spam', at: 'data' };
    const { asked } = await sent({ test: true });
    expect(await deliveryOf(asked)).toMatchObject({ state: 'bounced', bounce: 'soft', test: true });
  });
});

test('the time line of a lead: asked, mailed, bounced, proved', async () => {
  const { asked, returnPath } = await sent();
  services.clock.now = new Date(services.clock.now.getTime() + 1000);
  await report(returnPath, dsn());
  services.clock.now = new Date(services.clock.now.getTime() + 1000);
  await prove(asked.ref, services.now());
  const events = await eventsOfLead(asked.lead);
  expect(events.map(({ what }) => what)).toEqual(['asked', 'mailed', 'bounced', 'proved']);
  expect(events[1]?.detail).toMatch(/^to ada@acme\.example: 250/);
  expect(new Set(events.map((event) => event.request))).toEqual(new Set([asked.ref]));
});
