import { PDFDocument } from 'pdf-lib';
import request from 'supertest';
import * as accounts from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import * as campaigns from '../../src/campaigns/campaigns';
import { contractsOfCampaign } from '../../src/sponsors/sponsors';
import { importCampaign, SLUG, testServices } from '../landing/app';
import { useStore } from '../support/store';

jest.setTimeout(60_000);
useStore();
const services = testServices();
const PASSWORD = 'a long enough password';

type Agent = ReturnType<typeof request.agent>;
const agents = new Map<accounts.Role, Agent>();
const as = (role: accounts.Role): Agent => agents.get(role) ?? request.agent(createApp(services));
const csrfOf = (html: string): string => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

beforeAll(async () => {
  await importCampaign(services.config.dataDir);
  for (const role of ['marketer', 'analyst', 'sponsor-admin'] as const) {
    const email = `${role}@doors.example`;
    const sponsor = role === 'sponsor-admin' ? { sponsor: 'acme-cloud' } : {};
    await accounts.addUser({ email, role, password: PASSWORD, ...sponsor });
    const agent = request.agent(createApp(services));
    const { text } = await agent.get('/sign-in');
    await agent
      .post('/sign-in')
      .type('form')
      .send({ email, password: PASSWORD, _csrf: csrfOf(text) })
      .expect(303);
    agents.set(role, agent);
  }
});

async function pdf(): Promise<Buffer> {
  const document = await PDFDocument.create();
  document.addPage([595, 842]).drawText('A paper', { x: 50, y: 700 });
  return Buffer.from(await document.save());
}

/** What the page's fields hold, as a browser would send them back. */
function fieldsOf(html: string): Record<string, string> {
  const decode = (text: string) =>
    text
      .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&quot;/g, '"')
      .replace(/&amp;/g, '&');
  const fields: Record<string, string> = {};
  for (const [tag, attributes = ''] of html.matchAll(/<input\b([^>]*)>/g)) {
    const name = /\bname="([^"]*)"/.exec(attributes)?.[1];
    if (!name || /type="file"/.test(tag)) continue;
    if (/type="checkbox"/.test(tag) && !/\bchecked\b/.test(tag)) continue;
    fields[name] = decode(/\bvalue="([^"]*)"/.exec(attributes)?.[1] ?? '');
  }
  for (const [, name = '', text = ''] of html.matchAll(
    /<textarea\b[^>]*\bname="([^"]*)"[^>]*>\n?([\s\S]*?)<\/textarea>/g,
  ))
    fields[name] = decode(text);
  for (const [, name = '', options = ''] of html.matchAll(
    /<select\b[^>]*\bname="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g,
  )) {
    const chosen =
      /<option(?: value="([^"]*)")? selected>([^<]*)/.exec(options) ??
      /<option(?: value="([^"]*)")?>([^<]*)/.exec(options);
    fields[name] = chosen?.[1] ?? chosen?.[2] ?? '';
  }
  return fields;
}

async function send(
  agent: Agent,
  path: string,
  changes: Record<string, string>,
  file?: Buffer,
): Promise<request.Response> {
  const { text } = await agent.get(path).expect(200);
  const post = agent.post(path);
  for (const [name, value] of Object.entries({ ...fieldsOf(text), ...changes })) post.field(name, value);
  return file ? post.attach('whitepaper', file, 'paper.pdf') : post;
}

const PAPER = {
  title: 'Doors & <people>',
  slug: 'doors-and-people',
  introduction: 'Who goes where.',
  covered: 'One\nTwo\nThree',
  topics: 'Doors, People',
  'q.0.key': 'doors',
  'q.0.label': 'How many doors?',
  'q.0.type': 'select',
  'q.0.options': 'few = Fewer than ten\nmany = Ten or more',
  'q.0.required': 'yes',
  's.0.slug': 'acme-cloud',
  's.0.name': 'ACME Cloud',
  's.0.consent': 'ACME Cloud may contact me.',
  's.0.cap': '20',
  's.0.countries': 'GB, IE',
};

