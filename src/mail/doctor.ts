import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { getDomain } from 'tldts';
import { messageOf } from '../errors';
import { type Dns, openDns } from './dns';
import type { Check, DnsRecord } from './doctor.types';
import { type Dkim, isLoopback, tryServer } from './smtp';
import { checkSpf, type Leaving, providerOf } from './spf';

/** What the doctor looks at: the settings as they are. */
export interface MailSetUp {
  /** Address in From. */
  from: string;
  /** Where DMARC reports may go. */
  contact: string;
  smtpUrl?: string | undefined;
  dkim?: Dkim | undefined;
  /** Domain of return addresses, `sender` for the sender's own; missing: the sender's address itself. */
  returnDomain?: string | undefined;
  /** Host of PUBLIC_URL. */
  publicHost: string;
  dnsServers: readonly string[];
}

const KEY_BITS = 2048;

/**
 * Looks at everything outside this machine that decides whether our mail arrives: the mail server, and SPF, DKIM, DMARC
 * and MX of the sending domain. Each check that fails says which record to add. Never rejects.
 */
export async function examine(setUp: MailSetUp): Promise<Check[]> {
  const dns = openDns(setUp.dnsServers);
  const domain = asciiDomain(setUp.from.slice(setUp.from.lastIndexOf('@') + 1));
  const { returnDomain } = setUp;
  const envelope = !returnDomain || returnDomain === 'sender' ? domain : asciiDomain(returnDomain);
  const exchanges = [...new Set([domain, envelope])];
  const checks = await Promise.all([
    checkServer(setUp.smtpUrl),
    answered('SPF', envelope, async () => aligned(await checkSpf(envelope, await leavingOf(setUp, dns), dns), domain)),
    answered('DKIM', domain, () => checkDkim(domain, setUp.dkim, dns)),
    answered('DMARC', `_dmarc.${domain}`, () => checkDmarc(domain, setUp.contact, dns)),
    ...exchanges.map((one) => answered('MX', one, () => checkMx(one, one === domain, setUp, dns))),
  ]);
  return checks;
}

/** A name server that gives no answer says nothing about the domain. */
async function answered(what: Check['what'], about: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    const advice = 'The name server gave no answer. Try again, or set DNS_SERVERS.';
    return { what, about, state: 'unknown', found: messageOf(error), advice };
  }
}

async function checkServer(smtpUrl: string | undefined): Promise<Check> {
  const what = 'Mail server' as const;
  if (!smtpUrl) {
    const advice = 'Messages become files in the outbox. Set SMTP_URL to send them.';
    return { what, about: 'SMTP_URL', state: 'warning', found: 'not set', advice };
  }
  const { host } = new URL(smtpUrl);
  const trouble = await tryServer(smtpUrl);
  if (trouble === null) return { what, about: host, state: 'good', found: 'answers and lets us in' };
  return { what, about: host, state: 'bad', found: trouble, advice: 'Mail waits until it does. Check SMTP_URL.' };
}

async function leavingOf({ smtpUrl, publicHost }: MailSetUp, dns: Dns): Promise<Leaving> {
  if (!smtpUrl) return null;
  const relay = new URL(smtpUrl).hostname.replace(/^\[|\]$/g, '');
  const include = providerOf(relay);
  if (include) return { by: 'provider', include };
  // A relay on this machine sends from where our pages are, as far as can be told from here.
  const host = isLoopback(relay) || relay === '::1' ? publicHost : relay;
  if (isLoopback(host)) return null;
  return { by: 'host', host, addresses: isIP(host) ? [host] : await dns.addresses(host) };
}

/** DMARC looks at SPF only when the envelope's domain and From's belong together (RFC 7489, 3.1.2). */
function aligned(check: Check, domain: string): Check {
  if (check.state !== 'good' || sameOrganisation(check.about, domain)) return check;
  const advice = `DMARC does not count it, because it is not of ${domain}. Set BOUNCE_DOMAIN to a domain below that.`;
  return { ...check, state: 'warning', advice };
}

const sameOrganisation = (a: string, b: string): boolean => organisationOf(a) === organisationOf(b);
const organisationOf = (domain: string): string => getDomain(domain) ?? domain;

