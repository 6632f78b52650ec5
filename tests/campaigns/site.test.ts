import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import * as accounts from '../../src/accounts/accounts';
import * as campaigns from '../../src/campaigns/campaigns';
import { siteRoutes } from '../../src/campaigns/routes';
import { landingRoutes } from '../../src/landing/routes';
import { appOf, browserOf } from '../exports/people';
import { emptyStore, useStore } from '../support/store';
import { pages, testServices, tokenIn } from '../web/app';

useStore();
const services = testServices();
const app = pages(services, siteRoutes(), landingRoutes(services));
beforeEach(() => emptyStore());

const importSite = (path: string) => campaigns.importSite(path, { actor: 'test' });

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>';

/** A folder with a `site.yaml` of these lines and a logo beside it. */
function folder(lines: string): string {
  const path = mkdtempSync(join(tmpdir(), 'gatefold-site-'));
  writeFileSync(join(path, 'site.yaml'), `name: Doors Weekly\ncontactEmail: hello@doors.example\n${lines}`);
  writeFileSync(join(path, 'logo.svg'), SVG);
  return path;
}

test('without logo and theme pages ask for neither', async () => {
  await importSite(folder(''));
  const { text } = await request(app).get('/').expect(200);
  expect(text).not.toContain('/site/');
  await request(app).get('/site/logo').expect(404);
});

test('the logo stands in the header, is kept for good by browsers, and runs no script of its own', async () => {
  await importSite(folder('logo: logo.svg\n'));
  const { text } = await request(app).get('/').expect(200);
  const [, address = ''] = /<img src="(\/site\/logo[^"]+)"/.exec(text) ?? [];
  const logo = await request(app).get(address).expect(200).expect('content-type', /svg/);
  expect(logo.body.toString()).toBe(SVG);
  expect(logo.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
  expect(logo.headers['cache-control']).toContain('immutable');
});

test('colours of a theme reach the page; in dark pages only those meant for them', async () => {
  await importSite(folder("theme: { brand: '#7A1F5C', accentDark: '#ffb59e' }\n"));
  expect((await campaigns.site()).theme).toEqual({ brand: '#7a1f5c', accentDark: '#ffb59e' });
  const { text } = await request(app).get('/').expect(200);
  const [, address = ''] = /href="(\/site\/theme\.css[^"]+)"/.exec(text) ?? [];
  const { text: css } = await request(app).get(address).expect(200).expect('content-type', /css/);
  expect(css).toBe(
    '@media (prefers-color-scheme:light){@layer tokens{:root{--brand:#7a1f5c;--brand-strong:#7a1f5c}}}' +
      '@media (prefers-color-scheme:dark){@layer tokens{:root{--accent:#ffb59e}}}',
  );
});

test.each([
  [
    "theme: { brand: '#9acdff' }\n",
    'site.yaml:3: theme.brand: has a contrast of 1.4 : 1 on light pages; text needs 4.5 : 1',
  ],
  ["theme: { brandDark: '#7a1f5c' }\n", 'on dark pages'],
  ['theme: { brand: red }\n', 'takes a colour such as #0b4a7d'],
  ["theme: { brand: 'url(//x)' }\n", 'takes a colour'],
  ['logo: ../secret.svg\n', 'site.yaml:3: logo'],
  ['logo: none.svg\n', 'none.svg can’t be read'.replace('’', "'")],
  ['logo: site.yaml\n', 'no picture'],
])('%s is refused with the reason', async (lines, reason) => {
  await expect(importSite(folder(lines))).rejects.toThrow(reason);
});

test('what leaves as site.yaml comes in again, logo and colours included', async () => {
  await importSite(folder("logo: logo.svg\nlocale: de-DE\ntheme: { brand: '#7a1f5c' }\n"));
  const before = await campaigns.site();
  const path = mkdtempSync(join(tmpdir(), 'gatefold-site-'));
  await campaigns.exportSite(path);
  await emptyStore();
  expect(await importSite(path)).toEqual(before);
});

test('a start reads the file when nothing is there yet, and leaves what staff changed', async () => {
  const start = (lines: string) => campaigns.importSite(folder(lines), { actor: 'start', onlyIfUnknown: true });
  expect((await start('address: 1 High Street\n')).address).toBe('1 High Street');
  expect((await start('address: 2 High Street\n')).address).toBe('1 High Street');
});

