import { beginsWith } from '../words';
import type { AuditEntry, AuditKind } from './account.types';
import { entryOf, hashOf } from './audit';
import { AuditModel, type AuditRow } from './audit.model';

export interface AuditFilter {
  /** Beginnings of words of actor, action and subject. */
  words?: string;
  actor?: string;
  action?: string;
  /** What was acted on or seen. */
  subject?: string;
  kind?: AuditKind;
  from?: Date;
  /** Exclusive. */
  to?: Date;
}

/** Where a page ended. */
export interface AuditCursor {
  at: Date;
  n: number;
}

const NEWEST_FIRST = { at: -1, n: -1 } as const;

/** A page of the log, newest first, after `after`. */
export async function auditPage(
  filter: AuditFilter,
  page: { after?: AuditCursor | undefined; limit: number },
): Promise<AuditEntry[]> {
  const rows = await AuditModel.find(auditQuery(filter, page.after)).sort(NEWEST_FIRST).limit(page.limit).lean();
  return rows.map(entryOf);
}

/** The newest entries. */
export async function listAudit(limit = 200): Promise<AuditEntry[]> {
  return auditPage({}, { limit });
}

/** All that a filter finds, newest first, read as the consumer takes them. */
export async function* eachAuditEntry(filter: AuditFilter): AsyncGenerator<AuditEntry> {
  for await (const row of AuditModel.find(auditQuery(filter)).sort(NEWEST_FIRST).lean().cursor({ batchSize: 500 })) {
    yield entryOf(row);
  }
}

function auditQuery({ words, subject, from, to, ...exactly }: AuditFilter, after?: AuditCursor): object {
  // The range beside the alternative begins the read at the cursor instead of at the newest entry; of two upper ends an
  // index takes one, so only the nearer is asked for.
  const upTo = after && (!to || after.at < to) ? { $lte: after.at } : to && { $lt: to };
  const at = { ...(from && { $gte: from }), ...upTo };
  return {
    ...exactly,
    ...(subject !== undefined && { subjects: subject }),
    ...(words !== undefined && (beginsWith(words) ?? {})),
    ...(Object.keys(at).length > 0 && { at }),
    ...(after && { $or: [{ at: { $lt: after.at } }, { at: after.at, n: { $lt: after.n } }] }),
  };
}

export interface AuditCheck {
  entries: number;
  /** The number of the first entry that is missing or not as it was written. */
  brokenAt?: number;
}

/** Reads the whole log and says whether every entry is as it was written and none is missing between them. */
export async function verifyAudit(): Promise<AuditCheck> {
  let last: Pick<AuditRow, 'n' | 'hash'> = { n: 0, hash: '' };
  for await (const row of AuditModel.find({}).sort({ n: 1 }).lean().cursor({ batchSize: 500 })) {
    if (row.n !== last.n + 1 || row.hash !== hashOf(row, last.hash)) {
      return { entries: last.n, brokenAt: last.n + 1 };
    }
    last = row;
  }
  return { entries: last.n };
}