async function checkDkim(domain: string, dkim: Dkim | undefined, dns: Dns): Promise<Check> {
  const what = 'DKIM' as const;
  if (!dkim) {
    const advice = `Make a key with “openssl genrsa -out dkim.pem ${KEY_BITS}”, set DKIM_DOMAIN=${domain}, DKIM_SELECTOR=gatefold and DKIM_KEY_FILE, and look here again for its record. A mail server that signs itself needs none of this.`;
    return { what, about: domain, state: 'warning', found: 'we sign nothing', advice };
  }
  const about = `${dkim.selector}._domainkey.${asciiDomain(dkim.domain)}`;
  const key = publicKeyOf(dkim.keyFile);
  if ('trouble' in key) return { what, about, state: 'bad', found: key.trouble, advice: 'Check DKIM_KEY_FILE.' };
  const record: DnsRecord = { name: about, type: 'TXT', value: `v=DKIM1; k=rsa; p=${key.base64}` };
  const found = (await dns.txt(about)).filter((text) => /(^|;)\s*p\s*=/i.test(text));
  if (found.length === 0) return { what, about, state: 'bad', found: 'no record', advice: 'Add:', record };
  if (!found.some((text) => tagsOf(text).get('p')?.replace(/\s+/g, '') === key.base64)) {
    const advice = 'It is not of the key that we sign with. Put this in its place:';
    return { what, about, state: 'bad', found: found.join(' · '), advice, record };
  }
  if (!sameOrganisation(asciiDomain(dkim.domain), domain)) {
    const advice = `DMARC does not count it, because it is not of ${domain}. Sign with DKIM_DOMAIN=${domain}.`;
    return { what, about, state: 'warning', found: 'the record is of our key', advice };
  }
  if (key.bits >= KEY_BITS) return { what, about, state: 'good', found: 'the record is of our key' };
  const advice = `Keys below ${KEY_BITS} bits are taken for weak. Make a new one under a new selector.`;
  return { what, about, state: 'warning', found: `the record is of our key, of ${key.bits} bits`, advice };
}

function publicKeyOf(keyFile: string): { base64: string; bits: number } | { trouble: string } {
  try {
    const key = createPublicKey(createPrivateKey(readFileSync(keyFile)));
    if (key.asymmetricKeyType !== 'rsa') return { trouble: 'we sign with RSA keys only' };
    const base64 = key.export({ type: 'spki', format: 'der' }).toString('base64');
    return { base64, bits: key.asymmetricKeyDetails?.modulusLength ?? 0 };
  } catch (error) {
    return { trouble: messageOf(error) };
  }
}

/** RFC 7489, 6.6.3: the domain's own record, else that of its organisation. */
async function checkDmarc(domain: string, contact: string, dns: Dns): Promise<Check> {
  const isDmarc = (text: string) => /^v=DMARC1\s*(;|$)/i.test(text);
  const record: DnsRecord = {
    name: `_dmarc.${domain}`,
    type: 'TXT',
    value: `v=DMARC1; p=none; rua=mailto:${contact}`,
  };
  const what = 'DMARC' as const;
  for (const one of new Set([domain, organisationOf(domain)])) {
    const about = `_dmarc.${one}`;
    const found = (await dns.txt(about)).filter(isDmarc);
    const [first = ''] = found;
    if (found.length === 0) continue;
    const policy = tagsOf(first).get('p')?.toLowerCase() ?? '';
    const whole = found.length === 1 && ['none', 'quarantine', 'reject'].includes(policy);
    if (whole) return { what, about, state: 'good', found: first };
    const advice =
      'Receivers take it for none: there must be one, with p=none, quarantine or reject. Put in its place:';
    return { what, about, state: 'bad', found: found.join(' · '), advice, record: { ...record, name: about } };
  }
  const advice = 'Large providers refuse or hide bulk mail without it. Add:';
  return { what, about: `_dmarc.${domain}`, state: 'bad', found: 'no record', advice, record };
}

/** Whether answers (to From) and reports of failure (to return addresses) have somewhere to go. */
async function checkMx(
  domain: string,
  isSender: boolean,
  { returnDomain, publicHost }: MailSetUp,
  dns: Dns,
): Promise<Check> {
  const what = 'MX' as const;
  const hosts = await dns.mx(domain);
  const usable = hosts.filter((host) => host !== '');
  const reached = await Promise.all(usable.map((host) => dns.addresses(host)));
  if (reached.some((addresses) => addresses.length > 0)) {
    return { what, about: domain, state: 'good', found: usable.join(', ') };
  }
  const found = hosts.length === 0 ? 'no record' : usable.join(', ') || 'a null MX: it takes no mail';
  const ours = returnDomain !== undefined && (!isSender || returnDomain === 'sender');
  const host = ours ? publicHost : `mail.${domain}`;
  const record: DnsRecord = { name: domain, type: 'MX', value: `10 ${host}.` };
  const why = isSender ? 'Answers and bounces go nowhere' : 'Bounces go nowhere';
  const advice = ours
    ? `${why}. Add this, and have port 25 there lead to BOUNCE_PORT:`
    : `${why}, and some receivers refuse mail from such a domain. Add this, with the server that keeps your mailboxes:`;
  return { what, about: domain, state: 'bad', found, advice, record };
}

/** `v=DKIM1; p=…` by name (RFC 6376, 3.2). */
function tagsOf(text: string): Map<string, string> {
  return new Map(
    text
      .split(';')
      .map((tag) => [tag.split('=')[0]?.trim().toLowerCase() ?? '', tag.slice(tag.indexOf('=') + 1).trim()]),
  );
}

const asciiDomain = (domain: string): string => domainToASCII(domain.trim()) || domain.trim().toLowerCase();