describe('on the staff site', () => {
  const whole = appOf(services);
  const form = { name: 'Doors Daily', contactEmail: 'hello@doors.example', locale: 'en-GB', timezone: 'Europe/London' };

  /** The page as its form is sent back, with what was typed into it. */
  async function send(agent: Awaited<ReturnType<typeof browserOf>>, typed: object, page?: string) {
    const text = page ?? (await agent.get('/staff/site').expect(200)).text;
    const [, seen = ''] = /name="seen" value="([^"]+)"/.exec(text) ?? [];
    const post = agent.post('/staff/site').field('_csrf', tokenIn(text)).field('seen', seen);
    for (const [key, value] of Object.entries({ ...form, ...typed })) post.field(key, String(value));
    return post;
  }

  test('it is changed with its logo, reaches the pages, and is in the audit log', async () => {
    const marketer = await browserOf(whole(), 'marketer');
    const page = (await marketer.get('/staff/site')).text;
    const [, seen = ''] = /name="seen" value="([^"]+)"/.exec(page) ?? [];
    await marketer
      .post('/staff/site')
      .field({ ...form, _csrf: tokenIn(page), seen, 'theme.brand': '#7a1f5c' })
      .attach('logo', Buffer.from(SVG), 'Logo.SVG')
      .expect(303);
    expect(await campaigns.site()).toMatchObject({
      name: 'Doors Daily',
      legalName: 'Doors Daily',
      theme: { brand: '#7a1f5c' },
    });
    expect((await request(whole()).get('/')).text).toMatch(/<img src="\/site\/logo/);
    const [entry] = await accounts.listAudit();
    expect(entry).toMatchObject({ actor: 'marketer@doors.example', subject: 'Doors Daily' });
    expect((await send(marketer, { removeLogo: 'yes' })).status).toBe(303);
    expect((await campaigns.site()).logo).toBeUndefined();
  });

  test('a mistake is named beside its field, nothing typed is lost, and nothing is saved', async () => {
    const marketer = await browserOf(whole(), 'marketer');
    const answer = await send(marketer, {
      name: '',
      'theme.brand': '#9acdff',
      timezone: 'Mars/Olympus',
      address: 'A <b> street',
    });
    expect(answer.status).toBe(422);
    for (const said of [
      'contrast of 1.4',
      'takes a time zone',
      'A &lt;b&gt; street',
      'value="Mars/Olympus"',
      'href="#f-name"',
    ])
      expect(answer.text).toContain(said);
    expect((await campaigns.site()).name).toBe('Gatefold');
    const { status, text } = await marketer
      .post('/staff/site')
      .field({ ...form, _csrf: tokenIn(answer.text), seen: /name="seen" value="([^"]+)"/.exec(answer.text)?.[1] ?? '' })
      .attach('logo', Buffer.from('MZ'), 'logo.exe');
    expect([status, text]).toEqual([422, expect.stringContaining('takes a picture: ')]);
  });

  test('who saves an older page is shown what came in between, and may save again', async () => {
    const marketer = await browserOf(whole(), 'marketer');
    const old = (await marketer.get('/staff/site')).text;
    await send(marketer, { address: '1 High Street' });
    const late = await send(marketer, { name: 'Doors Hourly' }, old);
    expect(late.status).toBe(409);
    expect(late.text).toContain('Address: 1 High Street');
    expect((await campaigns.site()).name).toBe('Doors Daily');
    expect((await send(marketer, { name: 'Doors Hourly' }, late.text)).status).toBe(303);
    expect((await campaigns.site()).name).toBe('Doors Hourly');
  });

  test('analysts, sponsors, strangers and forms of another session are refused', async () => {
    const analyst = await browserOf(whole(), 'analyst');
    expect((await analyst.get('/staff/site')).status).toBe(403);
    const cara = await browserOf(whole(), 'sponsor-admin', { email: 'cara@acme.example', sponsor: 'acme' });
    expect((await cara.post('/staff/site').field(form)).status).toBe(403);
    expect((await request(whole()).get('/staff/site')).status).toBe(303);
    const marketer = await browserOf(whole(), 'marketer');
    expect((await marketer.post('/staff/site').field(form)).status).toBe(403);
    expect((await campaigns.site()).name).toBe('Gatefold');
  });
});
