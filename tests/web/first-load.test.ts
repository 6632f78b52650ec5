import { brotliCompressSync } from 'node:zlib';
import type { Express } from 'express';
import request from 'supertest';
import { landingRoutes } from '../../src/landing/routes';
import { importCampaign, SLUG, testServices } from '../landing/app';
import { useStore } from '../support/store';
import { pages } from './app';

useStore();
const services = testServices();
let app: Express;

beforeAll(async () => {
  await importCampaign(services.config.dataDir);
  app = pages(services, landingRoutes(services));
});

/** What the page makes every browser load at once: style, script, and the fonts that it asks for ahead. */
const loadedBy = (html: string): string[] =>
  [...html.matchAll(/<(?:link rel="(?:stylesheet|preload|icon)"|script)[^>]*?(?:href|src)="([^"]+)"/g)].map(
    ([, url]) => url ?? '',
  );

test.each(['/', `/w/${SLUG}`, `/articles/${SLUG}`, '/privacy', '/nowhere'])(
  '%s loads in less than 60 KB, pictures aside, and from nowhere else',
  async (path) => {
    const { text: html } = await request(app).get(path);
    const urls = loadedBy(html);
    expect(urls.length).toBeGreaterThanOrEqual(5);
    let bytes = brotliCompressSync(html).length;
    for (const url of urls) {
      expect(url).toMatch(/^\/assets\//);
      const answer = await request(app).head(url).set('Accept-Encoding', 'br');
      expect(answer.status).toBe(200);
      bytes += Number(answer.headers['content-length']);
    }
    expect(bytes).toBeLessThan(60 * 1024);
  },
);

test.each(['/', `/w/${SLUG}`, `/articles/${SLUG}`])('%s has nothing inline that the CSP would refuse', async (path) => {
  const { text: html } = await request(app).get(path);
  expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|="javascript:|<script(?![^>]*\ssrc=)/i);
});
