import { lookup, Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Limits } from './limits';

export type TargetLimits = Pick<Limits, 'dnsServers' | 'webhookPrivate'>;

/** Where somebody else's address leads: its machines, every one of them looked at. Nothing else may be connected to. */
export interface Target {
  url: URL;
  addresses: { address: string; family: 4 | 6 }[];
}

/** The address can't be used, in words for whoever typed it. */
export class BadTarget extends Error {
  /** @param forNow a name without an address may have one tomorrow */
  constructor(
    words: string,
    readonly forNow = false,
  ) {
    super(words);
  }
}

/**
 * Resolves an address once and judges what it finds: one address that is not public, and not on the publisher's list, and
 * nothing is reached at all. Who connects must connect to these and never ask DNS again (DNS rebinding): see `lookupOf`.
 * @param options.plain takes http:// as well, where nothing is told that is not public
 * @throws BadTarget
 */
export async function targetOf(text: string, limits: TargetLimits, { plain = false } = {}): Promise<Target> {
  const url = readUrl(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) ? [host] : await resolved(host, limits.dnsServers);
  if (found.length === 0) throw new BadTarget(`${host} has no address`, true);
  const listed = (address: string) => isListed(address, limits.webhookPrivate);
  if (found.some((address) => !listed(address) && !isPublic(address))) {
    throw new BadTarget(`${host} is not a public address`);
  }
  if (url.protocol === 'http:' && !plain && !found.every(listed))
    throw new BadTarget('the address must begin with https://');
  return { url, addresses: found.map((address) => ({ address, family: isIP(address) === 6 ? 6 : 4 })) };
}

/** For Node's requests: the machines that were looked at, and no question to DNS. */
export function lookupOf({ addresses }: Target): LookupFunction {
  return (_host, { all }, done) => {
    const [first] = addresses;
    if (all) done(null, addresses);
    else done(null, first?.address ?? '', first?.family);
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['https:', 'http:'].includes(url.protocol)) throw new BadTarget('this is not a web address');
  if (url.username || url.password) throw new BadTarget('the address may not hold a name or a password');
  return url;
}

/** By the settings' servers; without them as the machine resolves names. */
async function resolved(host: string, servers: readonly string[]): Promise<string[]> {
  const none = (): string[] => [];
  if (servers.length === 0) {
    return lookup(host, { all: true }).then((all) => all.map(({ address }) => address), none);
  }
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  resolver.setServers(servers);
  return (await Promise.all([resolver.resolve4(host).catch(none), resolver.resolve6(host).catch(none)])).flat();
}

/** An IPv4 address in IPv6's clothes (RFC 4291, 2.5.5.2) is judged as what it is. */
const undressed = (address: string) => ipaddr.process(address);

/** Global unicast: of IPv6 that is 2000::/3 without what is set aside in it (RFC 4291, 2.4; RFC 6890). */
export function isPublic(address: string): boolean {
  const ip = undressed(address);
  if (ip.range() !== 'unicast') return false;
  return ip instanceof ipaddr.IPv4 || ip.match(ipaddr.IPv6.parse('2000::'), 3);
}

function isListed(address: string, networks: readonly string[]): boolean {
  const ip = undressed(address);
  return networks.some((text) => {
    const [base, bits] = ipaddr.isValidCIDR(text)
      ? ipaddr.parseCIDR(text)
      : ([undressed(text), undressed(text).kind() === 'ipv4' ? 32 : 128] as const);
    return base.kind() === ip.kind() && ip.match(base as ipaddr.IPv4, bits);
  });
}
