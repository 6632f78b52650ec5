import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { site } from '../../src/campaigns/campaigns';
import { siteRoutes } from '../../src/campaigns/routes';
import { importSite } from '../../src/campaigns/site';
import { landingRoutes } from '../../src/landing/routes';
import { emptyStore, useStore } from '../support/store';
import { pages, testServices } from '../web/app';

useStore();
const services = testServices();
const app = pages(services, siteRoutes(), landingRoutes(services));
beforeEach(() => emptyStore());

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
  expect((await site()).theme).toEqual({ brand: '#7a1f5c', accentDark: '#ffb59e' });
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
