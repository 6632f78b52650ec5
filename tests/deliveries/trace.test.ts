import mongoose from 'mongoose';
import request, { type Agent } from 'supertest';
import { listAudit } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import { copyFor } from '../../src/deliveries/copy';
import { person, signIn } from '../accounts/browser';
import { tokenIn } from '../web/app';
import { ask, useDesk } from './desk';

const { services, deps } = useDesk();

let app: ReturnType<typeof createApp>;
beforeAll(() => {
  app = createApp(services);
});
beforeEach(() => mongoose.connection.collection('sessions').deleteMany({}));

async function signedIn(role: Parameters<typeof person>[0]): Promise<Agent> {
  const agent = request.agent(app);
  expect((await signIn(agent, await person(role))).status).toBe(303);
  return agent;
}

async function trace(agent: Agent, { file, reference = '' }: { file?: Buffer; reference?: string }) {
  const token = tokenIn((await agent.get('/staff/trace')).text);
  const form = agent.post('/staff/trace').field('_csrf', token).field('reference', reference);
  return file ? form.attach('copy', file, { filename: 'found.pdf', contentType: 'application/pdf' }) : form;
}

test('a copy leads to the lead it was made for, and that it was traced is on record', async () => {
  const { ref, lead } = await ask(services, { firstName: '<b>Ada' });
  const { copy } = await copyFor(ref, deps());
  const agent = await signedIn('analyst');
  const { status, text } = await trace(agent, { file: await copy.toBuffer() });
  expect(status).toBe(200);
  expect(text).toContain(`href="/staff/leads/${lead}"`);
  expect(text).toContain('&lt;b&gt;Ada');
  expect(text).toContain('the document properties, its XMP metadata, its file identifier');
  expect((await listAudit(1))[0]).toMatchObject({ action: 'traced a copy', subject: ref });
});

test('the printed reference will do, in any case; one that nobody has says so', async () => {
  const { ref, lead } = await ask(services);
  const agent = await signedIn('marketer');
  expect((await trace(agent, { reference: ` ${ref.toLowerCase()} ` })).text).toContain(`/staff/leads/${lead}`);
  expect((await trace(agent, { reference: '0000-0000-0000' })).text).toContain('No request has this reference');
});

test.each([
  ['nothing at all', {}, 'Choose a PDF'],
  ['no PDF', { file: Buffer.from('hello') }, 'can’t be read'],
  ['half a PDF', { file: Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj') }, 'type it here'],
])('%s: 422 with what to do, and what was typed is kept', async (_name, given, words) => {
  const { status, text } = await trace(await signedIn('admin'), { ...given, reference: '' });
  expect(status).toBe(422);
  expect(text).toContain(words);
});

test('a form without a file part is refused, and is no error of ours', async () => {
  const agent = await signedIn('admin');
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json']) {
    await agent.post('/staff/trace').type(type).send('{}').expect(415);
  }
});

test('sponsors and strangers are refused, and so is a form of another session', async () => {
  await request(app).get('/staff/trace').expect(303);
  await request(app).post('/staff/trace').field('reference', 'x').expect(303);
  const sponsor = request.agent(app);
  await signIn(sponsor, await person('sponsor-admin'));
  await sponsor.get('/staff/trace').expect(403);
  await sponsor.post('/staff/trace').field('reference', 'x').expect(403);
  await (await signedIn('marketer')).post('/staff/trace').field('_csrf', 'x').field('reference', 'x').expect(403);
});
