import * as campaigns from '../campaigns/campaigns';
import type { Config } from '../config';
import { GatefoldError } from '../errors';
import * as leads from '../leads/leads';
import type { Channel, Links } from '../links';
import { shortDate } from '../locale';
import * as stamping from '../stamping/stamping';
import { FetchModel } from './delivery.model';

/** What the making of a copy needs from outside. */
export interface CopyDeps {
  links: Links;
  config: Pick<Config, 'dataDir' | 'limits'>;
}

const DUPLICATE_KEY = 11_000;

/**
 * The personal copy of a request: the same bytes at each call, by mail and by link.
 * @throws GatefoldError `unknown-request`, `copy-held` while the campaign wants the mailbox proved first
 */
export async function copyFor(ref: string, deps: CopyDeps): Promise<{ copy: stamping.Copy; fileName: string }> {
  const request = await leads.findRequest(ref);
  if (!request) {
    throw new GatefoldError('not-found', 'unknown-request', {
      log: `no request ${ref}`,
      reader: 'There is no whitepaper behind this link.',
      wayOut: 'Ask for the paper again.',
    });
  }
  if (leads.isHeld(request)) throw heldCopy(ref);
  const [master, site] = await Promise.all([
    campaigns.masterOf(request.whitepaper.master, deps.config.dataDir),
    campaigns.site(),
  ]);
  const { answers, at, whitepaper } = request;
  const reader: stamping.Reader = {
    name: readerName(answers),
    email: answers.email,
    ...(answers.company !== undefined && { company: answers.company }),
    date: shortDate(at, site.locale, site.timezone),
    ref,
    seed: deps.links.seal('copy', `${whitepaper.master} ${ref}`),
  };
  return { copy: stamping.personalise(master, reader), fileName: whitepaper.fileName };
}

function heldCopy(ref: string): GatefoldError {
  return new GatefoldError('forbidden', 'copy-held', {
    log: `the copy of ${ref} waits for the proof of its mailbox`,
    reader: 'Your copy waits until you have confirmed your address.',
    wayOut: 'Press the button in the message that we have sent you.',
  });
}

/** How a reader is named on the copy; a form that asks for no name leaves the address. */
export function readerName({ firstName, lastName, email }: leads.Answers): string {
  return [firstName, lastName].filter(Boolean).join(' ') || email;
}

/** Counts a full download; not allowed once the link has had its `most` (fifty, unless LINK_DOWNLOADS says otherwise). */
export async function recordFetch(
  ref: string,
  channel: Channel,
  most: number,
  at: Date,
): Promise<{ allowed: boolean }> {
  const _id = `${ref} ${channel}`;
  const oneMore = () => countOneMore(_id, most, at);
  return { allowed: (await oneMore()) || (await firstFetch(_id, at)) || (await oneMore()) };
}

async function countOneMore(_id: string, most: number, lastAt: Date): Promise<boolean> {
  const { matchedCount } = await FetchModel.updateOne(
    { _id, count: { $lt: most } },
    { $inc: { count: 1 }, $set: { lastAt } },
  );
  return matchedCount === 1;
}

/** False when there is a row already: it is full, or somebody else's first fetch came in between. */
async function firstFetch(_id: string, at: Date): Promise<boolean> {
  try {
    await FetchModel.create({ _id, count: 1, firstAt: at, lastAt: at });
    return true;
  } catch (error) {
    if ((error as { code?: number }).code === DUPLICATE_KEY) return false;
    throw error;
  }
}

/** Full downloads of a request so far, by channel. */
export async function fetchesOf(ref: string): Promise<Record<Channel, number>> {
  const rows = await FetchModel.find({ _id: { $in: [`${ref} page`, `${ref} mail`] } }).lean();
  const count = (channel: Channel) => rows.find(({ _id }) => _id === `${ref} ${channel}`)?.count ?? 0;
  return { page: count('page'), mail: count('mail') };
}
