import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';
import request from 'supertest';
import { listAudit } from '../../src/accounts/accounts';
import { deliver, listDeliveries, suppress } from '../../src/deliveries/deliveries';
import * as leads from '../../src/leads/leads';
import { importDraft } from '../exports/desk';
import { appOf, browserOf } from '../exports/people';
import { ask, captureOf, later, SLUG } from '../support/seeds';
import { emptyStore, useStore } from '../support/store';
import { testServices, tokenIn } from '../web/app';

useStore();
const services = testServices();
const app = appOf(services);
beforeEach(async () => {
  await emptyStore();
  await mongoose.connection.collection('sessions').deleteMany({});
  await importDraft();
});

const HOSTILE = '<script>alert(1)</script>';
const ESCAPED = '&lt;script&gt;alert(1)&lt;/script&gt;';

/** A form whose every free text would run if a page let it. */
function hostile(more: Partial<leads.Capture> = {}): leads.Capture {
  const asked = captureOf({ firstName: HOSTILE, company: HOSTILE, q: { [HOSTILE]: HOSTILE, units: [HOSTILE] } });
  const attribution = { utmSource: HOSTILE, utmCampaign: HOSTILE, ref: HOSTILE };
  const consents = asked.consents.map((one) => ({ ...one, text: HOSTILE, page: HOSTILE }));
  const answers = { ...asked.answers, lastName: HOSTILE, jobTitle: HOSTILE, phone: HOSTILE, country: HOSTILE };
  return { ...asked, answers, attribution, consents, client: { ip: HOSTILE, userAgent: HOSTILE }, ...more };
}

test('strangers are asked to sign in', async () => {
  const { lead } = await ask({ suspicions: ['honeypot'] });
  for (const path of ['/staff/leads', `/staff/leads/${lead}`, '/staff/quarantine', `/staff/exports/${SLUG}/leads.csv`])
    await request(app()).get(path).expect(303);
  await request(app()).post(`/staff/quarantine/${lead}/accept`).expect(303);
  expect((await leads.findLead(lead))?.status).toBe('quarantined');
});

test.each(['analyst', 'marketer', 'admin'] as const)(
  'the pages show an %s what readers typed as text',
  async (role) => {
    const lead = await leads.capture(hostile());
    const bot = await leads.capture(
      hostile({ answers: { ...hostile().answers, email: 'bot@x.example' }, suspicions: ['honeypot'] }),
    );
    const repeat = await leads.capture(hostile({ at: later(1) }));
    await leads.prove(repeat.ref, later(2));
    const agent = await browserOf(app(), role);
    for (const path of ['/staff/leads', `/staff/leads/${lead.lead}`, `/staff/leads/${bot.lead}`, '/staff/quarantine']) {
      const { text } = await agent.get(path).expect(200);
      expect(text).toContain(ESCAPED);
      expect(text).not.toContain(HOSTILE);
    }
  },
);

test('the page of a lead has its requests, consents, decisions and who took it', async () => {
  const { ref, lead } = await ask();
  const repeat = await ask({ company: 'New Homes', yes: ['northgate'], at: later(5) });
  await leads.prove(repeat.ref, later(6));
  const agent = await browserOf(app(), 'marketer');
  await agent.get(`/staff/exports/${SLUG}/leads.csv`).expect(200);
  const { text } = await agent.get(`/staff/leads/${lead}`).expect(200);
  for (const shown of [
    ref,
    repeat.ref,
    'New Homes',
    'Acme Homes',
    'ACME Cloud may contact me.',
    'billable',
    'newsletter',
  ])
    expect(text).toContain(shown);
  expect(text).toMatch(/Disclosed[\s\S]*marketer@doors\.example/);
  await agent.get('/staff/leads/ZZZZ-ZZZZ-ZZZZ').expect(404);
  expect((await agent.get(`/staff/exports/${SLUG}`).expect(200)).text).toContain('marketer@doors.example');
});

test('the list is filtered and paged without a gap or a double; nonsense in the address does no harm', async () => {
  for (let n = 0; n < 60; n += 1) await ask({ email: `r${n}@x.example`, at: later(Math.floor(n / 4)) });
  await ask({ email: 'bot@x.example', suspicions: ['honeypot'] });
  const agent = await browserOf(app(), 'analyst');
  const found = (html: string) => html.match(/\/staff\/leads\/[0-9A-Z]{4}-[0-9A-Z-]{9}/g) ?? [];
  const first = (await agent.get('/staff/leads?status=active').expect(200)).text;
  const [, next] = /rel="next" href="([^"]+)"/.exec(first) ?? [];
  const second = (await agent.get(`/staff/leads${next?.replaceAll('&#38;', '&').replaceAll('&amp;', '&')}`).expect(200))
    .text;
  const seen = [...found(first), ...found(second)];
  expect([found(first).length, seen.length, new Set(seen).size]).toEqual([50, 60, 60]);
  expect(second).not.toContain('rel="next"');
  expect(found((await agent.get('/staff/leads?status=quarantined')).text)).toHaveLength(1);
  expect(found((await agent.get('/staff/leads?campaign=other')).text)).toHaveLength(0);
  for (const query of [
    'after=%00',
    'after=zzzzzzzzzzzzzzzz.x',
    'after=1.',
    'status[$ne]=x',
    'status=toString',
    'campaign=a&campaign=b',
  ])
    await agent.get(`/staff/leads?${query}`).expect(200);
});

