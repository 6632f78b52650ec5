import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';
import type { Agent } from 'supertest';
import { listAudit } from '../../src/accounts/accounts';
import { findSponsor, putSponsor } from '../../src/sponsors/sponsors';
import { importDraft } from '../exports/desk';
import { appOf, browserOf } from '../exports/people';
import { emptyStore, useStore } from '../support/store';
import { testServices } from '../web/app';

useStore();
const services = testServices();
const app = appOf(services);
const ACME = { email: 'ada@acme.example', sponsor: 'acme-cloud' };
const NORTHGATE = { email: 'ned@northgate.example', sponsor: 'northgate' };
const PNG = readFileSync(join(__dirname, '../../docs/pictures/article.png'));

beforeEach(async () => {
  await emptyStore();
  await mongoose.connection.collection('sessions').deleteMany({});
  await importDraft();
  await putSponsor({ slug: 'northgate', name: 'Northgate' });
});

async function send(agent: Agent, path: string, file: Buffer | undefined, more: Record<string, string> = {}) {
  const { text } = await agent.get(path).expect(200);
  const post = agent.post(path).field('_csrf', /name="_csrf" value="([^"]*)"/.exec(text)?.[1] ?? '');
  for (const [name, value] of Object.entries(more)) post.field(name, value);
  return file ? post.attach('logo', file, 'logo.png') : post;
}

const picture = (html: string) =>
  /<header[\s\S]*?<img class="page-header__sponsor" src="([^"]+)" alt="ACME Cloud"/.exec(html)?.[1];

test('the sponsor’s admin chooses the logo; it stands on every page of its portal, and on nobody else’s', async () => {
  const ada = await browserOf(app(), 'sponsor-admin', ACME);
  expect(picture((await ada.get('/portal').expect(200)).text)).toBeUndefined();
  expect((await send(ada, '/portal/logo', PNG)).status).toBe(303);
  expect((await listAudit())[0]).toMatchObject({ actor: ACME.email, subject: 'acme-cloud' });
  const member = await browserOf(app(), 'sponsor-member', { ...ACME, email: 'mo@acme.example' });
  for (const path of ['/portal', '/portal/campaigns/locks-and-keys', '/portal/profiles', '/portal/schedules']) {
    const url = picture((await member.get(path).expect(200)).text);
    if (!url) throw new Error(`no logo on ${path}`);
    const { body, headers } = await member.get(url).expect(200);
    expect(PNG.equals(body)).toBe(true);
    expect([headers['content-type'], headers['cache-control']]).toEqual(['image/png', 'private, max-age=86400']);
    expect(headers['content-security-policy']).toContain('sandbox');
  }
  const ned = await browserOf(app(), 'sponsor-admin', NORTHGATE);
  expect((await ned.get('/portal').expect(200)).text).not.toContain('page-header__sponsor');
  await ned.get('/portal/logo/picture').expect(404);
  await ned.get('/staff/sponsors/acme-cloud/picture').expect(403);
  // A campaign that is imported again says nothing of logos.
  await putSponsor({ slug: 'acme-cloud', name: 'ACME Cloud' });
  expect((await findSponsor('acme-cloud'))?.logo).toBeDefined();
  expect((await send(ada, '/portal/logo', undefined, { remove: 'yes' })).status).toBe(303);
  expect((await findSponsor('acme-cloud'))?.logo).toBeUndefined();
});

test('staff choose it too; analysts, members and other sponsors don’t', async () => {
  const staff = await browserOf(app(), 'marketer');
  expect((await staff.get('/staff/sponsors')).text).toContain('href="/staff/sponsors/acme-cloud"');
  expect((await send(staff, '/staff/sponsors/acme-cloud', PNG)).status).toBe(303);
  expect((await staff.get('/staff/sponsors/acme-cloud')).text).toContain('The present logo');
  await staff.get('/staff/sponsors/acme-cloud/picture').expect(200);
  await staff.get('/staff/sponsors/nobody').expect(404);
  const analyst = await browserOf(app(), 'analyst');
  expect((await analyst.get('/staff/sponsors')).text).not.toContain('href="/staff/sponsors/acme-cloud"');
  await analyst.get('/staff/sponsors/acme-cloud').expect(403);
  const member = await browserOf(app(), 'sponsor-member', ACME);
  await member.get('/portal/logo').expect(403);
  await member.post('/portal/logo').field('remove', 'yes').expect(403);
  expect((await findSponsor('acme-cloud'))?.logo).toBeDefined();
});

test('what is no picture, or too large a one, is told in words and changes nothing', async () => {
  const ada = await browserOf(app(), 'sponsor-admin', ACME);
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  const large = Buffer.concat([PNG, Buffer.alloc(1024 * 1024)]);
  const refusals: [Buffer | undefined, string][] = [
    [svg, 'Choose a PNG, JPEG or WebP picture.'],
    [Buffer.from('\x89PNG\r\n\x1a\nbroken', 'latin1'), 'Choose a PNG, JPEG or WebP picture.'],
    [large, 'Choose a picture of at most 1 MB.'],
    [undefined, 'Choose a picture.'],
  ];
  for (const [file, words] of refusals) {
    const { status, text } = await send(ada, '/portal/logo', file);
    expect([status, text.includes(words)]).toEqual([422, true]);
  }
  expect((await findSponsor('acme-cloud'))?.logo).toBeUndefined();
});
