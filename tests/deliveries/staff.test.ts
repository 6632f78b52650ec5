import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';
import request, { type Agent } from 'supertest';
import { listAudit } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import { deliver, listDeliveries } from '../../src/deliveries/deliveries';
import * as jobs from '../../src/jobs/jobs';
import { person, signIn } from '../accounts/browser';
import { tokenIn } from '../web/app';
import { ask, deliveryOf, useDesk } from './desk';

const { services, sink, work } = useDesk();

let app: ReturnType<typeof createApp>;
let staff: Agent;

beforeAll(() => {
  app = createApp(services);
});
beforeEach(async () => {
  await mongoose.connection.collection('sessions').deleteMany({});
  staff = await signedIn('marketer');
});

async function signedIn(role: Parameters<typeof person>[0]): Promise<Agent> {
  const agent = request.agent(app);
  expect((await signIn(agent, await person(role))).status).toBe(303);
  return agent;
}

const post = async (agent: Agent, path: string, page = '/staff/deliveries') =>
  agent
    .post(path)
    .type('form')
    .send({ _csrf: tokenIn((await agent.get(page)).text) });

describe('deliveries', () => {
  test('each with its state, the last word and the next try', async () => {
    sink().mood = { code: 450, text: 'grey today <b>', at: 'rcpt' };
    await work((await ask(services, { email: 'slow@acme.example' })).ref);
    sink().mood = 'accept';
    await work((await ask(services, { email: 'quick@acme.example' })).ref);
    const { text } = await staff.get('/staff/deliveries').expect(200);
    expect(text).toContain('slow@acme.example');
    expect(text).toContain('450 grey today &lt;b&gt;');
    expect(text).toContain('Next try 24 November 2026 at 10:00');
    const deferred = (await staff.get('/staff/deliveries?state=deferred').expect(200)).text;
    expect(deferred).toContain('slow@acme.example');
    expect(deferred).not.toContain('quick@acme.example');
    expect((await staff.get('/staff/deliveries?state=$ne').expect(200)).text).toContain('quick@acme.example');
  });

  test('a page holds fifty, and leads to the older ones, each once', async () => {
    const created = Array.from({ length: 120 }, (_, n) => ({
      _id: `d${n}`,
      request: `r${n}`,
      lead: 'l',
      campaign: 'c',
      to: `reader${n}.@acme.example`,
      messageId: `<${n}>`,
      n: 0,
      state: 'sent',
      createdAt: new Date(1_760_000_000_000 + Math.floor(n / 7)),
      log: [],
    }));
    await mongoose.connection.collection<{ _id: string }>('deliveries').insertMany(created);
    const seen: string[] = [];
    for (let next: string | undefined = '/staff/deliveries?state=sent'; next; ) {
      const { text }: request.Response = await staff.get(next).expect(200);
      seen.push(...[...text.matchAll(/>(reader\d+\.@acme\.example)</g)].map(([, to]) => String(to)));
      const older: string | undefined = /rel="next" href="([^"]+)"/.exec(text)?.[1];
      next = older && `/staff/deliveries${older.replaceAll('&amp;', '&')}`;
    }
    expect(seen).toHaveLength(120);
    expect(new Set(seen).size).toBe(120);
    for (const odd of ['x', '.', '-1.x', 'zzzzzzzzzzzzz.a', '1.']) {
      await staff.get(`/staff/deliveries?after=${odd}`).expect(200);
    }
  });

  test('send again: by staff, once, and written down', async () => {
    const asked = await ask(services);
    await work(asked.ref);
    await post(staff, `/staff/deliveries/${asked.ref}/resend`).then((answer) => expect(answer.status).toBe(303));
    const job = await jobs.find('deliver', `${asked.ref}:1`);
    expect(job).toMatchObject({ state: 'due', payload: { n: 1, by: 'marketer@doors.example' } });
    expect(await listAudit()).toEqual(
      expect.arrayContaining([expect.objectContaining({ actor: 'marketer@doors.example', subject: asked.ref })]),
    );
    await work(asked.ref, 0, job?.payload);
    expect(await listDeliveries(asked.lead)).toHaveLength(2);
    expect((await staff.get(`/staff/leads/${asked.lead}`).expect(200)).text).toContain('by marketer@doors.example');
  });

  test('try now: a deferred delivery is due at once', async () => {
    const asked = await ask(services);
    await jobs.want({ kind: 'deliver', key: asked.ref, dueAt: new Date(Date.now() + 3_600_000) });
    sink().mood = { code: 450, text: 'no', at: 'rcpt' };
    await work(asked.ref);
    const { id } = await deliveryOf(asked);
    expect((await staff.get('/staff/deliveries')).text).toContain(`/staff/deliveries/${id}/try-now`);
    expect((await post(staff, `/staff/deliveries/${id}/try-now`)).status).toBe(303);
    expect(Number((await jobs.find('deliver', asked.ref))?.dueAt)).toBeLessThanOrEqual(Date.now());
    expect((await post(staff, '/staff/deliveries/unknown/try-now')).status).toBe(409);
  });

  test('while it is on its way it is not sent again, and an unknown one is not found', async () => {
    const asked = await ask(services);
    sink().mood = { code: 450, text: 'no', at: 'rcpt' };
    await work(asked.ref);
    const answer = await post(staff, `/staff/deliveries/${asked.ref}/resend`);
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('still on its way');
    expect((await post(staff, '/staff/deliveries/NONE/resend')).status).toBe(404);
  });

  test('an analyst looks and changes nothing; a form from elsewhere, a sponsor and a stranger neither', async () => {
    const asked = await ask(services);
    await work(asked.ref);
    const path = `/staff/deliveries/${asked.ref}/resend`;
    const analyst = await signedIn('analyst');
    const page = await analyst.get('/staff/deliveries').expect(200);
    expect(page.text).not.toContain('/resend');
    await analyst
      .post(path)
      .type('form')
      .send({ _csrf: tokenIn(page.text) })
      .expect(403);
    await staff.post(path).type('form').send({}).expect(403);
    await (await signedIn('sponsor-admin')).get('/staff/deliveries').expect(403);
    await request(app).get('/staff/deliveries').expect(303);
    await request(app).post(path).expect(303);
    expect(await jobs.find('deliver', `${asked.ref}:1`)).toBeNull();
  });
});

