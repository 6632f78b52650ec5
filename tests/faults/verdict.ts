import type { Db } from 'mongodb';
import { Links } from '../../src/links';
import { SECRET } from './house';
import type { Acceptance, PostOffice } from './post-office';
import type { Asked } from './readers';
import type { Fault } from './storm';

/** What is left when the storm is over. Each list is of what should not be. */
export interface Verdict {
  /** A 303, and no request on disk. */
  lost: string[];
  /** Requests with no delivery that has ended, or with more than one. */
  unsettled: string[];
  /** Sent, we say, and the mail server never took it. */
  neverTaken: string[];
  /** Bounced, we say, and the mail server never refused it. */
  neverRefused: string[];
  /** Taken under a Message-ID that is no delivery's, or to another address. */
  strange: string[];
  /** Repeats that no fault explains. */
  unexplained: string[];
  figures: {
    requests: number;
    states: Record<string, number>;
    messages: number;
    /** Messages that the mail server took again under the same Message-ID, by what fell in between. */
    repeats: Record<string, number>;
  };
}

interface Sent {
  request: string;
  to: string;
  state: string;
  messageId: string;
}

/** An outcome is recorded well within this, unless something keeps it. */
const RECORDED_MS = 3000;

export async function judge(db: Db, asked: Asked, office: PostOffice, faults: Fault[]): Promise<Verdict> {
  const ids = async (name: string) => (await db.collection<{ _id: string }>(name).find().toArray()).map((r) => r._id);
  const refs = new Set([...(await ids('leads')), ...(await ids('requests'))]);
  const rows = await db.collection<Sent>('deliveries').find().toArray();
  const ended = rows.filter(({ state }) => state === 'sent' || state === 'bounced');
  const settled = groupBy(ended, ({ request }) => request);
  const taken = groupBy(office.accepted, ({ messageId }) => messageId);
  const known = new Map(rows.map((row) => [row.messageId, row.to]));
  const links = new Links('http://localhost', [SECRET]);
  const refOf = (token: string) => {
    const reading = links.readReaderToken(token, new Date());
    return reading.state === 'valid' ? reading.token.request : token;
  };
  const repeats = [...taken.values()].flatMap((all) => all.slice(0, -1));
  const excuses = repeats.map((one) => excuseFor(one, faults));
  return {
    lost: asked.acknowledged.map(({ token }) => refOf(token)).filter((ref) => !refs.has(ref)),
    unsettled: [...refs].filter((ref) => (settled.get(ref) ?? []).length !== 1),
    neverTaken: ended.filter((row) => row.state === 'sent' && !taken.has(row.messageId)).map(({ to }) => to),
    neverRefused: ended.filter((row) => row.state === 'bounced' && !office.refused.has(row.to)).map(({ to }) => to),
    strange: office.accepted.filter(({ messageId, to }) => known.get(messageId) !== to).map(({ to }) => to),
    unexplained: repeats.filter((_, i) => excuses[i] === null).map(({ to, at }) => `${to} at ${at}`),
    figures: {
      requests: refs.size,
      states: tally(rows.map(({ state }) => state)),
      messages: taken.size,
      repeats: tally(excuses.map((excuse) => excuse ?? 'nothing')),
    },
  };
}

/** What fell between the mail server's yes and our record of it. */
function excuseFor({ at, line, told }: Acceptance, faults: Fault[]): string | null {
  if (!told) return 'hung up after the final dot';
  const between = faults.filter(({ from, until }) => from <= at + RECORDED_MS && until >= at - 500);
  const ofAll = between.find(({ what }) => what === 'store killed' || what === 'disk full');
  const ofOne = between.find(({ what, n }) => n === line && ['worker killed', 'line cut', 'line slow'].includes(what));
  return (ofOne ?? ofAll)?.what ?? null;
}

export function tally(words: string[]): Record<string, number> {
  return Object.fromEntries([...groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]));
}

function groupBy<T>(list: T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}
