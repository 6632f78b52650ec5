import { Resolver } from 'node:dns/promises';

/** DNS as the doctor asks it: what is not there is empty, and only a server that gives no answer throws. */
export interface Dns {
  /** Each record in one piece, however it was cut (RFC 7208, 3.3). */
  txt(name: string): Promise<string[]>;
  /** Hosts that take a domain's mail, the preferred one first; `''` is a null MX (RFC 7505). */
  mx(name: string): Promise<string[]>;
  /** IPv4 and IPv6 addresses. */
  addresses(host: string): Promise<string[]>;
  /** As `dns.promises.resolve`, for libraries. */
  resolve(name: string, type: string): Promise<string[] | string[][]>;
}

const WAIT_MS = 3000;
const TRIES = 2;

/** @param servers `address` or `address:port`; none: those of the machine */
export function openDns(servers: readonly string[]): Dns {
  const resolver = new Resolver({ timeout: WAIT_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  const found = <T>(answer: Promise<T[]>): Promise<T[]> => answer.catch(nothingThere<T>);
  return {
    txt: async (name) => (await found(resolver.resolveTxt(name))).map((chunks) => chunks.join('')),
    mx: async (name) =>
      (await found(resolver.resolveMx(name))).sort((a, b) => a.priority - b.priority).map(({ exchange }) => exchange),
    addresses: async (host) =>
      (await Promise.all([found(resolver.resolve4(host)), found(resolver.resolve6(host))])).flat(),
    resolve: (name, type) => resolver.resolve(name, type) as Promise<string[] | string[][]>,
  };
}

function nothingThere<T>(error: NodeJS.ErrnoException): T[] {
  if (error.code === 'ENOTFOUND' || error.code === 'ENODATA') return [];
  throw error;
}
