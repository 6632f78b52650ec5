import { PDFDocument } from 'pdf-lib';
import request from 'supertest';
import * as accounts from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import { filesInZip, zipOf } from '../../src/campaigns/campaign.zip';
import * as campaigns from '../../src/campaigns/campaigns';
import { contractsOfCampaign, listSponsors } from '../../src/sponsors/sponsors';
import { dropHeld } from '../../src/store/files';
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

/** What a new campaign's fields hold when staff have filled them in; the page's own first question is the address. */
const PAPER = {
  title: 'Doors & <people>',
  address: 'doors-and-people',
  introduction: 'Who goes where.',
  covered: 'One\nTwo\nThree',
  body: '## Why doors\n\nBecause **people** walk. <script>alert(1)</script> [x](javascript:alert(1))',
  thanks: 'See you at the *fair*.',
  topics: 'Doors, People',
  opens: '2026-01-02T09:30',
  'search.description': 'All about doors.',
  'f.count': '3',
  'f.0.key': 'email',
  'f.0.label': 'Work e-mail address',
  'f.1.key': 'country',
  'f.2.key': '',
  'f.2.label': 'How many doors?',
  'f.2.type': 'select',
  'f.2.options': 'few = Fewer than ten\nTen or more',
  'f.2.required': 'yes',
  'f.2.why': 'It decides on the lock.',
  's.count': '1',
  's.0.slug': 'acme-cloud',
  's.0.name': 'ACME Cloud',
  's.0.cap': '20',
  's.0.countries': 'GB, IE',
  's.0.from': '2026-07-01T00:00',
  'c.count': '2',
  'c.0.key': 'publisher',
  'c.0.text': 'News, please.',
  'c.1.key': 'acme-cloud',
  'c.1.controller': 'acme-cloud',
  'c.1.purpose': 'contact by e-mail',
  'c.1.text': 'ACME Cloud may contact me.',
  'u.count': '1',
  'u.0.afterDays': '7',
  'u.0.subject': 'Still reading?',
  'u.0.body': 'Dear {{firstName}}',
  'u.0.consent': 'publisher',
  confirmFirst: 'yes',
  'stamp.preset': 'header',
  'stamp.colour': '#404040',
};

