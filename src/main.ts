import { rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import type { Logger } from 'pino';
import * as accounts from './accounts/accounts';
import { createApp } from './app';
import * as campaigns from './campaigns/campaigns';
import type { Config } from './config';
import * as deliveries from './deliveries/deliveries';
import { GatefoldError, messageOf } from './errors';
import { Links } from './links';
import { createLog } from './log';
import { createMailer } from './mail/mail';
import { asHouse, refuseUnscoped, withoutScope } from './store/scope';
import { openStore, type Store } from './store/store';
import type { Services } from './web/services';
import { startWorker, type Worker } from './worker';

export interface Running {
  url: string;
  stop(): Promise<void>;
}

/** What one process needs, whatever it is started for: settings, store, links, mailer, log. */
export interface House {
  services: Services;
  store: Store;
  close(): Promise<void>;
}

/**
 * Opens the store and makes the services that routes, worker and commands share.
 * @param log where talk goes; commands pass a silent or stderr one
 */
export async function openHouse(config: Config, log: Logger): Promise<House> {
  const store = await openStore(config);
  const mailer = createMailer({
    smtpUrl: config.smtpUrl,
    dataDir: config.dataDir,
    dkim: config.dkim,
    from: config.mailFrom ?? sender,
    returnDomain: config.bounces.domain,
    limits: config.limits,
  });
  campaigns.useAddressLists(config.limits);
  const links = new Links(config.publicUrl, config.secretKeys, config.limits);
  const services: Services = { config, links, mailer, log, nudge: () => {}, now: () => new Date() };
  const close = async () => {
    await mailer.close();
    await store.close();
  };
  return { services, store, close };
}

/** Who mail is from, unless MAIL_FROM says so: the publisher's site. */
async function sender(): Promise<string> {
  const { name, mailFrom } = await campaigns.site();
  return `"${name.replace(/["\\]/g, '')}" <${mailFrom}>`;
}

/** Starts the whole product: store, example campaigns, web server, worker. Resolves when it answers. */
export async function serve(config: Config, options: { worker: boolean }): Promise<Running> {
  const log = createLog(config.logLevel, process.stdout.isTTY === true);
  const house = await openHouse(config, log);
  try {
    refuseUnscoped();
    return await asHouse(() => open(house, options));
  } catch (error) {
    // A start that fails gives the store back, so that the process ends and the next one finds it free.
    await house.close();
    throw error;
  }
}

async function open(house: House, options: { worker: boolean }): Promise<Running> {
  const { config, log } = house.services;
  await campaigns.importAll(config.whitepapersDir, { dataDir: config.dataDir, log });
  const app = createApp(house.services);
  const answer: RequestListener = (request, response) => withoutScope(() => app(request, response));
  // The port comes first: when it is taken, nothing has begun that would have to be stopped.
  const server = await listen(config, answer);
  try {
    return await begin(house, server, options);
  } catch (error) {
    // A port that stayed open would keep a process that answers nothing alive, and whoever supervises it from starting another.
    server.close();
    server.closeAllConnections();
    throw error;
  }
}

async function begin(house: House, server: Server, options: { worker: boolean }): Promise<Running> {
  const { services } = house;
  const setupLink = await writeSetupLink(services);
  const reports = await listenForReports(services);
  const worker = options.worker ? startWorker(services) : undefined;
  if (worker) services.nudge = () => asHouse(worker.nudge);
  tellWhereToGo(services, setupLink);
  const end = async () => {
    await reports?.close();
    await stop(server, worker, house);
  };
  return { url: services.config.publicUrl, stop: end };
}

/** Runs jobs only, beside a server on the same store. */
export async function work(config: Config): Promise<Running> {
  const log = createLog(config.logLevel, process.stdout.isTTY === true);
  const house = await openHouse(config, log);
  const worker = startWorker(house.services);
  log.info({ store: house.store.role }, 'worker started');
  return { url: '', stop: () => stop(undefined, worker, house) };
}

/**
 * How long a connection may idle. Proxies keep theirs for a minute; were we to hang up first, now and then a reader's form
 * would be on its way in that moment and end in a 502.
 */
const KEEP_ALIVE_MS = 75_000;

function listen(config: Config, answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(portTrouble(error, config)));
    withoutScope(() => server.listen(config.port, config.host, () => resolve(server)));
  });
}

/** The door for bounces, when BOUNCE_PORT is set. */
async function listenForReports(services: Services): Promise<{ close(): Promise<void> } | null> {
  try {
    return await deliveries.listen(services);
  } catch (error) {
    const { host, port = 0 } = services.config.bounces;
    throw portTrouble(error as NodeJS.ErrnoException, { host, port }, 'BOUNCE_PORT');
  }
}

function portTrouble(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
  name = 'PORT',
): Error {
  const address = `${host}:${port}`;
  if (error.code === 'EADDRINUSE') {
    return new GatefoldError(
      'unavailable',
      'port-in-use',
      `another program listens on ${address}; set ${name} to a free one`,
    );
  }
  return new GatefoldError('unavailable', 'cannot-listen', `can't listen on ${address}: ${messageOf(error)}`);
}

async function stop(server: Server | undefined, worker: Worker | undefined, house: House): Promise<void> {
  const closed = server ? new Promise<void>((resolve) => server.close(() => resolve())) : Promise.resolve();
  server?.closeIdleConnections();
  // A reader on a slow line gets ten seconds to finish; nothing acknowledged depends on it.
  const impatience = setTimeout(() => server?.closeAllConnections(), 10_000);
  await Promise.all([worker?.stop(), closed]);
  clearTimeout(impatience);
  await house.close();
}

/** While no administrator exists: a new single-use link in DATA_DIR/setup-link.txt, readable by the owner only. */
async function writeSetupLink(services: Services): Promise<string | undefined> {
  const file = join(services.config.dataDir, 'setup-link.txt');
  const token = await accounts.setupTokenForFirstAdmin(services.now());
  if (!token) {
    await rm(file, { force: true });
    return undefined;
  }
  const link = services.links.setup(token);
  await rm(file, { force: true });
  await writeFile(file, `${link}\n`, { mode: 0o600 });
  return link;
}

function tellWhereToGo({ config, links, log }: Services, setupLink: string | undefined): void {
  const outbox = config.smtpUrl ? undefined : join(config.dataDir, 'outbox');
  const setupFile = setupLink && join(config.dataDir, 'setup-link.txt');
  log.info({ url: config.publicUrl, ...(outbox && { outbox }), ...(setupFile && { setupFile }) }, 'Gatefold is up');
  if (!process.stdout.isTTY) return;
  const lines = [
    ['Catalogue', links.catalogue()],
    ['Landing page', links.landing('cloud-video-surveillance-housing-associations')],
    ['Article', links.article('cloud-video-surveillance-housing-associations')],
    ['Staff site', links.staff()],
    ...(setupLink ? [['Set up the first administrator (once)', setupLink]] : []),
    ...(outbox ? [['E-mail lands in', outbox]] : []),
  ];
  process.stdout.write(`\n${lines.map(([what, where]) => `  ${what}: ${where}`).join('\n')}\n\n`);
}
