import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Clocks, limits and lists that a publisher may turn and hardly ever has to. Each is one line: its name in the
 * environment, its default as docs/reference/settings.md prints it, and what it takes. `config.ts` hands in the
 * environment; whoever needs a figure finds it in `config.limits`.
 */

/** A setting that can't be used: one line with its name, its value (secrets masked) and what it takes. */
export class ConfigError extends Error {}

export function refuse(name: string, value: string, takes: string): never {
  throw new ConfigError(`${name}=${value} can't be used: it takes ${takes}`);
}

interface Kind<T> {
  takes: string;
  /** Null for what can't be used. */
  read(text: string): T | null;
}

interface Setting<T> extends Kind<T> {
  name: string;
  fallback: string;
}

/** How many mails at once, and how many a minute (0: as many as there are), the mailboxes of some domains may be sent. */
export interface DomainLimit {
  /** The first names the rule. */
  domains: readonly string[];
  atOnce: number;
  perMinute: number;
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES: Record<string, number> = { kb: 1000, mb: 1_000_000 };
const DOMAIN = /^[a-z0-9\u0080-\uffff]([a-z0-9.\u0080-\uffff-]*[a-z0-9\u0080-\uffff])?$/i;

const setting = <T>(name: string, fallback: string, kind: Kind<T>): Setting<T> => ({ name, fallback, ...kind });
const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** A whole number of a unit, `90s`, in milliseconds. */
function milliseconds(text: string): number | null {
  const [, number, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  return number === undefined ? null : Number(number) * (UNITS[unit] ?? 0);
}

function duration(least: string, most: string): Kind<number> {
  const [from, to] = [milliseconds(least) ?? 0, milliseconds(most) ?? 0];
  const within = (value: number | null) => (value !== null && value >= from && value <= to ? value : null);
  return {
    takes: `a time from ${least} to ${most}, such as ${least} (ms, s, m, h, d)`,
    read: (text) => within(milliseconds(text)),
  };
}

const waits: Kind<readonly number[]> = {
  takes: 'one or more times, such as 15s 30s 1m (ms, s, m, h, d)',
  read: (text) => {
    const read = words(text).map(milliseconds);
    return read.length > 0 && read.every((value) => value !== null && value > 0) ? read.map(Number) : null;
  },
};

function count(least: number, most: number): Kind<number> {
  return {
    takes: `a whole number from ${least} to ${most}`,
    read: (text) => (/^\d{1,9}$/.test(text) && +text >= least && +text <= most ? +text : null),
  };
}

/** A limit that is off unless it is set. */
function limit(most: number): Kind<number> {
  const { read } = count(1, most);
  return {
    takes: `none or a whole number from 1 to ${most}`,
    read: (text) => (text === 'none' ? Number.POSITIVE_INFINITY : read(text)),
  };
}

function size(most: string): Kind<number> {
  const bytes = (text: string): number | null => {
    const [, number, unit = ''] = /^(\d{1,6})\s*(kb|mb)$/i.exec(text.trim()) ?? [];
    return number === undefined ? null : Number(number) * (SIZES[unit.toLowerCase()] ?? 0);
  };
  return {
    takes: `a size up to ${most}, such as 500KB or 7MB`,
    read: (text) => {
      const value = bytes(text);
      return value !== null && value <= (bytes(most) ?? 0) ? value : null;
    },
  };
}

const domains: Kind<readonly string[]> = {
  takes: 'domains with spaces between them, such as example.com example.org',
  read: (text) => (words(text).every((word) => DOMAIN.test(word)) ? words(text.toLowerCase()) : null),
};

const servers: Kind<readonly string[]> = {
  takes: 'addresses of name servers with spaces between them, such as 192.0.2.53 [2001:db8::53]:5353',
  read: (text) => (words(text).every(isServer) ? words(text) : null),
};

function isServer(text: string): boolean {
  const [, six, four = text] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? [];
  return six === undefined ? isIP(four) !== 0 : isIPv6(six);
}

/** Addresses and networks of them. */
const networks: Kind<readonly string[]> = {
  takes: 'addresses and networks with spaces between them, such as 10.1.2.0/24 127.0.0.1',
  read: (text) => (words(text).every((word) => ipaddr.isValidCIDR(word) || isIP(word) !== 0) ? words(text) : null),
};

const domainLimits: Kind<readonly DomainLimit[]> = {
  takes: 'rules such as gmail.com,googlemail.com=4:120 (domains=at once:per minute; * is any other domain), or none',
  read: (text) => {
    if (text === 'none') return [];
    const rules = text.trim().split(/\s+/).map(domainLimit);
    return rules.every((rule) => rule !== null) ? rules : null;
  },
};

function domainLimit(text: string): DomainLimit | null {
  const [, names = '', atOnce, perMinute] = /^([^=]+)=(\d{1,4})(?::(\d{1,6}))?$/.exec(text) ?? [];
  const list = words(names.toLowerCase());
  if (!Number(atOnce) || !list.every((name) => name === '*' || DOMAIN.test(name))) return null;
  return { domains: list, atOnce: Number(atOnce), perMinute: Number(perMinute ?? 0) };
}

/** Providers that slow down or block who sends too fast; together with their other names. */
const BIG_PROVIDERS = [
  'gmail.com,googlemail.com=5:120',
  'outlook.com,hotmail.com,live.com,msn.com=5:120',
  'yahoo.com,ymail.com,aol.com=5:120',
  'icloud.com,me.com,mac.com=5:120',
  'gmx.de,gmx.net,web.de=5:120',
].join(' ');

export const LIMITS = {
  deliveriesAtOnce: setting('DELIVERIES_AT_ONCE', '5', count(1, 100)),
  jobsAtOnce: setting('JOBS_AT_ONCE', '4', count(1, 100)),
  jobLease: setting('JOB_LEASE', '10s', duration('1s', '30s')),
  jobLook: setting('JOB_LOOK', '1s', duration('100ms', '30s')),
  jobRetries: setting('JOB_RETRIES', '5s 10s 20s 40s 1m 5m 15m 1h', waits),
  jobsKept: setting('JOBS_KEPT', '30d', duration('1d', '3650d')),
  stopGrace: setting('STOP_GRACE', '25s', duration('0s', '10m')),
  mailConnectTimeout: setting('MAIL_CONNECT_TIMEOUT', '10s', duration('1s', '5m')),
  mailGreetingTimeout: setting('MAIL_GREETING_TIMEOUT', '30s', duration('1s', '5m')),
  mailSilenceTimeout: setting('MAIL_SILENCE_TIMEOUT', '5m', duration('1s', '30m')),
  mailRetries: setting('MAIL_RETRIES', '15s 30s 1m 2m 5m 15m', waits),
  mailRetryEvery: setting('MAIL_RETRY_EVERY', '1h', duration('1s', '24h')),
  mailRetryFor: setting('MAIL_RETRY_FOR', '48h', duration('0s', '30d')),
  mailServerRetries: setting('MAIL_SERVER_RETRIES', '15s 30s 1m 2m 5m', waits),
  mailDomainLimits: setting('MAIL_DOMAIN_LIMITS', BIG_PROVIDERS, domainLimits),
  mailsPerDay: setting('MAILS_PER_DAY', '5', count(1, 1000)),
  mailsPerDomain: setting('MAILS_PER_DOMAIN', 'none', limit(10_000_000)),
  mailsPerNetwork: setting('MAILS_PER_NETWORK', 'none', limit(10_000_000)),
  mailsPerCampaign: setting('MAILS_PER_CAMPAIGN', 'none', limit(10_000_000)),
  attachedMax: setting('MAIL_ATTACHMENT_MAX', '7MB', size('50MB')),
  dnsServers: setting('DNS_SERVERS', '', servers),
  webhookRetries: setting('WEBHOOK_RETRIES', '5s 5m 30m 2h 5h 10h 14h 20h 24h', waits),
  webhookTimeout: setting('WEBHOOK_TIMEOUT', '15s', duration('1s', '5m')),
  webhooksAtOnce: setting('WEBHOOKS_AT_ONCE', '2', count(1, 100)),
  webhookOverlap: setting('WEBHOOK_SECRET_OVERLAP', '24h', duration('0s', '30d')),
  webhookPrivate: setting('WEBHOOK_PRIVATE_TARGETS', '', networks),
  linkLife: setting('LINK_LIFE', '30d', duration('1h', '3650d')),
  linkDownloads: setting('LINK_DOWNLOADS', '50', count(1, 100_000)),
  scanWindow: setting('SCAN_WINDOW', '5s', duration('0s', '10m')),
  sendAgainPause: setting('SEND_AGAIN_PAUSE', '10m', duration('0s', '24h')),
  importWaits: setting('IMPORT_WAITS', '24h', duration('1m', '30d')),
  formAgeMin: setting('FORM_AGE_MIN', '3s', duration('0s', '1h')),
  formAgeMax: setting('FORM_AGE_MAX', '24h', duration('1m', '30d')),
  postsPerMinute: setting('POSTS_PER_MINUTE', '60', count(1, 1_000_000)),
  postsPerHour: setting('POSTS_PER_HOUR', '600', count(1, 10_000_000)),
  sponsorPeople: setting('SPONSOR_PEOPLE_MAX', '100', count(1, 10_000)),
  personalDomains: setting('PERSONAL_DOMAINS', '', domains),
  disposableDomains: setting('DISPOSABLE_DOMAINS', '', domains),
  businessDomains: setting('BUSINESS_DOMAINS', '', domains),
} as const;

/** Every clock, limit and list of a process: times in milliseconds, sizes in bytes. */
export type Limits = {
  readonly [K in keyof typeof LIMITS]: (typeof LIMITS)[K] extends Setting<infer T> ? T : never;
};

/**
 * Reads the clocks, limits and lists; what is not set has its default.
 * @throws ConfigError on the first that can't be used
 */
export function readLimits(env: Record<string, string | undefined>): Limits {
  const read = Object.entries(LIMITS as Record<string, Setting<unknown>>).map(([key, { name, fallback, ...kind }]) => {
    const value = env[name]?.trim() || fallback;
    const result = kind.read(value);
    return [key, result ?? refuse(name, value, kind.takes)];
  });
  return Object.freeze(Object.fromEntries(read)) as Limits;
}