test('a campaign is made from a PDF with everything the page offers, previewed as a draft, published, and open', async () => {
  const saved = await send(as('marketer'), '/staff/campaigns/new', PAPER, await pdf());
  expect(saved.headers['location']).toBe('/staff/campaigns/doors-and-people');
  const draft = await campaigns.findCampaign('doors-and-people');
  expect(draft).toMatchObject({
    status: 'draft',
    title: 'Doors & <people>',
    covered: ['One', 'Two', 'Three'],
    sponsors: ['acme-cloud'],
    thanks: PAPER.thanks,
    opens: new Date('2026-01-02T09:30:00Z'),
    search: { description: 'All about doors.', noindex: false },
    consents: [{ key: 'publisher' }, { key: 'acme-cloud', sponsor: 'acme-cloud', purpose: 'contact by e-mail' }],
    mail: { followUps: [{ afterDays: 7, subject: 'Still reading?', consent: 'publisher' }] },
    confirmFirst: true,
    stamp: { preset: 'header', colour: '#404040' },
  });
  expect(draft?.form.fields.at(-1)).toMatchObject({
    key: 'q.how_many_doors',
    required: true,
    why: 'It decides on the lock.',
    options: [
      { code: 'few', label: 'Fewer than ten' },
      { code: 'ten-or-more', label: 'Ten or more' },
    ],
  });
  expect(await contractsOfCampaign('doors-and-people')).toMatchObject([
    // Midnight in the site's zone, which is an hour ahead of UTC in July.
    { cap: 20, from: new Date('2026-06-30T23:00:00Z'), filters: [{ field: 'country', in: ['GB', 'IE'] }] },
  ]);

  const preview = await as('marketer').get('/staff/campaigns/doors-and-people/preview').expect(200);
  expect(preview.text).toContain('How many doors?');
  expect(preview.text).toContain('<h2>Why doors</h2>');
  expect(preview.text).not.toMatch(/<script>alert|href="javascript:/);
  expect(preview.text).toMatch(/type="submit">Send me the paper/);
  await request(createApp(services)).get('/w/doors-and-people').expect(404);

  await campaigns.publish('doors-and-people', 'test', services.config.dataDir);
  const page = await request(createApp(services)).get('/w/doors-and-people').expect(200);
  expect(page.text).toContain('Doors &amp; &lt;people&gt;');
});

test('opening the editor and saving changes nothing', async () => {
  const before = await campaigns.findCampaign(SLUG);
  const terms = await contractsOfCampaign(SLUG);
  const sponsors = await listSponsors();
  await send(as('marketer'), `/staff/campaigns/${SLUG}/edit`, {}).then((answer) => expect(answer.status).toBe(303));
  expect(await campaigns.findCampaign(SLUG)).toEqual({ ...before, revision: 3 });
  expect(await contractsOfCampaign(SLUG)).toEqual(terms);
  expect(await listSponsors()).toEqual(sponsors);
});

test('a changed consent is a new version, and cover and article stay', async () => {
  const before = await campaigns.findCampaign(SLUG);
  const at = before?.consents.findIndex(({ key }) => key === 'publisher');
  await send(as('marketer'), `/staff/campaigns/${SLUG}/edit`, { [`c.${at}.text`]: 'Other words.' });
  const after = await campaigns.findCampaign(SLUG);
  expect(after?.consents.find(({ key }) => key === 'publisher')).toMatchObject({ text: 'Other words.', version: 2 });
  expect(after?.form.version).toBe(before?.form.version);
  expect([after?.cover, after?.article]).toEqual([before?.cover, before?.article]);
});

test('of two who edit at once the second sees both versions, loses nothing, and can save again', async () => {
  const path = `/staff/campaigns/${SLUG}/edit`;
  const mine = fieldsOf((await as('marketer').get(path)).text);
  await send(as('marketer'), path, { introduction: 'Theirs.' }).then(({ status }) => expect(status).toBe(303));
  const late = await send(as('marketer'), path, { ...mine, introduction: 'Mine.' });
  expect(late.status).toBe(409);
  expect((await campaigns.findCampaign(SLUG))?.introduction).toBe('Theirs.');
  expect(late.text).toMatch(/Somebody else has saved/);
  expect(late.text).toMatch(/Introduction<\/a><\/th><td[^>]*>Mine\.<\/td><td[^>]*>Theirs\./);
  expect(fieldsOf(late.text)).toMatchObject({ introduction: 'Mine.' });
  const again = await send(as('marketer'), path, { ...fieldsOf(late.text) });
  expect(again.status).toBe(303);
  expect((await campaigns.findCampaign(SLUG))?.introduction).toBe('Mine.');
});

test('buttons change the page and save nothing: order, questions of the library, sponsors with their consent', async () => {
  const path = '/staff/campaigns/new';
  const press = async (fields: Record<string, string>, wish: string) => {
    const { status, text } = await send(as('marketer'), path, { ...fields, do: wish });
    expect(status).toBe(200);
    return { fields: fieldsOf(text), text };
  };
  const up = await press(PAPER, 'up f 2');
  expect(up.fields).toMatchObject({ 'f.1.label': 'How many doors?', 'f.2.key': 'country', title: PAPER.title });
  const moved = await press(up.fields, 'move f 1 2');
  expect(moved.fields).toMatchObject({ 'f.1.key': 'country', 'f.2.options': PAPER['f.2.options'] });
  const known = await press({ ...PAPER, 'add.f': 'q.units' }, 'add f');
  expect(known.fields).toMatchObject({
    'f.count': '4',
    'f.3.key': 'q.units',
    'f.3.options': expect.stringMatching(/ = /),
  });
  const sponsor = await press({ ...PAPER, 'add.s': '', 'add.name': 'Bolt & Söhne' }, 'add s');
  expect(sponsor.fields).toMatchObject({
    's.1.slug': 'bolt-sohne',
    'c.2.controller': 'bolt-sohne',
    'c.2.text': expect.stringContaining('Bolt & Söhne'),
  });
  const gone = await press(PAPER, 'remove u 0');
  expect(gone.fields['u.count']).toBe('0');
  expect(gone.text).toContain('<strong>people</strong>');
  expect(gone.text).not.toMatch(/<script>alert|href="javascript:/);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['no title', { title: '' }, /Title: has to be filled in/],
  ['an address that is none', { address: 'Not An Address' }, /lower-case letters, digits and single hyphens/],
  ['an address that is taken', { address: SLUG }, /choose another/],
  ['a choice without answers', { 'f.2.options': '' }, /is required for the type select/],
  ['a number that is none', { 's.0.cap': 'many' }, /Sponsor 1, Leads: takes a number in digits/],
  ['an unknown variable in the stamp', { 'stamp.template': 'For {{nobody}}' }, /nobody/],
  ['a follow-up without words', { 'u.0.subject': '' }, /Follow-up 1, Subject: has to be filled in/],
])('%s is said at its field, and everything typed is still there', async (_name, change, message) => {
  const typed = { ...PAPER, address: 'another-paper', ...change };
  const answer = await send(as('marketer'), '/staff/campaigns/new', typed);
  expect([answer.status, answer.text.match(message)?.length]).toEqual([422, 1]);
  expect(answer.text).toContain('field--invalid');
  expect(fieldsOf(answer.text)).toMatchObject(typed);
});

test('a PDF that can’t be stamped is refused with what to do, before anything is saved', async () => {
  const answer = await send(
    as('marketer'),
    '/staff/campaigns/new',
    { ...PAPER, address: 'broken-paper' },
    Buffer.from('%PDF-1.7 broken'),
  );
  expect(answer.status).toBe(422);
  expect(answer.text).toMatch(/id="whitepaper-error"/);
  expect(await campaigns.findCampaign('broken-paper')).toBeNull();
});

test('a campaign leaves as an archive and comes in again; over one that is there the difference is shown, and asked for', async () => {
  const taken = await as('analyst').get(`/staff/campaigns/${SLUG}/export.zip`).responseType('blob').expect(200);
  expect(taken.headers['content-disposition']).toBe(`attachment; filename=${SLUG}.zip`);
  const files = new Map(await filesInZip(taken.body));
  const csrf = csrfOf((await as('marketer').get('/staff/campaigns/import').expect(200)).text);
  const hand = ({ _csrf: _, ...fields }: Record<string, string>, archive?: Buffer) => {
    const post = as('marketer').post('/staff/campaigns/import').field('_csrf', csrf);
    for (const [name, value] of Object.entries(fields)) post.field(name, value);
    return archive ? post.attach('archive', archive, 'paper.zip') : post;
  };
  const changed = (from: string | RegExp, to: string) =>
    zipOf(new Map([...files, ['campaign.yaml', Buffer.from(String(files.get('campaign.yaml')).replace(from, to))]]));

  const same = await hand({}, taken.body).expect(200);
  expect(same.text).toContain('nothing differs');
  const asked = await hand({}, await changed(/title: .*/, 'title: From elsewhere')).expect(200);
  expect(asked.text).toMatch(/<code>title<\/code><\/th><td[^>]*>[^<]*<\/td><td[^>]*>From elsewhere</);
  expect((await campaigns.findCampaign(SLUG))?.title).not.toBe('From elsewhere');
  const waiting = fieldsOf(asked.text);
  // Somebody saves meanwhile: the difference is shown anew.
  await send(as('marketer'), `/staff/campaigns/${SLUG}/edit`, { introduction: 'Meanwhile.' });
  const anew = await hand(waiting).expect(200);
  expect(anew.text).toMatch(/saved this campaign meanwhile[\s\S]*Meanwhile\./);
  await hand(fieldsOf(anew.text)).expect(303);
  expect(await campaigns.findCampaign(SLUG)).toMatchObject({ title: 'From elsewhere', status: 'open' });

  const other = await hand({}, await changed(/slug: .*/, 'slug: from-elsewhere')).expect(303);
  expect(other.headers['location']).toBe('/staff/campaigns/from-elsewhere');
  expect(await campaigns.findCampaign('from-elsewhere')).toMatchObject({ status: 'draft', title: expect.anything() });
  for (const [bytes, words] of [
    [Buffer.from('none'), /not the archive of a campaign/],
    [await changed(/title: .*/, 'titel: x'), /campaign\.yaml:2: titel: is not known here/],
    [await changed('ACME Cloud may contact me.', 'Somebody may contact me.'), /don’t name ACME Cloud|don&#39;t name/],
  ] as const) {
    const refused = await hand({}, bytes);
    expect([refused.status, refused.text.match(words)?.length]).toEqual([422, 1]);
  }
  await as('analyst').post('/staff/campaigns/import').field('_csrf', csrf).expect(403);

  // What nobody said yes to is gone with the next import after its time.
  const left = fieldsOf((await hand({}, await changed(/title: .*/, 'title: Never agreed')).expect(200)).text);
  const now = services.clock.now;
  services.clock.now = new Date(Date.now() + services.config.limits.importWaits + 1000);
  const late = await hand(left).expect(422);
  services.clock.now = now;
  expect(late.text).toContain('not here any more');
  expect(await dropHeld(new Date(Date.now() + 1000))).toBe(0);
});

test('what is open stays whole: a sponsor can’t lose its own consent by a save', async () => {
  const before = await campaigns.findCampaign(SLUG);
  const at = before?.consents.findIndex(({ sponsor }) => sponsor === 'acme-cloud');
  const answer = await send(as('marketer'), `/staff/campaigns/${SLUG}/edit`, {
    [`c.${at}.text`]: 'A partner may call.',
  });
  expect([answer.status, answer.text.match(/don’t name ACME Cloud/)?.length]).toEqual([422, 1]);
  expect(await campaigns.findCampaign(SLUG)).toEqual(before);
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