test('whether mail arrives: each check with the record to add; for who may mend it', async () => {
  // Nobody answers at the name server of these tests: what is found is judged in tests/mail/doctor.test.ts.
  const { text } = await staff.get('/staff/mail').expect(200);
  expect([...text.matchAll(/<h2[^>]*>([\w ]+) <span/g)].map(([, name]) => name)).toEqual([
    'Mail server',
    'SPF',
    'DKIM',
    'DMARC',
    'MX',
  ]);
  expect(text).toContain('DKIM_SELECTOR=gatefold');
  for (const role of ['analyst', 'sponsor-admin'] as const) {
    await (await signedIn(role)).get('/staff/mail').expect(403);
  }
  await request(app).get('/staff/mail').expect(303);
});

describe('outbox', () => {
  const outbox = () => join(services.config.dataDir, 'outbox');
  let name: string;

  beforeEach(async () => {
    rmSync(outbox(), { recursive: true, force: true });
    const asked = await ask(services, { firstName: '<script>alert(1)</script>' });
    await deliver({ payload: { request: asked.ref }, attempts: 0 }, services);
    name = readdirSync(outbox())[0] ?? '';
  });

  test('lists messages and shows each as text, as HTML in a frame, and with its attachment', async () => {
    expect((await staff.get('/staff/outbox').expect(200)).text).toContain(`/staff/outbox/${name}`);
    expect((await staff.get('/staff/deliveries').expect(200)).text).toContain(`/staff/outbox/${name}`);
    const page = await staff.get(`/staff/outbox/${name}`).expect(200);
    expect(page.text).toContain('ada@acme.example');
    expect(page.text).toContain('locks-and-keys.pdf');
    expect(page.text).not.toContain('<script>alert');
    expect(page.text).toContain(`sandbox="allow-popups allow-popups-to-escape-sandbox"`);
    const raw = await staff
      .get(`/staff/outbox/${name}/raw`)
      .expect(200)
      .expect('Content-Type', /message\/rfc822/);
    expect(raw.headers['content-disposition']).toContain('attachment');
    const paper = await staff
      .get(`/staff/outbox/${name}/attachments/0`)
      .expect(200)
      .expect('Content-Type', 'application/pdf');
    expect(paper.headers['content-disposition']).toContain('locks-and-keys.pdf');
    await staff.get(`/staff/outbox/${name}/attachments/1`).expect(404);
    await staff.get(`/staff/outbox/${name}/attachments/x`).expect(404);
  });

  test('the frame may style and open links, and run or load nothing', async () => {
    writeFileSync(
      join(outbox(), 'evil.eml'),
      'Content-Type: text/html\r\n\r\n<script>alert(1)</script><img src=https://evil.example/p.gif>',
    );
    const frame = await staff.get('/staff/outbox/evil.eml/html').expect(200);
    const policy = String(frame.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).toMatch(/sandbox allow-popups allow-popups-to-escape-sandbox$/);
    expect(policy).not.toMatch(/script|allow-same-origin|img-src|https?:/);
    expect(frame.headers['cache-control']).toBe('no-store');
    const page = await staff.get('/staff/outbox/evil.eml').expect(200);
    expect(page.text).not.toContain('evil.example/p.gif"');
  });

  test.each(['unknown.eml', '..%2Fsecret.key', '..%2f..%2fetc%2fpasswd', '%2e%2e%2fsecret.key', 'a%00.eml'])(
    '%s is not found',
    async (path) => {
      mkdirSync(outbox(), { recursive: true });
      for (const more of ['', '/html', '/raw', '/attachments/0']) {
        expect((await staff.get(`/staff/outbox/${path}${more}`)).status).toBe(404);
      }
    },
  );

  test('is for staff only', async () => {
    const sponsor = await signedIn('sponsor-member');
    for (const path of ['', `/${name}`, `/${name}/html`, `/${name}/raw`, `/${name}/attachments/0`]) {
      await sponsor.get(`/staff/outbox${path}`).expect(403);
      await request(app).get(`/staff/outbox${path}`).expect(303);
    }
  });
});