describe('quarantine', () => {
  const press = async (role: 'analyst' | 'marketer' | 'admin', verb: string, id: string) => {
    const agent = await browserOf(app(), role);
    const { text } = await agent.get('/staff/quarantine').expect(200);
    const _csrf = tokenIn(text);
    return { text, answer: await agent.post(`/staff/quarantine/${id}/${verb}`).type('form').send({ _csrf }), agent };
  };

  test.each([
    ['marketer', 'accept', 'active'],
    ['admin', 'reject', 'rejected'],
  ] as const)('a %s can %s a lead, which is on record', async (role, verb, status) => {
    const { lead } = await ask({ suspicions: ['honeypot'] });
    const { answer, agent } = await press(role, verb, lead);
    expect([answer.status, answer.headers['location']]).toEqual([303, '/staff/quarantine?next=1']);
    expect((await leads.findLead(lead))?.status).toBe(status);
    expect(await listAudit()).toContainEqual(
      expect.objectContaining({ actor: `${role}@doors.example`, subject: lead }),
    );
    expect((await agent.get('/staff/quarantine')).text).not.toContain(lead);
  });

  test('an analyst looks and decides nothing', async () => {
    const { lead } = await ask({ suspicions: ['honeypot'] });
    for (const verb of ['accept', 'reject']) {
      await mongoose.model('Account').deleteMany({});
      const { text, answer } = await press('analyst', verb, lead);
      expect(text).not.toContain(`action="/staff/quarantine/${lead}/${verb}"`);
      expect(answer.status).toBe(403);
    }
    expect((await leads.findLead(lead))?.status).toBe('quarantined');
  });

  test('a form from elsewhere, and a second decision, change nothing', async () => {
    const { lead } = await ask({ suspicions: ['honeypot'] });
    const { agent, answer } = await press('admin', 'reject', lead);
    expect(answer.status).toBe(303);
    const { text } = await agent.get('/staff/quarantine');
    const again = await agent
      .post(`/staff/quarantine/${lead}/accept`)
      .type('form')
      .send({ _csrf: tokenIn(text) });
    expect(again.status).toBe(409);
    await agent.post(`/staff/quarantine/${lead}/accept`).type('form').send({}).expect(403);
    expect((await leads.findLead(lead))?.status).toBe('rejected');
  });
});

test('search, days and what is wrong with them stay in the form; who read which leads is in the log', async () => {
  const { lead } = await ask();
  await ask({ email: 'omar@x.example', firstName: 'Omar' });
  const agent = await browserOf(app(), 'analyst');
  const { text } = await agent.get('/staff/leads?q=jan+acme&from=2026-11-24&to=2026-11-24').expect(200);
  expect(text).toContain(`/staff/leads/${lead}`);
  expect(text).toContain('value="jan acme"');
  expect(text).not.toContain('omar@x.example');
  expect((await agent.get('/staff/leads?to=2026-11-23')).text).toContain('No lead is like that.');
  expect((await agent.get('/staff/leads?from=yesterday')).text).toContain('“yesterday” is not a day.');
  await agent.get(`/staff/leads/${lead}`).expect(200);
  const reads = (await listAudit()).filter(({ kind, subjects }) => kind === 'read' && subjects?.includes(lead));
  expect(reads.map(({ action, actor }) => [action, actor])).toEqual([
    ['opened lead', 'analyst@doors.example'],
    ['listed leads', 'analyst@doors.example'],
    ['listed leads', 'analyst@doors.example'],
  ]);
});

