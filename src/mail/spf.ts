import { isIP, isIPv6 } from 'node:net';
import type { Dns } from './dns';
import type { Check, DnsRecord } from './doctor.types';

/** Where our mail leaves from: addresses that SPF is asked about, a provider that has a record of its own, or not known. */
export type Leaving = { by: 'host'; host: string; addresses: string[] } | { by: 'provider'; include: string } | null;

/** Mail providers send from more addresses than their relay has, and say what to include. */
const PROVIDERS: readonly [RegExp, string][] = [
  [/(^|\.)(gmail|googlemail)\.com$/, '_spf.google.com'],
  [/(^|\.)office365\.com$/, 'spf.protection.outlook.com'],
  [/^email-smtp\.[\w-]+\.amazonaws\.com$/, 'amazonses.com'],
  [/(^|\.)sendgrid\.net$/, 'sendgrid.net'],
  [/(^|\.)mailgun\.org$/, 'mailgun.org'],
  [/(^|\.)postmarkapp\.com$/, 'spf.mtasv.net'],
  [/(^|\.)mailjet\.com$/, 'spf.mailjet.com'],
  [/(^|\.)brevo\.com$/, 'spf.brevo.com'],
];
/** RFC 7208, 4.6.4. */
const LOOKUPS_MAX = 10;

export const providerOf = (host: string): string | undefined =>
  PROVIDERS.find(([pattern]) => pattern.test(host.toLowerCase()))?.[1];

/** Whether the domain lets our mail server send for it, as a receiver would find (RFC 7208). */
export async function checkSpf(domain: string, leaving: Leaving, dns: Dns): Promise<Check> {
  const records = (await dns.txt(domain)).filter((text) => /^v=spf1(\s|$)/i.test(text));
  const [record = ''] = records;
  const about = { what: 'SPF', about: domain } as const;
  const fixed = { record: wanted(domain, records, mechanismOf(leaving)) };
  if (records.length === 0) {
    const advice = 'Receivers can’t tell your mail server from anybody’s. Add:';
    return { ...about, state: 'bad', found: 'no record', advice, ...fixed };
  }
  if (records.length > 1) {
    const advice = 'Receivers take none of several records (RFC 7208, 4.5). Put one in their place:';
    return { ...about, state: 'bad', found: records.join(' · '), advice, ...fixed };
  }
  if (!leaving) {
    const advice = 'Whether it lets your mail server send can be told once SMTP_URL is set.';
    return { ...about, state: 'unknown', found: record, advice };
  }
  const { good, words } =
    leaving.by === 'provider' ? await includes(record, leaving.include, dns) : await evaluated(domain, leaving, dns);
  if (good) return { ...about, state: 'good', found: record };
  return { ...about, state: 'bad', found: `${record} (${words})`, advice: 'Put this in its place:', ...fixed };
}

type Verdict = { good: boolean; words: string };

async function evaluated(
  domain: string,
  { host, addresses }: Extract<Leaving, { by: 'host' }>,
  dns: Dns,
): Promise<Verdict> {
  if (addresses.length === 0) return { good: false, words: `${host} has no address` };
  const { spf } = await import('mailauth/lib/spf/index.js');
  const results = await Promise.all(
    addresses.map(async (ip) => {
      const { status } = await spf({ sender: `bounce@${domain}`, ip, helo: host, resolver: dns.resolve });
      return { ip, result: status.result };
    }),
  );
  const refused = results.filter(({ result }) => result !== 'pass');
  return {
    good: refused.length === 0,
    words: refused.map(({ ip, result }) => `${result} for ${ip}, an address of ${host}`).join(', '),
  };
}

/** Whether a provider's record is in it, directly or through others. */
async function includes(record: string, include: string, dns: Dns): Promise<Verdict> {
  let looked = 0;
  const seen = async (text: string): Promise<boolean> => {
    const named = [...text.matchAll(/(?:\s\+?include:|\sredirect=)(\S+)/gi)].map(([, name = '']) => name.toLowerCase());
    if (named.includes(include)) return true;
    for (const name of named) {
      looked += 1;
      if (looked > LOOKUPS_MAX) return false;
      const found = (await dns.txt(name)).find((one) => /^v=spf1(\s|$)/i.test(one));
      if (found && (await seen(found))) return true;
    }
    return false;
  };
  return { good: await seen(record), words: `it does not include ${include}` };
}

function mechanismOf(leaving: Leaving): string {
  if (!leaving) return 'mx';
  if (leaving.by === 'provider') return `include:${leaving.include}`;
  if (!isIP(leaving.host)) return `a:${leaving.host}`;
  return `${isIPv6(leaving.host) ? 'ip6' : 'ip4'}:${leaving.host}`;
}

/** What is there, once each, with ours in front; a domain that ends in no `all` and no redirect gets a soft one. */
function wanted(domain: string, records: string[], mechanism: string): DnsRecord {
  const terms = [...new Set(records.flatMap((text) => text.trim().split(/\s+/).slice(1)))];
  const isEnd = (term: string) => /^(?:[-~?+]?all$|redirect=)/i.test(term);
  const rest = terms.filter((term) => !isEnd(term) && term !== mechanism);
  const end = terms.find(isEnd) ?? '~all';
  return { name: domain, type: 'TXT', value: ['v=spf1', mechanism, ...rest, end].join(' ') };
}
