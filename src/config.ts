import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { config as readDotenv } from 'dotenv';
import { type Limits, readLimits, refuse } from './limits';

export { ConfigError } from './limits';

/** Everything the environment decides, read once at start; nothing else reads `process.env`. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Origin of every link, without a trailing slash. */
  readonly publicUrl: string;
  readonly secure: boolean;
  readonly dataDir: string;
  readonly mongodbUri: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string | undefined;
  /** Where reports of failure come in; each part off while it is not set. */
  readonly bounces: {
    /** Domain of the return addresses; `sender` for the sender's own. */
    domain: string | undefined;
    host: string;
    port: number | undefined;
    /** Signs what a mail provider reports. */
    secret: string | undefined;
  };
  readonly dkim: { domain: string; selector: string; keyFile: string } | undefined;
  /** The first signs, all verify. */
  readonly secretKeys: readonly string[];
  readonly trustProxy: number;
  readonly logLevel: string;
  readonly whitepapersDir: string;
  /** Clocks, limits and lists. */
  readonly limits: Limits;
}

type Env = Record<string, string | undefined>;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

function integer(env: Env, name: string, fallback: number, max: number): number {
  const value = env[name];
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > max) refuse(name, value, `a whole number from 0 to ${max}`);
  return number;
}

function url(env: Env, name: string, protocols: string[], takes: string): URL | undefined {
  const value = env[name];
  if (!value) return undefined;
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) refuse(name, mask(value), takes);
  return new URL(value);
}

/** Hides the password of a URL: `smtp://user:***@host`. */
function mask(value: string): string {
  return value.replace(/(:\/\/[^:@/]*:)[^@]*@/, '$1***@');
}

function mongodbUri(env: Env): string | undefined {
  const value = env['MONGODB_URI'];
  if (!value) return undefined;
  if (!/^mongodb(\+srv)?:\/\/.+/.test(value)) refuse('MONGODB_URI', mask(value), 'mongodb://host:port/database');
  return value;
}

function dkim(env: Env): Config['dkim'] {
  const { DKIM_DOMAIN: domain, DKIM_SELECTOR: selector, DKIM_KEY_FILE: keyFile } = env;
  if (!domain && !selector && !keyFile) return undefined;
  if (!domain) refuse('DKIM_DOMAIN', '', 'the signing domain, because another DKIM_ setting is there');
  if (!selector) refuse('DKIM_SELECTOR', '', 'the selector under _domainkey, because another DKIM_ setting is there');
  if (!keyFile || !existsSync(keyFile)) refuse('DKIM_KEY_FILE', keyFile ?? '', 'the path of a readable PEM file');
  return { domain, selector, keyFile };
}

function bounces(env: Env): Config['bounces'] {
  const { BOUNCE_HOST: host, BOUNCE_WEBHOOK_SECRET: secret } = env;
  const port = env['BOUNCE_PORT'] ? integer(env, 'BOUNCE_PORT', 0, 65_535) : undefined;
  const domain = env['BOUNCE_DOMAIN']?.trim().toLowerCase() || (port === undefined ? undefined : 'sender');
  if (domain !== undefined && !/^[a-z0-9.-]+$/.test(domain)) refuse('BOUNCE_DOMAIN', domain, 'a domain name');
  if (secret && !/^whsec_[\w+/=-]{24,}$/.test(secret)) {
    refuse('BOUNCE_WEBHOOK_SECRET', '***', 'whsec_ and 24 or more characters of base64');
  }
  return { domain, host: host || '0.0.0.0', port, secret: secret || undefined };
}

function logLevel(env: Env): string {
  const level = env['LOG_LEVEL'] || 'info';
  if (!LOG_LEVELS.includes(level)) refuse('LOG_LEVEL', level, LOG_LEVELS.join(' | '));
  return level;
}

/** The configured keys, or one generated into `DATA_DIR/secret.key` (mode 0600) that later starts find again. */
function secretKeys(env: Env, dataDir: string): string[] {
  const configured = env['SECRET_KEY'];
  if (configured) {
    const keys = configured.split(',').map((key) => key.trim());
    if (keys.some((key) => key.length < 16)) refuse('SECRET_KEY', '***', 'one or more keys of 16 characters or longer');
    return keys;
  }
  const file = join(dataDir, 'secret.key');
  try {
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, `${randomBytes(32).toString('base64url')}\n`);
    fsyncSync(handle);
    closeSync(handle);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return [readFileSync(file, 'utf8').trim()];
}

function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    refuse('DATA_DIR', dataDir, `a folder that can be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

/**
 * Reads and checks all settings.
 * @param env the process environment, `.env` already merged in
 * @throws ConfigError on the first setting that can't be used
 */
export function loadConfig(env: Env): Config {
  const port = integer(env, 'PORT', 3000, 65_535);
  const publicUrl =
    url(env, 'PUBLIC_URL', ['http:', 'https:'], 'an address such as https://papers.example.com') ??
    new URL(`http://localhost:${port}`);
  if (publicUrl.pathname !== '/' || publicUrl.search) refuse('PUBLIC_URL', publicUrl.href, 'an address without a path');
  const smtp = url(env, 'SMTP_URL', ['smtp:', 'smtps:'], 'smtp(s)://user:pass@host:port');
  const dataDir = resolve(env['DATA_DIR'] || './data');
  makeDataDir(dataDir);
  return Object.freeze({
    port,
    host: env['HOST'] || '127.0.0.1',
    publicUrl: publicUrl.origin,
    secure: publicUrl.protocol === 'https:',
    dataDir,
    mongodbUri: mongodbUri(env),
    smtpUrl: smtp?.href,
    mailFrom: env['MAIL_FROM'] || undefined,
    dkim: dkim(env),
    bounces: bounces(env),
    secretKeys: secretKeys(env, dataDir),
    trustProxy: integer(env, 'TRUST_PROXY', 0, 16),
    logLevel: logLevel(env),
    whitepapersDir: resolve(env['WHITEPAPERS_DIR'] || './whitepapers'),
    limits: readLimits(env),
  });
}

/** The settings of this process: its environment, with `.env` of the working folder for what is not set. */
export function configFromProcess(): Config {
  readDotenv({ quiet: true });
  return loadConfig(process.env);
}