test.each([
  ['/staff/leads', 'listed leads'],
  ['/staff/leads/LEAD', 'opened lead'],
  ['/staff/quarantine', 'listed leads'],
  [`/staff/exports/${SLUG}/leads.csv`, 'took leads away'],
  ['/staff/deliveries', 'listed deliveries'],
  ['/staff/deliveries/DELIVERY', 'opened delivery'],
  ['/staff/outbox', 'listed the outbox'],
  ['/staff/outbox/MESSAGE', 'opened message'],
  ['/staff/outbox/MESSAGE/raw', 'took message'],
  ['/staff/suppressions', 'listed suppressions'],
])('whoever looks at %s is in the log: %s', async (path, action) => {
  const { lead, ref } = await ask({ suspicions: ['honeypot'] });
  await suppress({ who: 'jane@x.example', purpose: '*', why: 'staff', at: later(0) });
  // No copy can be made of this draft, which is told in a delivery as well.
  await deliver({ payload: { request: ref }, attempts: 0 }, services);
  const messageId = await services.mailer.newMessageId();
  const to = { name: 'Jane', address: 'jane@x.example' };
  await services.mailer.send({ messageId, to, subject: 'x', text: 'x', html: 'x' });
  const message = readdirSync(join(services.config.dataDir, 'outbox'))[0] ?? '';
  const [delivery] = await listDeliveries(lead);
  const agent = await browserOf(app(), 'admin');
  const names = { LEAD: lead, DELIVERY: delivery?.id ?? '', MESSAGE: message };
  const address = Object.entries(names).reduce((all, [name, value]) => all.replace(name, value), path);
  await agent.get(address).expect(200);
  expect((await listAudit(1))[0]).toMatchObject({ actor: 'admin@doors.example', kind: 'read', action });
});

test('after a decision the next one’s button has the focus; the queue goes on behind fifty', async () => {
  for (let n = 0; n < 52; n += 1) await ask({ email: `b${n}@x.example`, suspicions: ['honeypot'], at: later(n) });
  const agent = await browserOf(app(), 'marketer');
  const first = (await agent.get('/staff/quarantine').expect(200)).text;
  expect([first.match(/data-key="a"/g)?.length, first.includes('autofocus')]).toEqual([50, false]);
  const [, next = ''] = /rel="next" href="([^"]+)"/.exec(first) ?? [];
  expect((await agent.get(`/staff/quarantine${next}`)).text.match(/data-key="a"/g)).toHaveLength(2);
  const after = (await agent.get('/staff/quarantine?next=1')).text;
  expect(after.match(/autofocus/g)).toHaveLength(1);
});

describe('the page of a lead', () => {
  const open = async (role: 'analyst' | 'marketer', id: string) => {
    const agent = await browserOf(app(), role);
    const { text } = await agent.get(`/staff/leads/${id}`).expect(200);
    const post = (path: string, fields: object = {}) =>
      agent
        .post(`/staff/leads/${id}/${path}`)
        .type('form')
        .send({ _csrf: tokenIn(text), ...fields });
    return { agent, text, post };
  };

  test('keeps notes, says what is wrong with one and keeps what was typed', async () => {
    const { lead } = await ask();
    const { agent, post } = await open('marketer', lead);
    const long = 'x'.repeat(4001);
    const wrong = await post('notes', { text: long });
    expect([wrong.status, wrong.text.includes(long), wrong.text.includes('at most 4000')]).toEqual([422, true, true]);
    expect((await post('notes', { text: '  ' })).status).toBe(422);
    expect((await post('notes', { text: HOSTILE })).status).toBe(303);
    const { text } = await agent.get(`/staff/leads/${lead}`);
    expect([text.includes(ESCAPED), text.includes(HOSTILE)]).toEqual([true, false]);
    expect(await listAudit()).toContainEqual(
      expect.objectContaining({ action: 'wrote a note on lead', subject: lead }),
    );
  });

  test('has one line for all that happened: asked, settled, disclosed, taken back', async () => {
    const { lead } = await ask();
    await leads.withdraw(lead, 'acme-cloud', '/me', later(9));
    const { agent } = await open('marketer', lead);
    await agent.get(`/staff/exports/${SLUG}/leads.csv`).expect(200);
    const { text } = await agent.get(`/staff/leads/${lead}`);
    for (const what of ['asked', 'withdrawn', 'disclosed'])
      expect(text).toMatch(new RegExp(`Time line[\\s\\S]*<strong>${what}</strong>[\\s\\S]*Notes`));
  });

  test('erases it for good, after which nobody finds it', async () => {
    const { lead } = await ask();
    const { agent, post } = await open('marketer', lead);
    const answer = await post('erase');
    expect([answer.status, answer.headers['location']]).toEqual([303, '/staff/leads?done=erased']);
    await agent.get(`/staff/leads/${lead}`).expect(404);
    expect((await agent.get('/staff/leads?done=erased')).text).toMatch(/is erased[\s\S]*No leads here yet/);
    expect(await listAudit()).toContainEqual(expect.objectContaining({ action: 'erased lead', subject: lead }));
  });

  test('lets an analyst write and erase nothing', async () => {
    const { lead } = await ask();
    const { text, post } = await open('analyst', lead);
    expect(text).not.toMatch(/\/notes"|\/erase"|\/resend"/);
    for (const path of ['notes', 'erase']) expect((await post(path, { text: 'x' })).status).toBe(403);
    expect(await leads.findLead(lead)).not.toBeNull();
  });
});

test('an analyst takes no leads away', async () => {
  await ask();
  const agent = await browserOf(app(), 'analyst');
  for (const format of ['csv', 'xlsx', 'ndjson']) await agent.get(`/staff/exports/${SLUG}/leads.${format}`).expect(403);
});
