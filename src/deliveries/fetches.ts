import type { Channel, ReaderToken } from '../links';
import { isDuplicateKey } from '../store/duplicate';
import { FetchModel } from './delivery.model';
import { generationOf } from './reader-links';

/** What fetched a copy: somebody, or a program that looks into the mail before its reader does. */
export interface Fetch {
  link: Pick<ReaderToken, 'request' | 'channel' | 'generation'>;
  scanner: boolean;
  at: Date;
}

/**
 * Counts a full download; not allowed once the link has had its `most` (fifty, unless LINK_DOWNLOADS says otherwise). A
 * scanner's counts against the link like any, so that nobody fetches without end by calling itself one, and is in no figure.
 */
export async function recordFetch({ link, scanner, at }: Fetch, most: number): Promise<{ allowed: boolean }> {
  const _id = idOf(link.request, link.channel, link.generation);
  const oneMore = () => countOneMore(_id, most, scanner, at);
  return { allowed: (await oneMore()) || (await firstFetch(_id, scanner, at)) || (await oneMore()) };
}

async function countOneMore(_id: string, most: number, scanner: boolean, at: Date): Promise<boolean> {
  const { matchedCount } = await FetchModel.updateOne(
    { _id, count: { $lt: most } },
    scanner
      ? { $inc: { count: 1, scans: 1 }, $set: { scannedAt: at } }
      : { $inc: { count: 1 }, $min: { firstAt: at }, $set: { lastAt: at } },
  );
  return matchedCount === 1;
}

/** False when there is a row already: it is full, or somebody else's first fetch came in between. */
async function firstFetch(_id: string, scanner: boolean, at: Date): Promise<boolean> {
  try {
    await FetchModel.create({
      _id,
      count: 1,
      ...(scanner ? { scans: 1, scannedAt: at } : { firstAt: at, lastAt: at }),
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Full downloads by readers of a request's links, of whatever generation; scanners' are counted apart. */
export interface Fetched {
  request: string;
  channel: Channel;
  readers: number;
  scanners: number;
  firstAt?: Date;
  lastAt?: Date;
  scannedAt?: Date;
}

export async function fetchedOf(refs: string[]): Promise<Fetched[]> {
  const generations = await generationOf(refs);
  const ids = refs.flatMap((ref) =>
    Array.from({ length: (generations.get(ref) ?? 0) + 1 }, (_, generation) =>
      (['page', 'mail'] as const).map((channel) => idOf(ref, channel, generation)),
    ).flat(),
  );
  const rows = await FetchModel.find({ _id: { $in: ids } }).lean();
  return rows.map(({ _id, count, scans = 0, firstAt, lastAt, scannedAt }) => {
    const [request = '', channel] = _id.split(' ');
    const seen = { ...(firstAt && { firstAt }), ...(lastAt && { lastAt }), ...(scannedAt && { scannedAt }) };
    return { request, channel: channel === 'mail' ? 'mail' : 'page', readers: count - scans, scanners: scans, ...seen };
  });
}

/** Full downloads of a request by its readers so far, by channel. */
export async function fetchesOf(ref: string): Promise<Record<Channel, number>> {
  const fetched = await fetchedOf([ref]);
  const count = (channel: Channel) =>
    fetched.filter((one) => one.channel === channel).reduce((sum, { readers }) => sum + readers, 0);
  return { page: count('page'), mail: count('mail') };
}

const idOf = (ref: string, channel: Channel, generation: number): string =>
  `${ref} ${channel}${generation > 0 ? ` ${generation}` : ''}`;
