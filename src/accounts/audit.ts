import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';
import { isDuplicateKey } from '../store/duplicate';
import { searchable } from '../words';
import type { AuditEntry, AuditKind } from './account.types';
import { AuditModel, type AuditRow } from './audit.model';

/** What a door tells the log. Where it came from and its place in the log are known here. */
export interface Deed {
  /** An account's address, or `cli:<os user>`. */
  actor: string;
  action: string;
  subject?: string;
  /** Everything that a list showed, so that *who has seen this lead* has an answer. */
  subjects?: string[];
  /** A change unless said otherwise. */
  kind?: AuditKind;
  /** The network address; without one, that of the request which is being answered. */
  ip?: string | undefined;
  /** What it was and what it became; only what differs is kept. No personal data of readers: the log is never erased. */
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** A longer value in before or after is cut: the log says that and how something changed, it is no archive. */
const VALUE_MAX = 2000;
const origins = new AsyncLocalStorage<string>();

/** What `run` and everything it starts puts into the log came from this network address. */
export function auditedFrom<T>(ip: string, run: () => T): T {
  return origins.run(ip, run);
}

let queue: Promise<unknown> = Promise.resolve();

/**
 * Notes who did what to what, when, from where, before and after; never what they read. Each entry carries the hash of
 * the one before it, so nothing can be taken out or rewritten without all that follow.
 */
export async function audit(deed: Deed): Promise<void> {
  const ip = deed.ip ?? origins.getStore();
  // One after the other here, so that only another process can be in the way.
  const appended = queue.then(() => append({ ...deed, ip }));
  queue = appended.catch(() => undefined);
  await appended;
}

async function append(deed: Deed): Promise<void> {
  for (;;) {
    const last = await AuditModel.findOne({}, { n: 1, hash: 1 }).sort({ n: -1 }).lean();
    try {
      await AuditModel.create(rowOf(deed, last ?? { n: 0, hash: '' }));
      return;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

function rowOf(deed: Deed, last: Pick<AuditRow, 'n' | 'hash'>): AuditRow {
  const { actor, action, subject = '', subjects, kind = 'change', ip } = deed;
  const about = [...new Set([subject, ...(subjects ?? [])])].filter(Boolean);
  const entry = {
    n: last.n + 1,
    at: new Date(),
    actor,
    ...(ip && { ip }),
    kind,
    action,
    subject,
    ...(about.length > 0 && { subjects: about }),
    ...differences(deed),
  };
  const words = searchable([actor, action, subject]);
  return { _id: randomBytes(9).toString('base64url'), ...entry, words, hash: hashOf(entry, last.hash) };
}

/** Before and after as JSON, without what is the same in both. */
function differences({ before, after }: Deed): { before?: string; after?: string } {
  const [was, is] = [plain(before), plain(after)];
  const same = (key: string) => key in was && key in is && JSON.stringify(was[key]) === JSON.stringify(is[key]);
  const cut = (values: Record<string, unknown>) => {
    const left = Object.entries(values).filter(([key]) => !same(key));
    return left.length > 0 ? JSON.stringify(Object.fromEntries(left)) : undefined;
  };
  const [earlier, later] = [cut(was), cut(is)];
  return { ...(earlier && { before: earlier }), ...(later && { after: later }) };
}

function plain(values: Record<string, unknown> = {}): Record<string, unknown> {
  const short = (_key: string, value: unknown) =>
    typeof value === 'string' && value.length > VALUE_MAX ? `${value.slice(0, VALUE_MAX)}…` : value;
  return JSON.parse(JSON.stringify(values, short)) as Record<string, unknown>;
}

/** SHA-256, hex, over the hash of the entry before and this entry as JSON with its fields in this order. */
export function hashOf(entry: Omit<AuditRow, '_id' | 'words' | 'hash'>, previous: string): string {
  const { n, at, actor, ip = '', kind, action, subject, subjects = [], before = '', after = '' } = entry;
  const fields = [previous, n, at.toISOString(), actor, ip, kind, action, subject, subjects, before, after];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

export function entryOf({ _id, words: _, before, after, ...row }: AuditRow): AuditEntry {
  return {
    ...row,
    ...(before && { before: JSON.parse(before) as Record<string, unknown> }),
    ...(after && { after: JSON.parse(after) as Record<string, unknown> }),
  };
}
