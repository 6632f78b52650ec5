import { CampaignModel } from '../../src/campaigns/campaign.model';
import * as campaigns from '../../src/campaigns/campaigns';
import { copyFor } from '../../src/deliveries/deliveries';
import type { ConsentEvidence } from '../../src/leads/leads';
import { SLUG } from '../landing/app';
import { CAST, fullName } from '../support/cast';
import { pageTexts } from '../support/pdf-text';
import { ask, useDesk } from './desk';

const { services, sink, deps, work } = useDesk((yaml) =>
  yaml.replace(
    'mail: { subject: Your copy, body: Here it is. }',
    `mail:
  subject: "{{firstName}}, your copy of {{title}}"
  body: |
    Dear {{ name }},

    here it is, from {{publisher}}.
    Company: {{company}}.

    This line is as long as an editor lets it be, and so it goes on
    in the next one.

    Kind regards,
    the editors
`,
  ),
);

const yes = (sponsor: string): ConsentEvidence => ({
  key: sponsor,
  sponsor,
  version: 1,
  text: 'yes',
  given: true,
  how: 'checkbox',
  page: '/w/locks-and-keys',
  at: new Date('2026-11-24T10:00:00Z'),
});

async function receive(answers = {}, more = {}) {
  const request = await ask(services, answers, more);
  await work(request.ref);
  const [received] = sink().received;
  if (!received) throw new Error('nothing arrived');
  const { mail } = received;
  return { request, ...received, text: mail.text ?? '', html: String(mail.html) };
}

const linksIn = (text: string): string[] => [...text.matchAll(/https?:\/\/[^\s"<>]+/g)].map(([link]) => link);

test('only the reader is in the envelope; who it is from; the campaign’s words filled in', async () => {
  const { from, to, mail, text, html } = await receive();
  expect([from, to]).toEqual(['papers@doors.example', ['ada@acme.example']]);
  expect(mail.subject).toBe('Ada, your copy of Locks and keys');
  const { name } = await campaigns.site();
  for (const body of [text, html]) {
    expect(body).toContain('Dear Ada Harrow,');
    expect(body).toContain(`here it is, from ${name}.`);
    expect(body).toContain('Company: ACME Homes.');
  }
});

test('a mistake in a template that went live before mistakes were looked for shows; it doesn’t vanish', async () => {
  const mail = (body: string) => CampaignModel.updateOne({ _id: SLUG }, { $set: { 'mail.body': body } });
  const right = (await campaigns.findCampaign(SLUG))?.mail.body ?? '';
  await mail('Dear {{nmae}}, here it is.');
  const { text, html } = await receive().finally(() => mail(right));
  for (const body of [text, html]) expect(body).toContain('Dear {{nmae}}, here it is.');
});

test('in HTML wrapped lines flow, short ones end; the text is as its writer wrapped it', async () => {
  const { text, html } = await receive();
  expect(html).toContain('and so it goes on in the next one.</p>');
  expect(html).toContain('Kind regards,<br>the editors</p>');
  expect(text).toContain('and so it goes on\nin the next one.\n\nKind regards,\nthe editors\n');
});

test.each(CAST.map((reader) => [fullName(reader), reader] as const))(
  'the copy of %s: attached, the same bytes as behind the link, name and address on every page',
  async (name, reader) => {
    const { request, mail } = await receive(reader);
    const [paper, ...others] = mail.attachments;
    expect(others).toEqual([]);
    expect(paper).toMatchObject({ filename: 'locks-and-keys.pdf', contentType: 'application/pdf' });
    const { copy } = await copyFor(request.ref, deps());
    expect(paper?.content.equals(await copy.toBuffer())).toBe(true);
    const texts = await pageTexts(paper?.content ?? Buffer.alloc(0));
    expect(texts).toHaveLength(2);
    for (const page of texts) {
      expect(page.normalize('NFKC')).toContain(reader.email);
      expect(page.normalize('NFKC')).toContain(request.ref);
    }
    expect(mail.subject).toBe(`${reader.firstName}, your copy of Locks and keys`);
    expect(mail.text).toContain(name);
  },
);

test('the copy of a request is the same at any time, and of another request another', async () => {
  const first = await ask(services);
  const again = await ask(services);
  const bytes = async (ref: string) => (await copyFor(ref, deps())).copy.toBuffer();
  const before = await bytes(first.ref);
  services.clock.now = new Date('2027-03-01T00:00:00Z');
  expect((await bytes(first.ref)).equals(before)).toBe(true);
  expect((await bytes(again.ref)).equals(before)).toBe(false);
});

test('the links: the copy and the proof by mail token, the privacy page, and nothing else anywhere', async () => {
  const { request, text, html } = await receive();
  const { links } = services;
  const token = /\/d\/(\S+)/.exec(text)?.[1] ?? '';
  expect(links.readReaderToken(token, services.now())).toMatchObject({
    state: 'valid',
    token: { request: request.ref, channel: 'mail' },
  });
  const ours = [links.download(token), links.proof(token), links.own(token), links.privacy()].sort();
  expect(linksIn(text).sort()).toEqual(ours);
  expect(linksIn(html).sort()).toEqual(ours);
  expect(html).not.toMatch(/<(img|script|link|iframe|object|form)\b|@import|url\(|\bon\w+=/i);
});

test('what a reader typed stays text', async () => {
  const { html, mail } = await receive({ firstName: '<b onload=alert(1)>', company: '"><img src=x>{{email}}' });
  expect(html).not.toMatch(/<b onload|<img/);
  expect(html).toContain('&lt;b onload=alert(1)&gt;');
  expect(html).toContain('{{email}}');
  expect(mail.subject).toBe('<b onload=alert(1)>, your copy of Locks and keys');
});

test('a form that asks for no name leaves the address', async () => {
  const { mail, text } = await receive({ firstName: undefined, lastName: undefined, company: undefined });
  expect([mail.to].flat()[0]?.text).toBe('ada@acme.example');
  expect(text).toContain('Dear ada@acme.example,');
  expect(mail.subject).toBe('ada@acme.example, your copy of Locks and keys');
});

test('who was named on the form is named in the mail', async () => {
  const { text, html } = await receive({}, { consents: [yes('acme-cloud')] });
  for (const body of [text, html]) {
    expect(body).toContain('you agreed that ACME Cloud may have your answers');
    expect(body.replace(/\s+/g, ' ')).toContain('It tells us and ACME Cloud that a person reads this mailbox');
  }
});

test('without a tick nobody is named', async () => {
  const { text, html } = await receive({}, { consents: [{ ...yes('acme-cloud'), given: false }] });
  for (const body of [text, html]) {
    expect(body).not.toContain('ACME Cloud');
    expect(body).toContain('Your answers stay with');
  }
});

test('it is requested mail: no unsubscribe, but nobody’s out-of-office note, no empty lines of an address that is not there', async () => {
  const { mail, text } = await receive();
  expect(mail.headers.has('list-unsubscribe') || mail.headers.has('list')).toBe(false);
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
  expect(text).not.toMatch(/site,\s*\n|\n{4}/);
  expect(text).not.toMatch(/undefined|null|\[object/);
});
