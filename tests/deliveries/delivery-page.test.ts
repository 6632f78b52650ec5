import request, { type Agent } from 'supertest';
import { createApp } from '../../src/app';
import { listDeliveries } from '../../src/deliveries/deliveries';
import * as jobs from '../../src/jobs/jobs';
import { correct, findLead, listLeads, requestsOf } from '../../src/leads/leads';
import { person, signIn } from '../accounts/browser';
import { tokenIn } from '../web/app';
import { ask, deliveryOf, useDesk } from './desk';

const { services, sink, work } = useDesk();

let app: ReturnType<typeof createApp>;
beforeAll(() => {
  app = createApp(services);
});

async function signedIn(role: Parameters<typeof person>[0]): Promise<Agent> {
  const agent = request.agent(app);
  expect((await signIn(agent, await person(role))).status).toBe(303);
  return agent;
}

/** A form whose mail the server puts off, and its delivery. */
async function deferred() {
  const asked = await ask(services);
  await jobs.want({ kind: 'deliver', key: asked.ref, dueAt: new Date(Date.now() + 3_600_000) });
  sink().mood = { code: 450, text: 'not now', at: 'rcpt' };
  await work(asked.ref);
  sink().mood = 'accept';
  return { asked, page: `/staff/deliveries/${(await deliveryOf(asked)).id}` };
}

const post = async (agent: Agent, page: string, what: string, fields: object = {}) =>
  agent
    .post(`${page}/${what}`)
    .type('form')
    .send({ _csrf: tokenIn((await agent.get(page)).text), ...fields });

test('called off: its job is done at once, and nothing is sent', async () => {
  const staff = await signedIn('marketer');
  const { asked, page } = await deferred();
  expect((await post(staff, page, 'cancel')).status).toBe(303);
  expect(await deliveryOf(asked)).toMatchObject({
    state: 'cancelled',
    log: [{}, { detail: 'by marketer@doors.example' }],
  });
  expect(Number((await jobs.find('deliver', asked.ref))?.dueAt)).toBeLessThanOrEqual(Date.now());
  expect(await work(asked.ref)).toEqual({ state: 'done' });
  expect(sink().received).toHaveLength(0);
  expect((await post(staff, page, 'cancel')).status).toBe(409);
  const { text } = await staff.get(page).expect(200);
  expect(text).toContain('cancelled');
  expect(text).toContain('Send again');
});

test('corrected by staff: the same answers to the right address, the mistyped lead set aside, its mail called off', async () => {
  const staff = await signedIn('marketer');
  const { asked, page } = await deferred();
  // Readers may do it for a day; staff whenever they are told.
  services.clock.now = new Date(services.clock.now.getTime() + 40 * 86_400_000);
  const wrong = await post(staff, page, 'correct', { email: 'no address' });
  expect(wrong.status).toBe(422);
  expect(wrong.text).toContain('value="no address"');
  expect((await post(staff, page, 'correct', { email: 'ada@acme.example' })).text).toContain('has already');
  const answer = await post(staff, page, 'correct', { email: 'ada@acme-homes.example' });
  expect(answer.status).toBe(303);
  const [right] = (await listLeads({ status: 'active' }, { limit: 5 })) ?? [];
  expect(answer.headers['location']).toBe(`/staff/leads/${right?.id}`);
  expect(right).toMatchObject({ email: 'ada@acme-homes.example', current: { answers: { firstName: 'Ada' } } });
  expect((await requestsOf(right?.id ?? ''))[0]?.corrects).toBe(asked.ref);
  expect((await findLead(asked.lead))?.status).toBe('superseded');
  expect(await work(asked.ref)).toEqual({ state: 'done' });
  expect(await deliveryOf(asked)).toMatchObject({ state: 'cancelled' });
  expect(sink().received).toHaveLength(0);
});

test('corrected by its reader before the mail went: only the right address gets one', async () => {
  const { asked } = await deferred();
  const right = await correct(asked.ref, 'ada@acme-homes.example', 'business', services.now());
  await work(asked.ref);
  await work(right.ref);
  expect(sink().received.map(({ to }) => to)).toEqual([['ada@acme-homes.example']]);
  expect((await listDeliveries(asked.lead))[0]?.state).toBe('cancelled');
});

test('analysts look; sponsors and strangers don’t; an unknown one is not found', async () => {
  const { asked, page } = await deferred();
  const analyst = await signedIn('analyst');
  const { text } = await analyst.get(page).expect(200);
  expect(text).not.toMatch(/cancel"|correct"|try-now/);
  for (const what of ['cancel', 'correct']) {
    await analyst
      .post(`${page}/${what}`)
      .type('form')
      .send({ _csrf: tokenIn(text), email: 'eve@acme.example' })
      .expect(403);
    await request(app).post(`${page}/${what}`).expect(303);
  }
  const staff = await signedIn('admin');
  for (const what of ['cancel', 'correct']) await staff.post(`${page}/${what}`).type('form').send({}).expect(403);
  await (await signedIn('sponsor-admin')).get(page).expect(403);
  await request(app).get(page).expect(303);
  await staff.get('/staff/deliveries/unknown').expect(404);
  expect(await deliveryOf(asked)).toMatchObject({ state: 'deferred' });
  expect((await staff.get(`/staff/leads/${asked.lead}`).expect(200)).text).toMatch(/Time line[\s\S]*deferred/);
});