test('a campaign is made from a PDF, previewed as a draft, published, and open to readers', async () => {
  const saved = await send(as('marketer'), '/staff/campaigns/new', PAPER, await pdf());
  expect(saved.headers['location']).toBe('/staff/campaigns/doors-and-people');
  const draft = await campaigns.findCampaign('doors-and-people');
  expect(draft).toMatchObject({
    status: 'draft',
    title: 'Doors & <people>',
    covered: ['One', 'Two', 'Three'],
    sponsors: ['acme-cloud'],
  });
  expect(draft?.form.fields.at(-1)).toMatchObject({
    key: 'q.doors',
    required: true,
    options: [{ code: 'few' }, { code: 'many' }],
  });
  expect(await contractsOfCampaign('doors-and-people')).toMatchObject([
    { cap: 20, filters: [{ field: 'country', in: ['GB', 'IE'] }] },
  ]);

  const preview = await as('marketer').get('/staff/campaigns/doors-and-people/preview').expect(200);
  expect(preview.text).toContain('How many doors?');
  expect(preview.text).toMatch(/type="submit">Send me the paper/);
  await request(createApp(services)).get('/w/doors-and-people').expect(404);

  await campaigns.publish('doors-and-people', 'test', services.config.dataDir);
  const page = await request(createApp(services)).get('/w/doors-and-people').expect(200);
  expect(page.text).toContain('Doors &amp; &lt;people&gt;');
});

test('opening the editor and saving changes nothing', async () => {
  const before = await campaigns.findCampaign(SLUG);
  const terms = await contractsOfCampaign(SLUG);
  await send(as('marketer'), `/staff/campaigns/${SLUG}/edit`, {}).then((answer) => expect(answer.status).toBe(303));
  expect(await campaigns.findCampaign(SLUG)).toEqual({ ...before, revision: 2 });
  expect(await contractsOfCampaign(SLUG)).toEqual(terms);
});

test('a changed consent is a new version, and cover and article stay', async () => {
  const before = await campaigns.findCampaign(SLUG);
  await send(as('marketer'), `/staff/campaigns/${SLUG}/edit`, { 'consent.publisher': 'Other words.' });
  const after = await campaigns.findCampaign(SLUG);
  expect(after?.consents.find(({ key }) => key === 'publisher')).toMatchObject({ text: 'Other words.', version: 2 });
  expect(after?.form.version).toBe(before?.form.version);
  expect([after?.cover, after?.article]).toEqual([before?.cover, before?.article]);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['no title', { title: '' }, /title: is required|title: .*required/],
  ['an address that is none', { slug: 'Not An Address' }, /lower-case letters, digits and single hyphens/],
  ['an address that is taken', { slug: SLUG }, /choose another/],
  ['a choice without answers', { 'q.0.options': '' }, /is required for the type select/],
  ['a number that is none', { 's.0.cap': 'many' }, /must be a number/],
  ['an unknown variable in the stamp', { 'stamp.template': 'For {{nobody}}' }, /nobody/],
])('%s is said at its field, and everything typed is still there', async (_name, change, message) => {
  const answer = await send(as('marketer'), '/staff/campaigns/new', { ...PAPER, slug: 'another-paper', ...change });
  expect(answer.status).toBe(422);
  expect(answer.text).toMatch(message);
  expect(answer.text).toContain('field--invalid');
  const kept = fieldsOf(answer.text);
  expect(kept).toMatchObject({ ...PAPER, slug: 'another-paper', ...change });
});

test('a PDF that can’t be stamped is refused with what to do, before anything is saved', async () => {
  const answer = await send(
    as('marketer'),
    '/staff/campaigns/new',
    { ...PAPER, slug: 'broken-paper' },
    Buffer.from('%PDF-1.7 broken'),
  );
  expect(answer.status).toBe(422);
  expect(answer.text).toMatch(/id="whitepaper-error"/);
  expect(await campaigns.findCampaign('broken-paper')).toBeNull();
});

test('who may not edit is refused, and a form of another session is', async () => {
  for (const role of ['analyst', 'sponsor-admin'] as const) {
    await as(role).get('/staff/campaigns/new').expect(403);
    await as(role).post(`/staff/campaigns/${SLUG}/edit`).field('title', 'Mine').expect(403);
  }
  await as('sponsor-admin').get(`/staff/campaigns/${SLUG}/preview`).expect(403);
  await request(createApp(services)).get(`/staff/campaigns/${SLUG}/preview`).expect(303);
  await as('marketer').post(`/staff/campaigns/${SLUG}/edit`).field('title', 'Mine').field('_csrf', 'x').expect(403);
  await as('marketer').get('/staff/campaigns/nothing/edit').expect(404);
});
