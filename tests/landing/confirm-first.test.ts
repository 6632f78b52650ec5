import request from 'supertest';
import { createApp } from '../../src/app';
import { deliver, listDeliveries, resend } from '../../src/deliveries/deliveries';
import { findRequest, owed, paid } from '../../src/leads/leads';
import { ask, useDesk } from '../deliveries/desk';
import { SLUG } from './app';

const { services, sink, deps, work } = useDesk((yaml) => `${yaml}\nconfirmFirst: true\n`);
const held = (more = {}) => ask(services, {}, { confirmFirst: true, ...more });
const app = () => request(createApp(services));
const token = (ref: string, channel: 'mail' | 'page') => services.links.readerToken(ref, channel, services.now());

test('the form keeps that the copy is held, and the page after it says so', async () => {
  const form = services.links.formToken(SLUG, new Date(services.clock.now.getTime() - 10_000));
  const answer = await app()
    .post(`/w/${SLUG}`)
    .type('form')
    .send({ email: 'ada@acme.example', firstName: 'Ada', country: 'GB', 'q.units': 'lt1000', token: form });
  expect(answer.status).toBe(303);
  const thanks = await app().get(String(answer.headers['location'])).expect(200);
  expect(thanks.text).toContain('One more step: confirm your address');
  expect(thanks.text).not.toContain('href="/d/');
  const [one] = await owed(5);
  expect(await findRequest(one?.ref ?? '')).toMatchObject({ confirmFirst: true });
});

test('first the mail with the button; a scanner’s GET gets nothing; the POST brings the copy by mail and by link', async () => {
  const asked = await held();
  expect(await work(asked.ref)).toEqual({ state: 'done' });
  const [mail] = sink().received;
  expect(mail?.mail.attachments).toEqual([]);
  expect(mail?.mail.subject).toBe('Confirm your address to get “Locks and keys”');
  for (const body of [mail?.mail.text ?? '', String(mail?.mail.html)]) {
    expect(body).toContain('/v/');
    expect(body).not.toContain('/d/');
  }
  await app()
    .get(`/d/${token(asked.ref, 'page')}`)
    .expect(403);
  const toButton = await app()
    .get(`/d/${token(asked.ref, 'mail')}`)
    .expect(303);
  const button = String(toButton.headers['location']);
  await app().get(button).expect(200);
  await app()
    .get(`/d/${token(asked.ref, 'page')}`)
    .expect(403);

  await paid(asked.ref, (await owed(1))[0]?.wanted ?? []);
  expect((await app().post(button).expect(200)).text).toContain('Your address is confirmed');
  const { ref, lead } = asked;
  expect(await owed(5)).toEqual([
    { ref, lead, campaign: SLUG, email: 'ada@acme.example', wanted: ['settle', 'deliver'] },
  ]);
  await app()
    .get(`/d/${token(asked.ref, 'page')}`)
    .expect(200);
  expect(await work(asked.ref)).toEqual({ state: 'done' });
  expect(sink().received[1]?.mail.attachments).toHaveLength(1);
  expect(sink().received[1]?.mail.text).not.toContain('/v/');
  expect((await listDeliveries(asked.lead)).map(({ kind, n, state }) => [kind, n, state])).toEqual([
    ['confirmation', -1, 'sent'],
    ['copy', 0, 'sent'],
  ]);
  // Pressed again: nothing more.
  await app().post(button).expect(200);
  await work(asked.ref);
  expect(sink().received).toHaveLength(2);
});

test('a repeat is held on its own, and owes its copy once proved; a test, too', async () => {
  await held();
  for (const more of [{}, { test: true as const }]) {
    const asked = await held(more);
    for (const one of await owed(9)) await paid(one.ref, one.wanted);
    await app()
      .post(`/v/${token(asked.ref, 'mail')}`)
      .expect(200);
    expect((await owed(9)).filter(({ wanted }) => wanted.includes('deliver')).map(({ ref }) => ref)).toEqual([
      asked.ref,
    ]);
  }
});

test('sent again before the button was pressed, it is the button again', async () => {
  const asked = await held();
  await work(asked.ref);
  await resend(asked.ref, 'max@doors.example');
  await deliver({ payload: { request: asked.ref, n: 1, by: 'max@doors.example' }, attempts: 0 }, deps());
  expect(sink().received.map(({ mail }) => mail.subject)).toEqual(
    Array(2).fill('Confirm your address to get “Locks and keys”'),
  );
});
