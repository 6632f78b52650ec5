import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express, type RequestHandler } from 'express';
import pino, { type Logger } from 'pino';
import { accountRoutes } from '../../src/accounts/routes';
import { loadConfig } from '../../src/config';
import { Links } from '../../src/links';
import { createMailer } from '../../src/mail/mail';
import { serveAssets } from '../../src/web/assets';
import { csrfToken } from '../../src/web/csrf';
import { errorPages, notFound } from '../../src/web/errors';
import { requestLog } from '../../src/web/log';
import { secure } from '../../src/web/secure';
import type { Services } from '../../src/web/services';
import { sessions } from '../../src/web/session';

/** Services around a clock that the test moves, on a folder that goes away after the test file. */
export function testServices(env: Record<string, string> = {}, log?: Logger): Services & { clock: { now: Date } } {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatefold-web-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  const clock = { now: new Date('2026-11-24T10:00:00Z') };
  const config = loadConfig({ DATA_DIR: dataDir, SECRET_KEY: 'a secret for tests only', ...env });
  return {
    config,
    links: new Links(config.publicUrl, config.secretKeys),
    mailer: createMailer({ dataDir, from: async () => 'Doors Weekly <papers@doors.example>' }),
    log: log ?? pino({ level: 'silent' }),
    nudge: () => {},
    now: () => clock.now,
    clock,
  };
}

/** What src/app.ts puts around every page, with the test's own routes inside. */
export function pages(services: Services, ...routes: RequestHandler[]): Express {
  const app = express();
  app.set('views', join(__dirname, '../../views'));
  app.set('view engine', 'ejs');
  app.set('view cache', true);
  app.set('trust proxy', services.config.trustProxy);
  app.set('query parser', 'simple');
  app.disable('x-powered-by');
  app.use(requestLog(services), secure(services.config));
  app.use('/assets', serveAssets);
  for (const route of routes) app.use(route);
  app.use(notFound, errorPages(services));
  return app;
}

/** The same with sessions: where people sign in. Call once the store is connected. */
export function pagesWithPeople(services: Services, ...routes: RequestHandler[]): Express {
  return pages(services, sessions(services), csrfToken, accountRoutes(services), ...routes);
}

/** The hidden token of a page's forms. */
export function tokenIn(html: string): string {
  const [, token] = /name="_csrf" value="([^"]+)"/.exec(html) ?? [];
  if (!token) throw new Error('the page has no form with a token');
  return token;
}
